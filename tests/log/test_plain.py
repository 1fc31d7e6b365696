"""What a record holds is its own, and the same in memory and in a file."""

import enum
import math

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
