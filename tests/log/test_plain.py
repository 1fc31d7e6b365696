"""What a record holds is its own, and the same in memory and in a file."""

import enum
import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfold.log import Fact, Log, Origin


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


def nested(levels):
    value = {"end": 1}
    for level in range(levels - 1):
        value = [value] if level % 2 else {"a": value}
    return value


HELD = []
HELD.append(HELD)

REFUSED = [
    ({1, 2}, TypeError, "data['value'] is of type set, and a record holds None, bool, int"),
    ([1, [set()]], TypeError, "data['value'][1][0] is of type set"),
    ({"a": (1, {2})}, TypeError, "data['value']['a'][1] is of type set"),
    ({"a": {1: "a"}}, TypeError, "a key of data['value']['a'] is of type int"),
    (1j, TypeError, "data['value'] is of type complex"),
    (math.nan, ValueError, "data['value'] is nan, and a record holds finite numbers only"),
    ([math.inf], ValueError, "data['value'][0] is inf"),
    ({"a": {"$bytes": "x"}}, ValueError, "data['value']['a'] is a mapping of '$bytes' alone"),
    ("a\ud800", ValueError, r"data['value'] has the lone surrogate '\ud800' at character 1"),
    (["a", "\udfff"], ValueError, r"data['value'][1] has the lone surrogate '\udfff'"),
    ({"b": {"\udc80": 1}}, ValueError, r"a key of data['value']['b'] has the lone surrogate"),
    (nested(100), ValueError, "is nested too deep, and a record holds at most 100 levels"),
    (nested(50_000), ValueError, "is nested too deep"),
    (HELD, ValueError, "look whether something holds itself"),
]


@pytest.mark.parametrize(("value", "kind", "told"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_what_a_file_would_not_give_back_is_refused_with_its_place(both, value, kind, told):
    said = set()
    for log in both:
        head = log.head
        with pytest.raises(kind, match=re.escape(told)) as caught:
            log.append("a.b", "c", {"fine": [1], "value": value})
        said.add(str(caught.value))
        assert log.head == head

    assert len(said) == 1
    assert max(map(len, said)) < 400


def test_a_key_without_utf_8_is_refused_beside_plain_values(both):
    for log in both:
        with pytest.raises(ValueError, match="a key of data has the lone surrogate"):
            log.append("a.b", "c", {"\ud800": 1})


def test_what_is_nested_as_deep_as_may_be_is_read_back(both):
    memory, file = both
    for log in both:
        log.append("a.b", "c", {"value": nested(99)})

    assert memory[-1].data == file[-1].data == {"value": nested(99)}


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


@pytest.mark.parametrize("fact", [Fact("a\ud800", "b"), Fact("a", "b\ud800")])
def test_names_and_subjects_are_text_that_utf_8_can_tell(both, fact):
    for log in both:
        head = log.head
        with pytest.raises(ValueError, match=r"the (name|subject) '[ab]\\ud800' has the lone surr"):
            log.append_facts([fact])
        assert log.head == head


@pytest.mark.parametrize(
    ("origin", "told"),
    [("nope", "is one of compositor, client, app, wayfold, not 'nope'"), (None, "not None")],
)
def test_an_origin_that_there_is_not_is_told_with_those_there_are(both, origin, told):
    for log in both:
        head = log.head
        with pytest.raises(ValueError, match=told):
            log.append("a", "b", origin=origin)
        with pytest.raises(ValueError, match=told):
            log.append_facts([Fact("a", "b"), Fact("a", "b", origin=origin)])
        assert log.head == head


def test_an_origin_can_be_told_by_its_word(both):
    for log in both:
        assert log.append("a", "b", origin="client").origin is log[-1].origin is Origin.CLIENT


@pytest.mark.parametrize("data", [[1], "text", 5])
def test_data_that_is_no_mapping_is_refused(both, data):
    for log in both:
        with pytest.raises(TypeError, match="data is a mapping of names to values, and is of"):
            log.append("a", "b", data)
        with pytest.raises(TypeError, match="data is a mapping of names to values, and is of"):
            log.append_facts([Fact("a", "b", data)])


@pytest.mark.parametrize("found", ["a", None, ("a", "b")])
def test_what_is_no_fact_is_refused_and_nothing_beside_it_is_written(both, found):
    for log in both:
        head = log.head
        with pytest.raises(TypeError, match=r"made of facts, and found was .*: make it a"):
            log.append_facts([Fact("a", "b"), found])
        assert log.head == head


def test_a_proposal_that_refuses_facts_stays_as_it_was(both):
    for log in both:
        proposal = log.propose([Fact("a", "kept")])
        with pytest.raises(TypeError):
            proposal.extend([Fact("a", "kept"), Fact("a", "other"), Fact("a", "kept", {"x": {1}})])
        log.accept(proposal)

        assert log.append("a", "kept").version == log[-2].version + 1
        assert log.append("a", "other").version == 1
        assert log.version("other") == 1


def test_a_clock_of_seconds_is_told():
    with Log.memory(clock=time.time) as log, pytest.raises(TypeError, match="Unix nanoseconds"):
        log.append("a", "b")


def test_a_name_that_is_more_than_text_is_its_text(both):
    for log in both:
        record = log.append(Colour.RED, Colour.RED)
        assert (type(record.name), type(record.subject)) == (str, str)
        assert log[-1] == record
