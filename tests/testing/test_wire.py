"""The wire format: what goes in comes out, and what does not fit is refused."""

import os
import socket
import struct
from collections import deque

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wayfold.testing.wire import Packet, WireError, decode, encode, receive, split, transmit

# Of every length in UTF-8, the NUL apart, which no string may hold.
TEXT = st.text("ab\n\x7fé€𝄞", max_size=40)
VALUES = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "u": st.integers(0, 2**32 - 1),
    "f": st.integers(-(2**31), 2**31 - 1).map(lambda raw: raw / 256),
    "s": TEXT,
    "?s": st.none() | TEXT,
    "o": st.integers(1, 2**32 - 1),
    "?o": st.none() | st.integers(1, 2**32 - 1),
    "n": st.integers(1, 2**32 - 1),
    "a": st.binary(max_size=40),
}
ARGUMENTS = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), VALUES[kind])),
    max_size=8,
)


@settings(deadline=None)
@given(st.integers(1, 2**32 - 1), st.integers(0, 2**16 - 1), ARGUMENTS)
def test_every_message_comes_back_as_it_went(object_id, opcode, arguments):
    signature = "".join(kind for kind, _ in arguments)
    values = tuple(value for _, value in arguments)
    packet = encode(object_id, opcode, signature, values)
    (frame,) = split(bytearray(packet.data))

    assert (frame.object_id, frame.opcode) == (object_id, opcode)
    assert decode(signature, frame.body, deque()) == values


@settings(deadline=None)
@given(ARGUMENTS, st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(arguments, body):
    signature = "".join(kind for kind, _ in arguments)
    try:
        decode(signature, body, deque())
    except WireError:
        pass


@settings(deadline=None)
@given(st.lists(st.binary(max_size=30), max_size=5), st.integers(1, 40))
def test_messages_are_split_wherever_the_bytes_are_cut(bodies, step):
    stream = b"".join(encode(3, 7, "a", [body]).data for body in bodies)
    buffer = bytearray()
    frames = []
    for start in range(0, len(stream), step):
        buffer += stream[start : start + step]
        frames += split(buffer)

    assert [decode("a", frame.body, deque()) for frame in frames] == [(body,) for body in bodies]


def test_the_known_bytes_of_get_registry():
    assert encode(1, 1, "n", [2]).data == struct.pack("=III", 1, 12 << 16 | 1, 2)


@pytest.mark.parametrize("size", [0, 4, 7, 9])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(WireError, match="no valid size"):
        list(split(bytearray(struct.pack("=II", 1, size << 16))))


@pytest.mark.parametrize(
    ("signature", "body", "complaint"),
    [
        ("u", b"", "announced"),
        ("", b"\0\0\0\0", "left"),
        ("s", struct.pack("=I", 0), "null"),
        ("s", struct.pack("=I4s", 4, b"abcd"), "NUL"),
        ("s", struct.pack("=I4s", 4, b"a\0b\0"), "NUL"),
        ("s", struct.pack("=I4s", 2, b"\xff\0\0\0"), "UTF-8"),
        ("s", struct.pack("=I4s", 2**32 - 1, b"a\0\0\0"), "announced"),
        ("o", struct.pack("=I", 0), "null"),
        ("h", b"", "descriptor"),
        ("z", b"", "unknown letter"),
    ],
)
def test_what_the_format_does_not_allow_is_refused(signature, body, complaint):
    with pytest.raises(WireError, match=complaint):
        decode(signature, body, deque())


@pytest.mark.parametrize(
    ("signature", "argument"),
    [("u", -1), ("i", 2**31), ("u", "1"), ("s", 1), ("s", None), ("a", "x"), ("f", None)],
)
def test_an_argument_that_does_not_fit_is_refused(signature, argument):
    with pytest.raises(WireError):
        encode(1, 0, signature, [argument])


def test_descriptors_travel_beside_the_bytes():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        transmit(ours, encode(4, 0, "uhu", [1, theirs.fileno(), 2]))
        packet = receive(theirs)
    (frame,) = split(bytearray(packet.data))
    number, descriptor, size = decode("uhu", frame.body, deque(packet.descriptors))
    os.close(descriptor)

    assert (number, size) == (1, 2)
    assert descriptor not in (ours.fileno(), theirs.fileno())


def test_too_many_descriptors_are_refused():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(WireError, match="29 descriptors"):
        transmit(ours, Packet(b"x", (ours.fileno(),) * 29))
