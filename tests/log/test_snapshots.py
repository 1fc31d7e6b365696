"""Snapshots save folding, and never stand for what other code would have folded."""

import json
import sqlite3
from contextlib import closing

import pytest

from wayfold.log import Fact


class Counted:
    """Lamps that can be kept, and count the records that they fold."""

    def __init__(self, lamps, fingerprint="one"):
        self._lamps = lamps
        self.initial = lamps.initial
        self.secrets = {}
        self.fingerprint = fingerprint
        self.folded = 0

    def fold(self, state, runs):
        held = list(runs)
        self.folded += sum(map(len, held))
        return self._lamps.fold(state, held)

    def derive(self, before, after):
        return ()

    def ends_group(self, name):
        return False

    def dump(self, state):
        return json.dumps(state).encode()

    def load(self, data):
        return json.loads(data)


@pytest.fixture
def counted(lamps):
    def make(fingerprint="one"):
        return Counted(lamps, fingerprint)

    return make


@pytest.fixture
def written(opened, counted, light):
    with opened(model=counted()) as log:
        light(log, 5000)
        light(log, 10, "lamp/2")


@pytest.mark.usefixtures("written")
def test_a_log_that_is_opened_again_folds_nothing_of_what_was_folded(opened, counted, light):
    model = counted()
    log = opened(model=model)

    assert log.state == {"lamp/1": 5000, "lamp/2": 10}
    assert model.folded == 0
    light(log, 1)
    assert log.state["lamp/1"] == 1
    assert model.folded == 1


@pytest.mark.usefixtures("written")
def test_a_changed_model_folds_everything_again(opened, counted):
    model = counted("two")

    assert opened(model=model).state == {"lamp/1": 5000, "lamp/2": 10}
    assert model.folded == 5010


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("change", ["state = x'7b7d'", "hash = x'00'", "state = x'ff'"])
def test_a_snapshot_that_was_changed_is_passed_over(opened, counted, path, change):
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(f"update snapshot set {change}")
    plain.close()
    model = counted()

    assert opened(model=model).state == {"lamp/1": 5000, "lamp/2": 10}
    assert model.folded == 5010


@pytest.mark.usefixtures("written")
def test_the_past_before_a_snapshot_is_folded_from_the_start(opened, counted):
    log = opened(model=counted())

    assert log.state_at(4321) == {"lamp/1": 4321}
    assert log.state_at(5003) == {"lamp/1": 5000, "lamp/2": 3}


def kept_in(path):
    """Give the positions whose states are kept."""
    with closing(sqlite3.connect(path)) as plain, plain:
        found = [position for (position,) in plain.execute("select position from snapshot")]
    plain.close()
    return found


def test_large_states_are_kept_so_much_less_often(opened, counted, path):
    model = counted()
    model.dump = lambda state: json.dumps(state).encode() + b" " * 160_000
    with opened(model=model) as log:
        for _ in range(25):
            log.append_facts([Fact("lamp.lit", "lamp/1", {"level": 1})] * 1000)

    assert kept_in(path) == [5000, 15_000, 25_000]


def test_a_long_log_is_kept_along_the_way(opened, counted, path):
    with opened(model=counted()) as log:
        for start in range(0, 120_000, 1000):
            facts = [Fact("lamp.lit", "lamp/1", {"level": start + k}) for k in range(1000)]
            log.append_facts(facts)
    model = counted()
    log = opened(model=model, read_only=True)

    assert kept_in(path) == list(range(5000, 120_001, 5000))
    assert log.state_at(100_500) == {"lamp/1": 100_499}
    assert model.folded == 500
