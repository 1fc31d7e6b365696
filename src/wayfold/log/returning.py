"""Tell whether a value that was kept comes back as it was."""

from collections.abc import Sequence
from typing import Any

import msgspec

__all__ = ["difference"]

_HOLDERS = (dict, list, tuple, msgspec.Struct)


def difference(before: Any, after: Any) -> str | None:
    """Say what came back as something else, and where in it; None where all is as it was.

    Types count as much as values: an enum that comes back as its value is another.
    """
    if _returns(before, after):
        return None
    where = "it"
    while (step := _first(before, after)) is not None:
        name, before, after = step
        where += name
    kind, found = type(before).__name__, type(after).__name__
    if kind == found:
        return f"{where} comes back changed, from {before!r:.80} to {after!r:.80}"
    return f"{where} is of type {kind} and comes back as {found}"


def _returns(before: Any, after: Any) -> bool:
    if type(before) is not type(after):
        return False
    if isinstance(before, _HOLDERS):
        inside, found = _inside(before), _inside(after)
        return len(inside) == len(found) and all(map(_returns, inside, found))
    return bool(before == after or (before != before and after != after))  # what is no number


def _first(before: Any, after: Any) -> tuple[str, Any, Any] | None:
    """Give the first thing inside that is another, with how it is reached."""
    if type(before) is not type(after) or not isinstance(before, _HOLDERS):
        return None
    for name, value, found in zip(_names(before), _inside(before), _inside(after), strict=False):
        if not _returns(value, found):
            return name, value, found
    return None


def _inside(holder: Any) -> Sequence[Any]:
    if isinstance(holder, dict):
        return (*holder, *holder.values())
    if isinstance(holder, msgspec.Struct):
        return [getattr(holder, name) for name in holder.__struct_fields__]
    return holder  # type: ignore[no-any-return]


def _names(holder: Any) -> Sequence[str]:
    if isinstance(holder, dict):
        return (*(f"'s key {key!r:.80}" for key in holder), *(f"[{key!r:.80}]" for key in holder))
    if isinstance(holder, msgspec.Struct):
        return [f".{name}" for name in holder.__struct_fields__]
    return [f"[{index}]" for index in range(len(holder))]
