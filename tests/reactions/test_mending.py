"""Views that fail, are made anew, or cannot be reached."""

import pytest

from wayfold.errors import ReactionFailed
from wayfold.log import Fact, Log
from wayfold.reactions import OnFailure, Runner, Then


def test_a_record_that_fails_is_retried_then_parked_with_those_of_its_key(log, runner, clock, jars):
    totals = jars.Totals()
    view = runner.follow(totals)
    jars.put(log, 1, None, 2)
    jars.put(log, 5, jar="jar/b")
    runner.settle()
    assert (view.position, view.parked) == (1, [])
    clock.advance(1.0)
    runner.settle()

    assert view.position == 4
    assert view.state == {"jar/a": 1, "jar/b": 5}
    assert [(p.position, p.key) for p in view.parked] == [(2, "jar/a"), (3, "jar/a")]
    assert view.parked[0].error == "ValueError: a bad coin"
    assert totals.seen.count(3) == 0
    assert not view.replicated_up_to(4)


def test_a_reason_that_is_no_text_parks_as_well(log, runner, jars, caplog):
    class Odd(jars.Jars):
        def apply(self, tables, record):
            raise ValueError("caf\udce9")

    caplog.set_level("CRITICAL", "wayfold.reactions")  # a report of a test is text
    view = runner.follow(Odd())
    jars.put(log, 1)
    runner.settle()

    assert [parked.error for parked in view.parked] == ["ValueError: caf\\udce9"]


def test_what_is_parked_is_said_to_pythons_logger(log, runner, clock, jars, caplog):
    runner.follow(jars.Totals())
    jars.put(log, 1, None, 2)
    for _ in range(4):
        runner.settle()
        clock.advance(1.0)

    (said,) = caplog.records
    assert said.name == "wayfold.reactions"
    assert said.getMessage().startswith(
        "totals parked jar.filled at position 2, and will what follows"
    )
    assert isinstance(said.exc_info[1], ValueError)


def test_what_is_made_anew_may_stand_and_be_told_to_resume(log, runner, jars):
    class Standing(jars.Jars):
        on_failure = OnFailure(retries=0, then=Then.STOP)

    jars_view = Standing()
    jars_view.is_fixed = True
    view = runner.follow(jars_view)
    jars.put(log, None)
    runner.settle()
    view.rebuild()
    jars_view.is_fixed = False
    with pytest.raises(ReactionFailed):
        runner.settle()
    assert isinstance(view.failure, ReactionFailed)
    jars_view.is_fixed = True
    view.resume()
    runner.settle()

    assert (view.failure, view.is_rebuilding) == (None, False)


@pytest.mark.parametrize("make", ["Totals", "Jars"])
def test_what_was_parked_is_released_in_order(log, runner, clock, jars, make):
    view = runner.follow(getattr(jars, make)())
    jars.put(log, 1, None, 2)
    runner.settle()
    clock.advance(1.0)
    runner.settle()
    with pytest.raises(ValueError, match="a bad coin"):
        view.release("jar/a")
    assert len(view.parked) == 2
    jars.put(log, 4)
    runner.settle()
    view.view.is_fixed = True

    assert view.release("jar/a") == 3
    assert jars.answer(view) == {"jar/a": 8}
    assert view.parked == []
    jars.put(log, 8)
    runner.settle()
    assert jars.answer(view) == {"jar/a": 16}


def test_what_was_parked_is_dropped_for_good(path, jars):
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(jars.Jars())
        jars.put(log, 1, None, 2)
        runner.settle()
        assert len(view.parked) == 2
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(jars.Jars())
        assert [p.position for p in view.parked] == [2, 3]
        assert view.drop("jar/a") == 2
        jars.put(log, 4)
        runner.settle()

        assert (jars.answer(view), view.parked) == ({"jar/a": 5}, [])


def test_parked_records_hold_the_log_back_from_being_cut(log, runner, jars):
    view = runner.follow(jars.Jars())
    jars.put(log, 1, None)
    jars.put(log, 2, jar="jar/b")
    runner.settle()
    held = "SELECT position FROM hold WHERE name LIKE '%parked'"
    assert log.read(held) == [(1,)]
    view.drop("jar/a")

    assert log.read(held) == []


