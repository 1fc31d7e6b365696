"""Fields of protocol buffers as bytes (https://protobuf.dev/programming-guides/encoding/)."""

import struct

__all__ = ["boolean", "double", "fixed64", "message", "number", "text"]

_VARINT, _FIXED64, _LENGTH = 0, 1, 2
_ALL_BITS = (1 << 64) - 1


def _varint(value: int) -> bytes:
    if value < 128:
        return bytes((value,))
    held = bytearray()
    while value > 127:
        held.append(value & 127 | 128)
        value >>= 7
    held.append(value)
    return bytes(held)


def number(field: int, value: int) -> bytes:
    """Give an integer of at most 64 bits or an enum; a negative one as its two's complement."""
    return _varint(field << 3 | _VARINT) + _varint(value & _ALL_BITS)


def boolean(field: int, value: bool) -> bytes:
    """Give a truth value."""
    return number(field, int(value))


def fixed64(field: int, value: int) -> bytes:
    """Give an unsigned integer of 64 bits in eight bytes."""
    return _varint(field << 3 | _FIXED64) + struct.pack("<Q", value)


def double(field: int, value: float) -> bytes:
    """Give a floating-point number."""
    return _varint(field << 3 | _FIXED64) + struct.pack("<d", value)


def text(field: int, value: str) -> bytes:
    """Give a string; lone surrogates, which UTF-8 has no place for, become `?`."""
    return message(field, value.encode("utf-8", "replace"))


def message(field: int, *parts: bytes) -> bytes:
    """Give a message of fields, or bytes."""
    held = b"".join(parts)
    return _varint(field << 3 | _LENGTH) + _varint(len(held)) + held
