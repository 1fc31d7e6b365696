"""The values that a record holds, as a copy that nobody else has."""

from collections.abc import Mapping
from enum import Enum
from math import isfinite
from typing import Any

__all__ = ["AS_THEY_ARE", "BYTES", "plain"]

AS_THEY_ARE = frozenset({int, str, bool, type(None)})
"""Kinds of values that are held, and stored, as they are."""
BYTES = "$bytes"
"""The one key of the mapping that stands for bytes in a file."""


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's data as it will be read, also from a file.

    None, bool, int, str and finite float stay; a tuple becomes a list, an enum its value, what is
    like bytes bytes; mappings need str for keys. Raises TypeError on anything else, which a file
    would give back as something else or not at all, and ValueError on numbers that are not finite
    and on a mapping of `$bytes` alone, which stands for bytes in a file.
    """
    for name, value in data.items():
        if type(value) not in AS_THEY_ARE or type(name) is not str:
            return {_key(name): _plain(value) for name, value in data.items()}
    return dict(data)  # as nearly all are


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in AS_THEY_ARE:
        return value
    if kind is list or kind is tuple:
        # Arrays of the wire have thousands.
        is_flat = AS_THEY_ARE.issuperset(map(type, value))
        return list(value) if is_flat else [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return _mapping(value)
    return _single(value)


def _mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    if value.keys() == {BYTES}:
        raise ValueError(f"a mapping of {BYTES!r} alone stands for bytes in a record")
    return {_key(name): _plain(each) for name, each in value.items()}


def _single(value: Any) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(f"a record holds finite numbers only, not {value}")
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    raise TypeError(
        "a record holds None, bool, int, float, str, bytes, and lists and dicts of these, "
        f"not {type(value).__name__}: {value!r:.80}"
    )


def _key(name: Any) -> str:
    if isinstance(name, str):
        return str.__str__(name)
    raise TypeError(f"the keys of a record's data are str, not {type(name).__name__}: {name!r:.80}")