def test_a_view_may_stand_instead_until_it_is_told_to_resume(log, runner, jars):
    class Strict(jars.Totals):
        on_failure = OnFailure(retries=0, then=Then.STOP)

    view, other = runner.follow(Strict()), runner.follow(jars.Jars())
    jars.put(log, 1, None)
    jars.put(log, 5, jar="jar/b")
    with pytest.raises(ReactionFailed, match="totals failed at position 2: ValueError: a bad coin"):
        runner.settle()
    runner.settle()

    assert (view.position, view.state) == (1, {"jar/a": 1})
    assert other.position == 3
    with pytest.raises(ReactionFailed):
        view.wait_for(3)
    view.view.is_fixed = True
    view.resume()
    runner.settle()
    assert view.state == {"jar/a": 2, "jar/b": 5}


@pytest.mark.parametrize("make", ["Totals", "Jars"])
@pytest.mark.parametrize("is_inline", [False, True])
def test_a_view_is_made_anew_beside_the_one_that_answers(log, runner, jars, make, is_inline):
    view = runner.follow(getattr(jars, make)(), inline=is_inline)
    log.append_facts(Fact("jar.filled", "jar/a", {"put": int(k < 900)}) for k in range(1500))
    runner.settle()
    view.rebuild()
    runner.turn()
    assert view.is_rebuilding
    assert jars.answer(view) == {"jar/a": 900}
    jars.put(log, 7)
    runner.settle()

    assert not view.is_rebuilding
    assert jars.answer(view) == {"jar/a": 907}
    jars.put(log, 1)
    runner.settle()
    assert jars.answer(view) == {"jar/a": 908}


def test_tables_of_another_version_answer_until_the_new_ones_have_caught_up(path, jars):
    with Log.open(path) as log, Runner(log) as runner:
        runner.follow(jars.Jars())
        log.append_facts(Fact("jar.filled", f"jar/{k}", {"put": 1}) for k in range(2500))
        runner.settle()
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(jars.Doubled())
        runner.turn()
        assert jars.answer(view)["jar/2499"] == 1
    with Log.open(path) as log, Runner(log) as runner:  # cut short, and it goes on
        view = runner.follow(jars.Doubled())
        assert log.read("SELECT position FROM hold WHERE name = 'view/jars/2'")[0][0] >= 1000
        runner.settle()

        assert set(jars.answer(view).values()) == {2}
        assert log.read("SELECT total FROM jar WHERE name = 'jar/7'") == [(2,)]
        assert log.read("SELECT generation FROM build") == [(2,)]


def test_a_store_out_of_reach_is_told_and_comes_back_by_itself(log, runner, clock, jars):
    abroad = jars.Abroad()
    view = runner.follow(abroad)
    jars.put(log, 1)
    runner.settle()
    assert view.as_of == (1, 0.0)
    abroad.fault = "gone"
    jars.put(log, 2, 3)
    runner.settle()
    clock.advance(7.0)
    runner.settle()

    assert view.read("jar/a") == 1
    assert view.as_of == (1, 7.0)
    assert "gone" in str(view.unreachable)
    assert view.parked == []
    abroad.fault = None
    clock.advance(5.0)
    runner.settle()
    assert (view.read("jar/a"), view.as_of, view.unreachable) == (6, (3, 0.0), None)


def test_a_store_that_went_after_it_wrote_is_asked_where_it_is(log, runner, clock, jars):
    abroad = jars.Abroad()
    view = runner.follow(abroad)
    jars.put(log, 1)
    runner.settle()
    abroad.fault = "gone afterwards"
    jars.put(log, 2)
    runner.settle()
    abroad.fault = None
    jars.put(log, 4)
    clock.advance(1.0)
    runner.settle()

    assert (view.read("jar/a"), view.position) == (7, 3)


def test_a_store_is_asked_where_it_is_before_anything_is_released_into_it(path, jars):
    class Fussy(jars.Abroad):
        is_fixed = False

        def store(self, before, after, records):
            if not self.is_fixed and any(record.data["put"] == 2 for record in records):
                raise ValueError("no twos")
            super().store(before, after, records)

    abroad = Fussy()
    with Log.open(path) as log, Runner(log) as runner:
        runner.follow(abroad)
        jars.put(log, 1)
        jars.put(log, 2, jar="jar/b")
        jars.put(log, 4)
        runner.settle()
    abroad.is_fixed = True
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(abroad)

        assert view.release("jar/b") == 1
        assert (abroad.data, abroad.at) == ({"jar/a": 5, "jar/b": 2}, 3)
