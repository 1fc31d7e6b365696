"""S3: errors are raised and resolved, and only what stays open is told, whoever restarts or dies.

The oracle keeps plain variables, and reads what the operator's command wrote down.
"""

import random
from collections import Counter
from contextlib import closing

import pytest

from wayfold.log import Fact, Log
from wayfold.reactions import Runner, VirtualClock

AFTER_S = 900.0
NOTE = 'echo "$1 $2 $WAYFOLD_IDEMPOTENCY_KEY" >> "$0"'
DEVICES = [f"DP-{number}" for number in range(12)]


class Site:
    """Devices that break and are mended, and an operator who is called by a real command."""

    def __init__(self, outage_watch, folder):
        self.path, self.calls = folder / "site.wayfold", folder / "calls"
        self.clock = VirtualClock()
        self._process = lambda: outage_watch.Calls(["sh", "-c", NOTE, str(self.calls)], AFTER_S)
        self.log = self.runner = self.split = None
        self.incidents = Counter()

    def start(self, parts=0, workers=()):
        self.log = self._opened()
        self.runner = Runner(self.log, clock=self.clock)
        if parts:
            self.split = self.runner.split(self._process(), parts, workers)
        else:
            self.runner.react(self._process())

    def _opened(self):
        return Log.open(self.path, clock=self.clock.wall_ns)

    def kill(self):
        """End without a word: what was not written is not."""
        self.log.close()
        self.log = None

    def break_down(self, device):
        self.incidents[device] += 1
        self._tell("error.occurred", device, device=device, what="dark")

    def mend(self, device):
        self._tell("error.resolved", device)

    def _tell(self, name, device, /, **data):
        told = {"incident": f"{device}@{self.incidents[device]}", **data}
        log = self._opened() if self.log is None else self.log
        log.append_facts([Fact(name, f"device/{device}", told)])
        if self.log is None:
            log.close()

    def settle(self):
        assert self.runner.run(20, until=self._is_settled)

    def _is_settled(self):
        is_behind = self.split.lag if self.split else self.runner.turn()
        return not is_behind and not self.runner.pending()

    def wait(self, seconds):
        self.settle()
        self.clock.advance(seconds)
        self.settle()

    def called(self):
        """Give what the operator was told, in order, each with its key."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [tuple(line.split()) for line in lines]

    def told(self):
        return [call[:2] for call in self.called()]

    def close(self):
        if self.log is not None:
            self.kill()
        self.clock.close()


@pytest.fixture
def site(example, tmp_path):
    with closing(Site(example("outage_watch"), tmp_path)) as made:
        yield made


def test_what_ends_in_time_is_never_told_and_what_stays_is_told_with_its_end(site):
    site.start()
    site.break_down("DP-1")
    site.break_down("DP-2")
    site.wait(AFTER_S - 1)
    site.mend("DP-1")
    site.wait(AFTER_S)
    assert site.told() == [("outage", "DP-2")]
    site.mend("DP-2")
    site.wait(AFTER_S)

    assert site.told() == [("outage", "DP-2"), ("resolution", "DP-2")]


def test_what_was_mended_while_it_was_down_is_not_told_after_the_restart(site):
    site.start()
    site.break_down("DP-1")
    site.break_down("DP-2")
    site.settle()
    site.kill()
    site.clock.advance(10 * AFTER_S)
    site.mend("DP-1")
    site.start()
    site.settle()

    assert site.told() == [("outage", "DP-2")]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(4))
def test_through_any_restarts_what_stayed_open_is_told_once_and_nothing_else(site, seed):
    chance, broken, expected = random.Random(seed), {}, set()
    site.start()
    for _ in range(60):
        device = chance.choice(DEVICES)
        if device in broken:
            del broken[device]
            site.mend(device)
        else:
            broken[device] = site.clock.wall_ns()
            site.break_down(device)
        if chance.random() < 0.3 and site.log is not None:
            site.kill()
        site.clock.advance(chance.uniform(0, AFTER_S / 3))
        if chance.random() < 0.5:
            if site.log is None:
                site.start()
            site.settle()
            due_ns = site.clock.wall_ns() - AFTER_S * 10**9
            expected.update(
                (device, site.incidents[device]) for device, at in broken.items() if at <= due_ns
            )
    if site.log is None:
        site.start()
    site.settle()
    outages = Counter(device for what, device in site.told() if what == "outage")
    keys = [key for *_, key in site.called()]

    assert outages == Counter(device for device, _ in expected) != Counter()
    assert len(keys) == len(set(keys))


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(4))
def test_workers_come_and_go_and_each_device_is_told_of_in_order(site, seed):
    chance, workers, joined = random.Random(seed), ["w0"], 0
    site.start(4, workers)
    broken, expected = set(), {device: [] for device in DEVICES}
    for _ in range(12):
        for device in chance.sample(DEVICES, 5):
            if device in broken:
                site.mend(device)
                expected[device].append("resolution")
            else:
                site.break_down(device)
                expected[device].append("outage")
            broken ^= {device}
        if chance.random() < 0.6:
            joined += 1
            workers.append(f"w{joined}")
            site.split.join(workers[-1])
        if len(workers) > 1 and chance.random() < 0.5:
            site.split.leave(workers.pop(chance.randrange(len(workers))))
        site.wait(AFTER_S)
    found = {device: [what for what, told in site.told() if told == device] for device in DEVICES}
    keys = [key for *_, key in site.called()]

    assert found == expected
    assert len(keys) == len(set(keys))
