"""A bounded log is cut no further than views, processes and what is open allow."""

import pytest

from wayfold.errors import PositionCut
from wayfold.log import Fact, Keep, Log
from wayfold.log.sqlite import SqliteStore
from wayfold.reactions import Effect, OnFailure, Process, Runner, SetDeadline, VirtualClock


class Tally(Process):
    """Counts per jar; a jar that is marked has a deadline, and its end is told."""

    name = "tally"
    hears = "jar.*"
    initial = 0

    def fold(self, state, record):
        return state + record.data.get("put", 0)

    def decide(self, state, record):
        if record.data.get("marked"):
            yield SetDeadline("look", record.time_ns + 10**9)
        if record.name == "deadline.expired":
            yield Effect("tell", {"jar": record.data["key"], "holds": state})


def opened(path):
    return Log(SqliteStore(path, keep=Keep(records=500)))


def fill(log, runner, count=3000):
    for _ in range(0, count, 500):
        log.append_facts(Fact("jar.filled", f"jar/{k % 2}", {"put": 1}) for k in range(500))
        runner.settle()


def test_a_file_is_cut_up_to_what_a_table_has_taken(path, jars, clock):
    with opened(path) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(jars.Jars(), inline=True)
        log.append_facts(Fact("jar.filled", f"jar/{k}", {"put": 1}) for k in range(3000))
        log.append("jar.filled", "jar/x", {"put": 1})

        assert log.cut > 2000
        assert view.lag == 0
        assert len(jars.answer(view)) == 3001


def test_states_of_a_process_outlive_the_records_that_they_came_from(path):
    told = []
    for expected in (1500, 3000, 4500):
        clock = VirtualClock()
        with opened(path) as log, Runner(log, clock=clock) as runner:
            runner.perform("tell", lambda call: told.append(call.arguments), here=True)
            tally = runner.react(Tally())
            fill(log, runner)
            assert tally.state("jar/0") == expected
            states = tally.states
        with opened(path) as log, Runner(log, clock=VirtualClock()) as runner:
            assert runner.react(Tally()).states == states
            assert log.cut == 0 or expected > 1500

    assert sum(states.values()) == 9000
    assert told == []


def test_what_is_open_is_not_cut(path, clock):
    told = []
    with opened(path) as log, Runner(log, clock=clock) as runner:
        runner.perform("tell", lambda call: told.append(dict(call.arguments)), here=True)
        runner.react(Tally())
        log.append("jar.filled", "jar/0", {"put": 1, "marked": True})
        runner.settle()
        marked = log.head
        fill(log, runner)
    with opened(path) as log, Runner(log, clock=clock) as runner:
        runner.perform("tell", lambda call: told.append(dict(call.arguments)), here=True)
        runner.react(Tally())
        fill(log, runner)
        assert log.cut < marked
        clock.advance(10**9)
        runner.settle()
        fill(log, runner)

        assert [each["jar"] for each in told] == ["jar/0"]
        assert runner.deadlines() == runner.pending() == []


def test_a_bounded_log_in_memory_waits_for_its_views(jars, clock):
    log = Log.memory(keep=10)
    with Runner(log, clock=clock) as runner:
        view = runner.follow(jars.Totals())
        runner.settle()
        log.append("jar.filled", "jar/a", {"put": 1})
        runner.settle()
        jars.put(log, *[1] * 100)
        assert log.cut <= 1
        runner.settle()
        jars.put(log, 1)
        runner.settle()
        jars.put(log, *[1] * 20)
        runner.settle()

        assert view.state == {"jar/a": 122}
        assert log.cut > 50
    jars.put(log, *[1] * 50)
    assert log.cut > 150


def test_a_bounded_log_in_memory_waits_for_a_view_that_is_made_anew(jars, clock):
    class Pausing(jars.Totals):
        is_open, on_failure = True, OnFailure(retries=1, first_s=60.0)

        def fold(self, state, record):
            if not self.is_open:
                raise ValueError("not now")
            return super().fold(state, record)

    log, totals = Log.memory(keep=10), Pausing()
    with Runner(log, clock=clock) as runner:
        view = runner.follow(totals)
        jars.put(log, 1)
        runner.settle()
        view.rebuild()
        totals.is_open = False
        runner.turn()
        totals.is_open = True
        for _ in range(10):
            jars.put(log, *[1] * 100)
            runner.settle()
        assert (view.state, view.is_rebuilding, log.cut) == ({"jar/a": 1001}, True, 0)
        clock.advance(60.0)
        runner.settle()
        jars.put(log, *[1] * 100)

        assert (view.is_rebuilding, view.state) == (False, {"jar/a": 1001})
        assert log.cut > 900


def test_a_view_is_not_made_anew_of_what_was_dropped(jars, clock):
    log = Log.memory(keep=10)
    with Runner(log, clock=clock) as runner:
        view = runner.follow(jars.Totals())
        for _ in range(10):
            jars.put(log, *[1] * 10)
            runner.settle()
        with pytest.raises(PositionCut):
            view.rebuild()

        assert not view.is_rebuilding


def test_a_bounded_log_in_memory_waits_for_no_inline_view(jars, clock):
    log = Log.memory(keep=10)
    jars.put(log, 1)
    with Runner(log, clock=clock) as runner:
        view = runner.follow(jars.Totals(), inline=True)
        jars.put(log, *[1] * 100)
        assert log.cut > 50
        assert view.state == {"jar/a": 101}


def test_a_dry_run_at_a_position_that_is_not_there_is_refused(path, clock):
    with opened(path) as log, Runner(log, clock=clock) as runner:
        fill(log, runner)
        log.append("lamp.lit", "lamp/1")
        assert log.cut > 0
        with pytest.raises(PositionCut):
            runner.pending(at=log.cut - 1)
        with pytest.raises(IndexError, match=f"no position {log.head + 1}: there are {log.cut} to"):
            runner.deadlines(at=log.head + 1)

        assert runner.pending(at=log.cut) == runner.pending(at=log.head) == []
