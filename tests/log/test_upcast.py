"""Records of older versions are read as the newest; what is stored stays as it is."""

import sqlite3
from contextlib import closing

import pytest

from wayfold.errors import UpcastFailed
from wayfold.log import Log, Upcasters


def coloured(data):
    return {**data, "colour": "white"}


def split(data):
    level = data["level"]
    return {"colour": data["colour"], "warm": level // 2, "cold": level - level // 2}


SECOND = Upcasters({"lamp.lit": {1: coloured}})
THIRD = Upcasters({"lamp.lit": {1: coloured, 2: split}})


@pytest.fixture
def three_versions(path):
    """A file in which three releases of an application have written a record each."""
    with Log.open(path) as log:
        log.append("lamp.lit", "lamp/1", {"level": 5})
    with Log.open(path, upcasters=SECOND) as log:
        log.append("lamp.lit", "lamp/1", {"level": 6, "colour": "red"})
    with Log.open(path, upcasters=THIRD) as log:
        log.append("lamp.lit", "lamp/1", {"colour": "blue", "warm": 1, "cold": 2})
    return path


def test_every_version_is_read_as_the_newest(three_versions):
    with Log.open(three_versions, upcasters=THIRD) as log:
        records = list(log.records(name="lamp.lit"))

    assert [record.data for record in records] == [
        {"colour": "white", "warm": 2, "cold": 3},
        {"colour": "red", "warm": 3, "cold": 3},
        {"colour": "blue", "warm": 1, "cold": 2},
    ]
    assert [record.version for record in records] == [1, 2, 3]


def test_what_is_stored_is_not_rewritten(three_versions):
    with Log.open(three_versions, upcasters=THIRD) as log:
        assert log.verify() == 3
    with closing(sqlite3.connect(three_versions)) as plain, plain:
        rows = plain.execute("select name, data from record").fetchall()
    plain.close()

    assert [name for name, _ in rows] == ["lamp.lit", "lamp.lit@2", "lamp.lit@3"]
    assert rows[0][1] == '{"level":5}'


def test_a_version_newer_than_is_known_stays_as_it_was_stored(three_versions):
    with Log.open(three_versions, upcasters=SECOND, read_only=True) as log:
        assert [r.name for r in log] == ["lamp.lit", "lamp.lit", "lamp.lit@3"]
        assert log[3].data == {"colour": "blue", "warm": 1, "cold": 2}
        assert [r.position for r in log.records(name="lamp.lit@*")] == [3]
    with Log.open(three_versions, read_only=True) as log:
        assert [r.name for r in log] == ["lamp.lit", "lamp.lit@2", "lamp.lit@3"]


def test_a_fold_sees_the_newest_version(three_versions, lamps):
    with Log.open(three_versions, upcasters=SECOND, model=lamps) as log:
        assert log.state_at(2) == {"lamp/1": 6}


@pytest.mark.parametrize("steps", [{2: split}, {1: coloured, 3: split}, {0: coloured}])
def test_a_chain_with_a_gap_is_refused_at_once(steps):
    with pytest.raises(ValueError, match=r"lamp.lit has no step from version . to"):
        Upcasters({"lamp.lit": steps})


def test_a_name_that_looks_like_a_version_is_refused(opened):
    log = opened()
    with pytest.raises(ValueError, match="ends in what is kept for versions"):
        log.append("lamp.lit@2", "lamp/1")

    assert log.head == 0
    assert log.append("lamp@home", "lamp/1").name == "lamp@home"


def test_an_upcaster_that_fails_tells_which_record_it_was(three_versions):
    def broken(data):
        return {"level": data["no such field"]}

    upcasters = Upcasters({"lamp.lit": {1: broken}})
    with (
        Log.open(three_versions, upcasters=upcasters, read_only=True) as log,
        pytest.raises(UpcastFailed, match=r"position 1, stored as lamp.lit, could not be") as told,
    ):
        list(log)

    assert (told.value.position, told.value.name) == (1, "lamp.lit")
    assert isinstance(told.value.__cause__, KeyError)
