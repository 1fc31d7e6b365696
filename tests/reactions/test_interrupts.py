"""What a signal's handler raises in the middle of a turn leaves views and processes going on."""

import gc
import random
import signal
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
    class Refusing(Noting):
        is_mended = False

        def fold(self, state, record):
            if not self.is_mended:
                raise ValueError("not yet")
            return super().fold(state, record)

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
