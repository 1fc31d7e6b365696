"""What a record holds is its own, and the same in memory and in a file."""

import enum
import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfold.log import Fact, Log


class Colour(enum.StrEnum):
    RED = "red"


class Count(enum.IntEnum):
    TWO = 2


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.binary()
    | st.sampled_from([Colour.RED, Count.TWO])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text("ab"), inner),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    with Log.open(tmp_path_factory.mktemp("plain") / "a") as file, Log.memory() as memory:
        yield memory, file


@given(data=st.dictionaries(st.text("abc"), VALUES, max_size=4))
def test_a_record_is_the_same_in_memory_and_in_a_file(both, data):
    memory, file = both
    appended = [log.append("a.b", "c", data) for log in both]

    assert appended[0].data == memory[-1].data == file[-1].data
    assert repr(memory[-1].data) == repr(file[-1].data)


def test_what_was_handed_in_may_change_afterwards():
    with Log.memory() as log:
        data = {"deep": [{"a": [1]}], "flat": [1]}
        log.append("a.b", "c", data)
        log.append_facts([Fact("a.b", "c", data)])
        data["deep"][0]["a"].append(2)
        data["flat"].append(2)
        data["more"] = 3

        assert [r.data for r in log] == [{"deep": [{"a": [1]}], "flat": [1]}] * 2


@pytest.mark.parametrize("value", [{1, 2}, object(), [set()], {"a": (1, {2})}, {1: "a"}, 1j])
def test_what_a_file_would_not_give_back_is_refused(both, value):
    for log in both:
        with pytest.raises(TypeError, match=r"a record holds|keys of a record"):
            log.append("a.b", "c", {"value": value})


@pytest.mark.parametrize("value", [math.nan, [math.inf], {"a": {"$bytes": "x"}}])
def test_what_has_no_place_in_json_is_refused(both, value):
    for log in both:
        head = log.head
        with pytest.raises(ValueError, match="a record"):
            log.append("a.b", "c", {"value": value})
        assert log.head == head


@pytest.mark.parametrize(("name", "subject"), [("", "a"), ("a", "")])
def test_a_record_has_a_name_and_a_subject(both, name, subject):
    for log in both:
        with pytest.raises(ValueError, match="needs a name and a subject"):
            log.append(name, subject)


@pytest.mark.parametrize(
    "fact",
    [
        Fact(17, "a"),
        Fact("a", 1.5),
        Fact(b"a", "a"),
        *(Fact("a", "b", time_ns=time_ns) for time_ns in (1.5, True, 2**63)),
    ],
)
def test_names_subjects_and_times_are_what_a_file_would_give_back(both, fact):
    for log in both:
        head = log.head
        with pytest.raises(TypeError, match="a record's"):
            log.append_facts([fact])
        assert log.head == head


def test_a_clock_of_seconds_is_told():
    with Log.memory(clock=time.time) as log, pytest.raises(TypeError, match="Unix nanoseconds"):
        log.append("a", "b")


def test_a_name_that_is_more_than_text_is_its_text(both):
    for log in both:
        record = log.append(Colour.RED, Colour.RED)
        assert (type(record.name), type(record.subject)) == (str, str)
        assert log[-1] == record
