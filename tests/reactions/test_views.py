"""Views: in memory, in tables, elsewhere; following or inline."""

import pytest

from wayfold.errors import PositionCut, PositionMoved, ReactionFailed, StatementRefused, WaitTimeout
from wayfold.log import Fact, Log
from wayfold.reactions import Runner


def test_a_view_in_memory_is_the_fold_of_what_it_hears(log, runner, jars):
    jars.put(log, 1, 2)
    view = runner.follow(jars.Totals())
    log.append("lamp.lit", "lamp/1")
    jars.put(log, 4, jar="jar/b")
    assert (view.lag, view.position, view.state) == (4, 0, {})
    runner.settle()

    assert (view.lag, view.position) == (0, 4)
    assert view.state == {"jar/a": 3, "jar/b": 4}
    assert view.replicated_up_to(4)


def test_a_view_in_tables_is_there_for_plain_sql(log, runner, jars):
    view = runner.follow(jars.Jars())
    jars.put(log, 1, 2)
    runner.settle()

    assert jars.answer(view) == {"jar/a": 3}
    assert log.read("SELECT * FROM jar") == [("jar/a", 3)]


def test_a_view_in_tables_goes_on_where_it_was(path, jars):
    for _ in range(3):
        with Log.open(path) as log, Runner(log) as runner:
            view = runner.follow(jars.Jars())
            jars.put(log, 1)
            runner.settle()
            assert view.position == log.head

    with Log.open(path, read_only=True) as log:
        assert log.read("SELECT * FROM jar") == [("jar/a", 3)]


def test_a_view_elsewhere_keeps_its_own_position(log, runner, jars):
    abroad = jars.Abroad()
    view = runner.follow(abroad)
    jars.put(log, 1, 2)
    runner.settle()

    assert (abroad.at, view.position, view.read("jar/a")) == (2, 2, 3)


def test_what_follows_is_waited_for(log, runner, jars):
    view = runner.follow(jars.Totals())
    jars.put(log, 1)
    view.wait_for(1)
    assert view.state == {"jar/a": 1}

    with pytest.raises(WaitTimeout, match="position 2 in view totals"):
        view.wait_for(2, timeout=0.01)


def test_two_of_one_name_are_refused(runner, jars):
    runner.follow(jars.Totals())
    with pytest.raises(ValueError, match="totals is there already"):
        runner.follow(jars.Totals())


def test_somebody_else_who_moves_a_view_is_noticed(log, runner, jars):
    runner.follow(jars.Jars())
    jars.put(log, 1)
    runner.settle()
    log.write(lambda beside: beside.hold("view/jars/1", 0))
    jars.put(log, 2)
    with pytest.raises(PositionMoved, match="was expected at position 1 and is at 0"):
        runner.settle()

    assert log.read("SELECT * FROM jar") == [("jar/a", 1)]


def test_one_that_was_moved_keeps_no_other_from_being_closed(path, jars):
    class Dull(jars.Jars):
        name, hears, tables = "dull", "dust.*", ("dust",)
        schema = "CREATE TABLE {dust} (grains INTEGER)"

    with Log.open(path) as log:
        runner = Runner(log)
        runner.follow(jars.Jars())
        runner.follow(Dull())
        runner.settle()
        log.append("something.else", "thing/1")
        runner.settle()
        log.write(lambda beside: beside.hold("view/jars/1", 7))
        with pytest.raises(PositionMoved):
            runner.close()

        assert log.holds["view/dull/1"] == 1


def test_a_runner_is_closed_behind_its_log_without_a_word(path, jars):
    with Runner(Log.open(path)) as runner:
        runner.follow(jars.Jars())
        runner.settle()
        runner.log.append("something.else", "thing/1")
        runner.settle()
        runner.log.close()


def test_a_view_of_what_has_been_dropped_is_refused(clock, jars):
    log = Log.memory(keep=10)
    jars.put(log, *range(50))
    with Runner(log, clock=clock) as runner:
        runner.follow(jars.Totals())
        with pytest.raises(PositionCut):
            runner.settle()


@pytest.mark.parametrize("make", ["Totals", "Jars"])
def test_an_inline_view_is_never_behind(log, runner, jars, make):
    jars.put(log, 1)
    view = runner.follow(getattr(jars, make)(), inline=True)
    jars.put(log, 2, 3)

    assert jars.answer(view) == {"jar/a": 6}
    assert (view.lag, view.position) == (0, 3)


@pytest.mark.parametrize("first", [True, False])
def test_an_inline_view_that_fails_rejects_the_append_wholly(log, runner, jars, first):
    told = []
    views = [runner.follow(make(), inline=True) for make in (jars.Totals, jars.Jars)]
    views[first].view.is_fixed = True
    log.listen(lambda *news: told.append(news))
    jars.put(log, 1)
    facts = [Fact("jar.filled", "jar/a", {"put": 5}), Fact("jar.filled", "jar/a", {"bad": True})]
    with pytest.raises(ReactionFailed, match="a bad coin; nothing was written"):
        log.append_facts(facts)

    assert [jars.answer(view) for view in views] == [{"jar/a": 1}] * 2
    assert (log.head, len(told)) == (1, 1)
    jars.put(log, 2)
    assert log.head == views[0].position == views[1].position == 2


def test_a_constraint_of_an_inline_table_rejects_the_append(log, runner, jars):
    view = runner.follow(jars.Jars(), inline=True)
    jars.put(log, 999)
    with pytest.raises(ReactionFailed, match="CHECK constraint failed") as caught:
        jars.put(log, 1)

    assert isinstance(caught.value.__cause__, StatementRefused)
    assert (log.head, jars.answer(view)) == (1, {"jar/a": 999})


def test_an_inline_view_catches_up_after_a_start_without_it(path, jars):
    with Log.open(path) as log, Runner(log) as runner:
        runner.follow(jars.Jars(), inline=True)
        jars.put(log, 1)
    with Log.open(path) as log:
        jars.put(log, 2)
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(jars.Jars(), inline=True)
        jars.put(log, 4)

        assert jars.answer(view) == {"jar/a": 7}
