"""What every release wrote is read for ever: the same records, and no state that says otherwise."""

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from wayfold.log import Log
from wayfold.model import SessionModel

GOLDEN = Path(__file__).parents[1] / "golden"
FILES = sorted(GOLDEN.glob("*.wayfold"))

# A module of another folder; tests are no package.
_SPEC = importlib.util.spec_from_file_location("make", GOLDEN / "make.py")
make = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(make)


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def golden(request, tmp_path):
    """A copy of a golden file, and what its own release read in it."""
    copied = tmp_path / request.param.name
    shutil.copy(request.param, copied)
    return copied, json.loads(request.param.with_suffix(".json").read_text(encoding="utf-8"))


def test_this_release_has_its_golden_files():
    assert {path.stem for path in FILES} >= {"session-0.1.0", "bounded-0.1.0"}


def test_every_record_is_what_it_was(golden):
    path, expected = golden
    found = make.told(path)

    for name in ("head", "cut", "holds", "verified", "blobs"):
        assert found[name] == expected[name]
    assert found["records"] == expected["records"]
    assert found["verified"] == found["head"] - found["cut"] > 50


def test_every_state_still_says_what_it_said(golden):
    path, expected = golden
    found = make.told(path)["states"]

    assert len(expected["states"]) > 10
    for position, state in expected["states"].items():
        assert missing(state, found[int(position)]) == []


def missing(expected, found, path=""):
    """Give the paths at which a state says something else; what is new in it may be there."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return [
            each
            for name, value in expected.items()
            for each in missing(value, found.get(name), f"{path}.{name}")
        ]
    return [] if expected == found else [f"{path}: {expected!r}, and now {found!r}"]


def test_a_difference_would_be_found():
    assert missing({"a": {"b": 1}}, {"a": {"b": 2}, "c": 3}) == [".a.b: 1, and now 2"]
    assert missing({"a": {"b": 1}}, {"a": {"b": 1, "d": 4}}) == []


def test_it_can_be_written_to_and_stays_whole(golden):
    path, expected = golden
    with Log.open(path, model=SessionModel()) as log:
        before = log.version("marks")
        assert log.append("mark", "marks", {"text": "years later"}).version == before + 1
        assert log.verify() == len(log) == expected["verified"] + 1


def test_what_was_typed_is_nowhere_in_it(golden):
    with Log.open(golden[0], read_only=True) as log:
        keys = list(log.records(name="wl_keyboard.key"))

    assert all(record.data["key"] is None for record in keys)
    assert all(record.masked == ("key",) for record in keys)
