"""What a signal's handler raises in the middle of a turn leaves views and processes going on."""

import gc
import itertools
import random
import signal
import sys
from contextlib import contextmanager

import pytest

from wayfold.log import Fact, Log
from wayfold.reactions import OnFailure, Process, Runner


class Interrupted(BaseException):
    """Raised by a signal's handler, wherever it comes, as KeyboardInterrupt is."""


@pytest.fixture
def interrupted():
    """Have a timer interrupt this thread once, after some seconds of its work in a block."""

    def raise_it(*_):
        raise Interrupted

    @contextmanager
    def interrupted(seconds):
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            with pytest.raises(Interrupted):
                yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    before = signal.signal(signal.SIGPROF, raise_it)
    gc.disable()  # hypothesis hears of its work, and what is raised meanwhile is lost
    yield interrupted
    gc.enable()
    signal.signal(signal.SIGPROF, before)


class Noting(Process):
    """Notes every record, with how many came before it in its jar."""

    name, hears, initial = "noting", "jar.filled", 0
    on_failure = OnFailure(retries=0)

    def fold(self, state, record):
        return state + 1

    def decide(self, state, record):
        yield Fact("jar.noted", record.subject, {"cause": record.position, "nth": state})


def work(runner, chance):
    while True:
        runner.log.append("jar.filled", f"jar/{chance.randrange(3)}", {"put": 0})
        runner.turn()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("is_inline", [False, True])
def test_what_is_interrupted_goes_on_where_the_log_says(path, jars, interrupted, is_inline):
    chance = random.Random(4)
    with Log.open(path) as log, Runner(log) as runner:
        table = runner.follow(jars.Jars(), inline=is_inline)
        totals = runner.follow(jars.Totals(), inline=is_inline)
        reacting = runner.react(Noting())
        for _ in range(100):
            with interrupted(chance.uniform(0.0005, 0.005)):
                work(runner, chance)
        log.append("jar.filled", "jar/0", {"put": 5})
        runner.settle()
        filled = [r.position for r in log if r.name == "jar.filled"]
        noted = [(r.data["cause"], r.subject, r.data["nth"]) for r in log if r.name == "jar.noted"]

        assert [cause for cause, *_ in noted] == filled
        for jar in {subject for _, subject, _ in noted}:
            nths = [nth for _, subject, nth in noted if subject == jar]
            assert nths == list(range(1, len(nths) + 1))
        assert jars.answer(table) == jars.answer(totals)
        assert jars.answer(totals)["jar/0"] == 5
        assert (table.lag, totals.lag, reacting.lag) == (0, 0, 0)
        assert table.parked == totals.parked == reacting.parked == []


def test_a_store_elsewhere_is_asked_where_it_is_after_an_interrupt(log, runner, jars):
    class Stopped(jars.Abroad):
        def store(self, before, after, records):
            super().store(before, after, records)
            if after == 2:
                raise Interrupted

    view = runner.follow(Stopped())
    jars.put(log, 1)
    runner.settle()
    jars.put(log, 2)
    with pytest.raises(Interrupted):
        runner.settle()
    jars.put(log, 4)
    runner.settle()

    assert (view.read("jar/a"), view.position, view.parked) == (7, 3, [])


class Refusing(Noting):
    """Notes nothing until it is mended."""

    is_mended = False

    def fold(self, state, record):
        if not self.is_mended:
            raise ValueError("not yet")
        return super().fold(state, record)


@contextmanager
def interrupted_at(number):
    """Interrupt what is done in a block at a line of reactions, by its number; tell whether."""
    lines, found = itertools.count(1), []

    def trace(frame, event, argument):
        if "/wayfold/reactions/" not in frame.f_code.co_filename:
            return None
        if event == "line" and next(lines) == number:
            found.append(True)
            sys.settrace(None)
            raise Interrupted
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield found
    except Interrupted:
        assert found
    finally:
        sys.settrace(before)


@pytest.mark.timeout(120)
def test_interrupted_at_any_line_nothing_is_taken_or_released_twice(clock, jars):
    for number in itertools.count(1):
        process, view = Refusing(), jars.Jars()
        with Log.memory(clock=clock.wall_ns) as log, Runner(log, clock=clock) as runner:
            table, reacting = runner.follow(view), runner.react(process)
            jars.put(log, None, 2)
            runner.settle()
            view.is_fixed = process.is_mended = True
            with interrupted_at(number) as found:
                for each in (table, reacting):
                    each.release("jar/a")
                jars.put(log, 4)
                runner.settle()
            for each in (table, reacting):
                each.release("jar/a")
            if not any(r.data.get("put") == 4 for r in log):
                jars.put(log, 4)
            runner.settle()

            causes = [r.position for r in log if r.name == "jar.filled"]
            assert (number, notes(log)) == (number, causes)
            assert (number, jars.answer(table)) == (number, {"jar/a": 7})
        if not found:
            break


def tripped(log, name):
    """Let a listener raise once, when a record of a name has been appended; give what rearms it."""
    armed = [True]

    def listen(first, batch, derived):
        if armed and any(record.name == name for record in log.records(first - 1)):
            armed.clear()
            raise OverflowError("a listener's own")

    log.listen(listen)
    return armed


def notes(log):
    return [record.data["cause"] for record in log.records(name="jar.noted")]


def test_what_a_listener_raises_has_nothing_decided_twice(log, runner, clock):
    runner.react(Noting())
    tripped(log, "jar.noted")
    log.append_facts(Fact("jar.filled", jar) for jar in ("jar/a", "jar/b", "jar/a"))
    with pytest.raises(OverflowError):
        runner.settle()
    clock.advance(60)
    runner.settle()

    assert notes(log) == [1, 2, 3]


def test_what_a_listener_raises_has_nothing_released_twice(log, runner):
    process = Refusing()
    reacting = runner.react(process)
    log.append("jar.filled", "jar/a")
    log.append("jar.filled", "jar/a")
    runner.settle()
    process.is_mended = True
    tripped(log, "jar.noted")
    with pytest.raises(OverflowError):
        reacting.release("jar/a")
    reacting.release("jar/a")

    assert notes(log) == [1, 2]
    assert (reacting.parked, reacting.state("jar/a")) == ([], 2)
