"""The values that a record holds, as a copy that nobody else has."""

from collections.abc import Callable, Mapping
from enum import Enum
from math import isfinite
from typing import Any

__all__ = ["AS_THEY_ARE", "BYTES", "plain", "sound", "spelled"]

AS_THEY_ARE = frozenset({int, str, bool, type(None)})
"""Kinds of values that are stored as they are."""
BYTES = "$bytes"
"""The one key of the mapping that stands for bytes in a file."""
DEEPEST = 100
"""Levels of lists and mappings within one another: deeper ones cannot be read back everywhere."""

_WITHOUT_TEXT = AS_THEY_ARE - {str}
_SPELLED = 80
"""Characters of a path that are told."""

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give a record's data as it will be read, also from a file.

    None, bool, int, str and finite float stay; a tuple becomes a list, an enum its value, what is
    like bytes bytes; mappings need str for keys. Raises TypeError on anything else, which a file
    would give back as something else or not at all, and ValueError on numbers that are not finite,
    on text with lone surrogates, on what is nested in more than `DEEPEST` levels, and on a mapping
    of `$bytes` alone, which stands for bytes in a file. Both say where it is.
    """
    if type(data) is not dict and not isinstance(data, Mapping):
        raise TypeError(
            f"a record's data is a mapping of names to values, and is of type "
            f"{type(data).__name__}: give {data!r:.80} a name"
        )
    for name, value in data.items():
        kind = type(value)
        is_held = kind in _WITHOUT_TEXT or (kind is str and value.isascii())
        if not is_held or type(name) is not str or not name.isascii():
            return {_key(name, ()): _plain(value, (name,)) for name, value in data.items()}
    return dict(data)  # as nearly all are


def sound(text: str, what: Callable[[], str]) -> str:
    """Give text as a plain str; raises ValueError, with `what()` it is, on lone surrogates."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(
                f"{what()} has the lone surrogate {text[error.start]!r} at character "
                f"{error.start}, and a record holds text that UTF-8 can tell: decode it with "
                "another error handler ('replace'), or hold its bytes"
            ) from None
    return str.__str__(text)


def spelled(text: str) -> str:
    """Give text in which lone surrogates, as in names of files, are told by escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


def _plain(value: Any, path: Path) -> Any:
    kind = type(value)
    if kind in _WITHOUT_TEXT:
        return value
    if kind is str:
        return value if value.isascii() else sound(value, lambda: _at(path))
    if kind is float and isfinite(value):
        return value
    if kind is list or kind is tuple:
        return _sequence(value, path)
    if isinstance(value, Mapping):
        return _mapping(value, path)
    return _single(value, path)


def _sequence(value: Any, path: Path) -> list[Any]:
    if _WITHOUT_TEXT.issuperset(map(type, value)):
        return list(value)  # arrays of the wire have thousands
    _check_depth(path)
    return [_plain(each, (*path, index)) for index, each in enumerate(value)]


def _mapping(value: Mapping[Any, Any], path: Path) -> dict[str, Any]:
    if value.keys() == {BYTES}:
        raise ValueError(
            f"{_at(path)} is a mapping of {BYTES!r} alone, which stands for bytes in a record: "
            "hold the bytes themselves, or name it otherwise"
        )
    _check_depth(path)
    return {_key(name, path): _plain(each, (*path, name)) for name, each in value.items()}


def _check_depth(path: Path) -> None:
    if len(path) >= DEEPEST:
        raise ValueError(
            f"{_at(path)} is nested too deep, and a record holds at most {DEEPEST} levels of lists "
            "and mappings: flatten it, and look whether something holds itself"
        )


def _single(value: Any, path: Path) -> Any:
    if isinstance(value, Enum):
        return _plain(value.value, path)
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, float):
        if not isfinite(value):
            raise ValueError(
                f"{_at(path)} is {value}, and a record holds finite numbers only: "
                "leave it out, or hold None"
            )
        return float(value)
    if isinstance(value, str):
        return sound(value, lambda: _at(path))
    if isinstance(value, int):
        return int(value)
    raise TypeError(
        f"{_at(path)} is of type {type(value).__name__}, and a record holds None, bool, int, "
        f"float, str, bytes, and lists and dicts of these: convert {value!r:.80}"
    )


def _key(name: Any, path: Path) -> str:
    if isinstance(name, str):
        return sound(name, lambda: f"a key of {_at(path)}")
    raise TypeError(
        f"a key of {_at(path)} is of type {type(name).__name__}, and the keys of a record's data "
        f"are str: convert {name!r:.80}"
    )


def _at(path: Path) -> str:
    whole = "data" + "".join(f"[{step!r}]" for step in path)
    return whole if len(whole) <= _SPELLED else f"{whole[:_SPELLED]}…"
