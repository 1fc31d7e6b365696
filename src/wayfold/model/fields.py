"""Read the fields of a record, whatever it holds."""

from collections.abc import Mapping
from enum import IntEnum, IntFlag
from math import isfinite
from typing import Any, TypeVar

__all__ = [
    "Data",
    "Unfit",
    "flags",
    "is_masked",
    "known",
    "number",
    "signed",
    "subject",
    "subject_or_none",
    "text",
    "unsigned",
    "words",
]

Data = Mapping[str, Any]
E = TypeVar("E", bound=IntEnum)
F = TypeVar("F", bound=IntFlag)

_LOWEST, _HIGHEST, _WIDEST = -(2**31), 2**31 - 1, 2**32 - 1


class Unfit(Exception):
    """A record lacks a field, or the field's type is not the protocol's.

    It never leaves the fold: a record that does not fit leaves the state as it is.
    """


def signed(data: Data, key: str) -> int:
    """Read an `int` argument."""
    value = data.get(key)
    if type(value) is int and _LOWEST <= value <= _HIGHEST:
        return value
    raise Unfit(key)


def unsigned(data: Data, key: str) -> int:
    """Read a `uint` argument."""
    value = data.get(key)
    if type(value) is int and 0 <= value <= _WIDEST:
        return value
    raise Unfit(key)


def number(data: Data, key: str) -> float:
    """Read a `fixed` argument."""
    value = data.get(key)
    if type(value) is float and isfinite(value):
        return value
    return float(signed(data, key))


def text(data: Data, key: str) -> str:
    """Read a `string` argument that may not be null."""
    value = data.get(key)
    if type(value) is str:
        return value
    raise Unfit(key)


subject = text
"""Read an `object` argument that may not be null."""


def subject_or_none(data: Data, key: str) -> str | None:
    """Read an `object` argument that may be null."""
    return None if data.get(key) is None else text(data, key)


def is_masked(data: Data, key: str) -> bool:
    """Tell whether a field was hidden: it is there and null, which these arguments never are."""
    return key in data and data[key] is None


def words(data: Data, key: str) -> tuple[int, ...]:
    """Read an `array` argument of 32-bit words, as a list or as the bytes of the wire."""
    value = data.get(key)
    if type(value) is bytes and len(value) % 4 == 0:
        return tuple(memoryview(value).cast("I"))
    if isinstance(value, list | tuple) and all(_is_word(item) for item in value):
        return tuple(value)
    raise Unfit(key)


def _is_word(value: object) -> bool:
    return type(value) is int and 0 <= value <= _WIDEST


def known(enum: type[E], value: int) -> E | int:
    """Give the member of this value, or the value itself where there is none."""
    try:
        return enum(value)
    except ValueError:
        return value


def flags(enum: type[F], value: int) -> F | int:
    """Give the members of these bits, or the value itself where a bit is unknown."""
    return value if value & ~sum(enum) else enum(value)
