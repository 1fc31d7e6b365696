"""The runner waits without polling, is woken from anywhere, and follows what others write."""

import os
import select
import subprocess
import sys
import threading
import time

import pytest

from wayfold.errors import LogDamaged, ReactionFailed, WaitTimeout
from wayfold.log import Log
from wayfold.reactions import (
    OnFailure,
    Process,
    Runner,
    SetDeadline,
    SystemClock,
    Then,
    View,
    VirtualClock,
)
from wayfold.reactions.inbox import Inbox


class Count(View):
    name = "count"
    hears = "tick"
    initial = 0

    def fold(self, state, record):
        return state + 1


def test_a_class_instead_of_a_view_or_process_is_told(runner, jars):
    for take in (runner.follow, runner.react):
        with pytest.raises(TypeError, match=r"not the class Totals: give Totals\(\)"):
            take(jars.Totals)


def test_run_ends_when_its_time_is_up_or_what_is_waited_for_is_so(log):
    with Runner(log) as runner:
        view = runner.follow(Count())
        log.append("tick", "clock")
        assert runner.run(timeout=0.01) is False
        assert runner.run(until=lambda: view.state == 1)


def test_another_thread_stops_it_and_has_functions_called(log):
    with Runner(log) as runner:
        callers = []
        thread = threading.Thread(target=runner.stop)
        runner.call(lambda: callers.append(threading.get_ident()))
        runner.call(thread.start)
        assert runner.run(timeout=20)
        thread.join()

    assert callers == [threading.get_ident()]


def test_stop_ends_the_next_run_and_no_wait_for_a_view(log, runner):
    view = runner.follow(Count())
    runner.call(runner.stop)
    with pytest.raises(WaitTimeout):
        view.wait_for(1, timeout=0.05)

    assert runner.run(timeout=20)


def test_an_append_makes_it_readable_and_a_turn_quiet_again(log, runner):
    runner.follow(Count())
    runner.settle()
    assert not select.select([runner.fileno()], [], [], 0)[0]
    log.append("tick", "clock")
    assert select.select([runner.fileno()], [], [], 0)[0]
    runner.settle()

    assert not select.select([runner.fileno()], [], [], 0)[0]


def test_the_alarm_of_the_machines_clock_rings_in_time():
    clock = SystemClock()
    before = clock.wall_ns()
    clock.arm(before + 30_000_000)
    assert select.select([clock.fileno()], [], [], 20)[0]
    assert clock.wall_ns() >= before + 30_000_000
    clock.quiet()
    assert not select.select([clock.fileno()], [], [], 0)[0]
    clock.arm(1)
    assert select.select([clock.fileno()], [], [], 20)[0]
    clock.arm(None)

    assert not select.select([clock.fileno()], [], [], 0)[0]
    clock.close()
    clock.close()


