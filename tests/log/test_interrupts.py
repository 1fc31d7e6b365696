"""What a signal's handler raises in the middle of an append leaves the log going on."""

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


def append_for_ever(log):
    while True:
        log.append("lamp.lit", "lamp/1", {"level": log.head})


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
