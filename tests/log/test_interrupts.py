"""What a signal's handler raises in the middle of an append leaves the log going on."""

import contextlib
import gc
import random
import signal

import pytest


class Interrupted(Exception):
    """Raised by a signal's handler, wherever it comes."""


@pytest.fixture
def interrupting():
    """Have a timer interrupt this thread once, after some seconds."""

    def raise_it(*_):
        raise Interrupted

    before = signal.signal(signal.SIGPROF, raise_it)
    gc.disable()  # hypothesis hears of its work, and what is raised meanwhile is lost
    yield lambda seconds: signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_PROF, 0)
    gc.enable()
    signal.signal(signal.SIGPROF, before)


class Twice:
    """Interrupts this thread in `append_for_ever`, and once more soon after, wherever that is."""

    def __init__(self):
        self.left = 0
        self._again_s = 0.0

    def arm(self, seconds, again_s):
        self.left, self._again_s = 2, again_s
        signal.setitimer(signal.ITIMER_REAL, seconds)

    def wait(self):
        """Wait for what is left; called, it leaves no gap between a loop and the `with` around."""
        while self.left:
            pass

    def handle(self, number, frame):
        while self.left == 2 and frame is not None and frame.f_code is not FOR_EVER:
            frame = frame.f_back
        if frame is not None:
            self.left -= 1
        if self.left:
            signal.setitimer(signal.ITIMER_REAL, self._again_s)
        if frame is not None:
            raise Interrupted


@pytest.fixture
def twice():
    made = Twice()
    before = signal.signal(signal.SIGALRM, made.handle)
    gc.disable()
    yield made
    gc.enable()
    signal.signal(signal.SIGALRM, before)


def test_a_second_signal_while_the_first_is_recovered_from_does_no_harm(opened, twice):
    log = opened()
    chance = random.Random(4)
    for _ in range(600):
        with contextlib.suppress(Interrupted):
            twice.arm(chance.uniform(0.0001, 0.001), chance.uniform(0.00003, 0.0003))
            with contextlib.suppress(Interrupted):
                append_for_ever(log)
            twice.wait()
    for number in range(3):
        log.append("lamp.put_out", "lamp/2", {"number": number})

    assert [record.position for record in log] == list(range(1, log.head + 1))
    assert log.verify() == log.head


def append_for_ever(log):
    while True:
        log.append("lamp.lit", "lamp/1", {"level": log.head})


FOR_EVER = append_for_ever.__code__


def test_an_append_that_is_interrupted_is_there_or_is_not(opened, interrupting):
    log = opened()
    chance = random.Random(4)
    for _ in range(100):
        interrupting(chance.uniform(0.00002, 0.002))
        with pytest.raises(Interrupted):
            append_for_ever(log)
    log.append("lamp.put_out", "lamp/2")
    records = list(log)

    assert [record.position for record in records] == list(range(1, log.head + 1))
    lit = [record.version for record in records if record.subject == "lamp/1"]
    assert lit == list(range(1, len(lit) + 1))
    assert log.verify() == log.head
    assert log.state == {"lamp/1": len(lit) - 1}
