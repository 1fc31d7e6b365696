"""What a record holds comes back from JSON as it was, or is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayfold.log.encoding import decode_data, encode_data

TEXT = st.text(st.characters(codec="utf-8"))
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.binary()
    | st.sampled_from(["$bytes", '{"$bytes":"AA=="}'])
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=8
)


@given(st.dictionaries(TEXT, VALUES))
def test_data_comes_back_as_it_was(data):
    assert decode_data(encode_data(data)) == data


def test_bytes_come_back_from_wherever_they_were():
    data = {"a": b"\0\xff", "b": [b"x", {"c": b"y"}], "d": bytearray(b"z")}

    assert decode_data(encode_data(data)) == {**data, "d": b"z"}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, [1.5, math.nan], {"a": math.inf}])
def test_numbers_that_json_does_not_know_are_refused(value):
    with pytest.raises(ValueError, match="finite numbers only"):
        encode_data({"value": value})


def test_a_mapping_that_would_come_back_as_bytes_is_refused():
    with pytest.raises(ValueError, match="stands for bytes"):
        encode_data({"value": {"$bytes": "AA=="}})


@pytest.mark.parametrize("text", ["[]", "{", '{"a":{"$bytes":"?"}}', '{"a":{"$bytes":"A"}}', ""])
def test_text_that_is_no_data_is_told(text):
    with pytest.raises(ValueError, match=r"JSON|truncated|base64|Expected|padded"):
        decode_data(text)