def test_what_another_process_writes_is_followed_by_looking(path):
    program = "import sys, wayfold\nwith wayfold.Log.open(sys.argv[1]) as log:\n"
    program += " for line in sys.stdin: log.append('tick', 'clock'); print(log.head, flush=True)"
    writer = subprocess.Popen(
        [sys.executable, "-c", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with writer:
        write = lambda: (print(file=writer.stdin, flush=True), writer.stdout.readline())  # noqa: E731
        write()
        with Log.open(path, read_only=True) as log, Runner(log, poll_s=0.01) as runner:
            view = runner.follow(Count())
            assert runner.run(timeout=20, until=lambda: view.state == 1)
            write()
            assert runner.run(timeout=20, until=lambda: view.state == 2)
        writer.stdin.close()


class Flaky:
    """A log's store that can be out of reach."""

    def __init__(self, store):
        self._store, self.is_away, self.is_read_only = store, False, True

    def __getattr__(self, name):
        return getattr(self._store, name)

    def refresh(self):
        if self.is_away:
            raise LogDamaged("log", "it cannot be opened or read: the disk is gone")


def test_a_view_answers_with_its_age_while_the_log_is_out_of_reach(clock):
    inner = Log.memory()
    store = Flaky(inner._store)
    with Runner(Log(store), clock=clock) as runner:
        view = runner.follow(Count())
        inner.append("tick", "clock")
        runner.settle()
        store.is_away = True
        for _ in range(3):
            clock.advance(2.0)
            runner.settle()
        assert (view.state, view.as_of) == (1, (1, 6.0))
        inner.append("tick", "clock")
        store.is_away = False
        clock.advance(6.0)
        runner.settle()

        assert (view.state, view.as_of, view.unreachable) == (2, (2, 0.0), None)


def test_a_view_that_is_made_anew_waits_for_a_log_out_of_reach_too(clock):
    inner = Log.memory()
    store = Flaky(inner._store)
    with Runner(Log(store), clock=clock) as runner:
        view = runner.follow(Count())
        view.rebuild()
        inner.append("tick", "clock")
        store.is_away = True
        assert not runner.turn()
        store.is_away = False
        clock.advance(6.0)
        runner.settle()

        assert (view.state, view.is_rebuilding) == (1, False)


def test_no_ring_is_lost_that_comes_while_others_are_taken(monkeypatch):
    inbox, heard, read = Inbox(), [], os.eventfd_read

    def read_late(descriptor):
        inbox.put(lambda: heard.append(2))
        return read(descriptor)

    inbox.put(lambda: heard.append(1))
    monkeypatch.setattr("os.eventfd_read", read_late)
    inbox.empty()
    monkeypatch.undo()
    inbox.put(lambda: heard.append(3))

    assert heard == [1, 2]
    assert select.select([inbox.fileno()], [], [], 0)[0]
    inbox.close()


def test_no_ring_is_lost_while_another_thread_is_still_ringing(monkeypatch):
    inbox, written, go_on, write = Inbox(), threading.Event(), threading.Event(), os.eventfd_write
    called = []

    def write_slowly(descriptor, value):
        write(descriptor, value)
        written.set()
        go_on.wait(20)

    monkeypatch.setattr("os.eventfd_write", write_slowly)
    slow = threading.Thread(target=inbox.ring)
    slow.start()
    assert written.wait(20)
    inbox.empty()
    other = threading.Thread(target=inbox.put, args=(lambda: called.append(True),))
    other.start()
    other.join(0.05)
    go_on.set()
    slow.join()
    other.join()

    assert select.select([inbox.fileno()], [], [], 0)[0]
    inbox.empty()
    assert called
    inbox.close()


def test_what_one_call_raises_keeps_no_other_one_from_being_called(runner):
    called = []
    runner.call(lambda: 1 / 0)
    runner.call(lambda: called.append(1))
    with pytest.raises(ZeroDivisionError):
        runner.turn()
    assert select.select([runner.fileno()], [], [], 0)[0]
    runner.turn()

    assert called == [1]


def test_a_call_may_turn_itself(runner):
    called = []
    runner.call(runner.turn)
    runner.call(lambda: called.append(1))
    runner.settle()

    assert called == [1]


def test_a_name_is_needed(runner):
    class Nameless(Count):
        name = ""

    with pytest.raises(ValueError, match="needs a name without /"):
        runner.follow(Nameless())


def test_waiting_costs_nothing(log):
    with Runner(log) as runner:
        runner.follow(Count())
        runner.settle()
        before = time.process_time()
        runner.run(timeout=0.5)

        assert time.process_time() - before < 0.1


class Hasty(VirtualClock):
    """A clock that moves on by itself at one of the times that it is asked."""

    asked, moves_at = 0, None

    def _ask(self):
        self.asked += 1
        if self.asked == self.moves_at:
            self.advance(60)

    def wall_ns(self):
        self._ask()
        return super().wall_ns()

    def elapsed_s(self):
        self._ask()
        return super().elapsed_s()


class Reminding(Process):
    """Sets a deadline a minute after each record."""

    name, hears, initial = "reminding", "thing.happened", ()

    def fold(self, state, record):
        return state

    def decide(self, state, record):
        if record.name == "thing.happened":
            yield SetDeadline("minute", record.time_ns + 60 * 10**9)


class Stumbling(View):
    """Takes a record at the second attempt, a minute after the first one."""

    name, initial = "stumbling", 0
    on_failure = OnFailure(retries=1, first_s=60.0)
    tries = 0

    def fold(self, state, record):
        self.tries += 1
        if self.tries == 1:
            raise ValueError("not yet")
        return state + 1


def turn_as_told(runner, is_over):
    """Turn only when the descriptor says so."""
    for _ in range(5):
        if is_over() or not select.select([runner.fileno()], [], [], 0)[0]:
            break
        runner.turn()


@pytest.mark.parametrize("moves_at", range(1, 9))
def test_no_deadline_is_slept_through_that_is_due_in_the_middle_of_a_turn(moves_at):
    clock = Hasty()
    start_ns = clock.wall_ns()
    with Log.memory(clock=lambda: start_ns) as log, Runner(log, clock=clock) as runner:
        runner.react(Reminding())
        log.append("thing.happened", "thing/1")
        runner.settle()
        clock.asked, clock.moves_at = 0, moves_at
        runner.turn()
        clock.moves_at = None
        turn_as_told(runner, lambda: not runner.deadlines())
        if clock.wall_ns() > start_ns:
            assert not runner.deadlines()
    clock.close()


def test_a_turn_that_raised_is_followed_by_another(clock):
    class Standing(Count):
        hears, on_failure = "*", OnFailure(retries=0, then=Then.STOP)

        def fold(self, state, record):
            raise ValueError("never")

    with Log.memory(clock=clock.wall_ns) as log, Runner(log, clock=clock) as runner:
        runner.react(Reminding())
        log.append("thing.happened", "thing/1")
        runner.settle()
        runner.follow(Standing())
        clock.advance(60)
        with pytest.raises(ReactionFailed):
            runner.turn()
        clock.advance(60)
        turn_as_told(runner, lambda: not runner.deadlines())

        assert not runner.deadlines()


@pytest.mark.parametrize("moves_at", range(1, 9))
def test_no_pause_is_slept_through_that_is_over_in_the_middle_of_a_turn(moves_at):
    clock = Hasty()
    with Log.memory() as log, Runner(log, clock=clock) as runner:
        view = runner.follow(Stumbling())
        log.append("thing.happened", "thing/1")
        runner.settle()
        clock.asked, clock.moves_at = 0, moves_at
        runner.turn()
        clock.moves_at = None
        turn_as_told(runner, lambda: not view.lag)
        if clock.elapsed_s():
            assert view.state == 1
    clock.close()
