"""What was true when, what changed it, and since when."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec

from wayfold.log.compare import Change, changes
from wayfold.log.record import Record

__all__ = ["carrier", "diff", "first", "follow", "look_up", "why"]

_CHUNK = 256
_MISSING = object()


class Past(Protocol):
    """A log, as far as its past goes."""

    @property
    def head(self) -> int: ...

    @property
    def cut(self) -> int: ...

    def state_at(self, when: int | datetime, /) -> Any: ...

    def records(self, after: int = 0, /, *, until: int | None = None) -> Iterator[Record]: ...


def diff(log: Past, before: int | datetime, after: int | datetime) -> list[Change]:
    """Give what differs between two states, but for what only serves the fold."""
    found = changes(log.state_at(before), log.state_at(after))
    return [change for change in found if change.path.split(".")[0] != "pending"]


def why(
    log: Past, path: str, until: int, told: Callable[[int], object] | None = None
) -> list[Record]:
    """Give the records at which the value at a path changed, the newest first."""
    is_known = look_up(log.state_at(until), path, _MISSING) is not _MISSING
    found = list(_back(log, path, until, told))
    if not found and not is_known:
        raise LookupError(f"no state up to position {until} has a value at {path!r}")
    return found


def carrier(log: Past, path: str, position: int) -> Record:
    """Give the record that brought the value which the one at a position made count.

    Mostly it is that one. What counts only when its group ends came earlier, and is in `pending`
    from then on, where a state has such a part.
    """
    (counted,) = log.records(position - 1, until=position)
    _, _, inside = path.partition(".")
    held = f"pending.{inside}"
    value = look_up(log.state_at(position), path, _MISSING)
    is_of_one_object = "." in inside and value is not _MISSING
    if is_of_one_object and look_up(log.state_at(position - 1), held, _MISSING) == value:
        return next(_back(log, held, position - 1, None), counted)
    return counted


def _back(
    log: Past, path: str, until: int, told: Callable[[int], object] | None
) -> Iterator[Record]:
    """Give the records at which a value changed by and by, the newest first."""
    for stop in range(until, log.cut, -_CHUNK):
        start = max(stop - _CHUNK, log.cut)
        if _holder(log.state_at(start), path) is not _holder(log.state_at(stop), path):
            yield from reversed(_changing(log, path, start, stop))
        if told is not None:
            told(start)


def _changing(log: Past, path: str, start: int, stop: int) -> list[Record]:
    before = look_up(log.state_at(start), path, _MISSING)
    found = []
    for record in log.records(start, until=stop):
        after = look_up(log.state_at(record.position), path, _MISSING)
        if after is not before and after != before:
            found.append(record)
        before = after
    return found


def _holder(state: Any, path: str) -> Any:
    """Give the innermost struct or table on a path: as long as that is the same, so is the value.

    A fold makes a new one for every change, also for one that is taken back.
    """
    holder, value = state, state
    for name in path.split("."):
        value = look_up(value, name, _MISSING)
        if not isinstance(value, (msgspec.Struct, Mapping)):
            break
        holder = value
    return holder


def look_up(state: Any, path: str, default: Any = None) -> Any:
    """Give the value at a path such as `outputs.wl_output#3.scale`."""
    value = state
    for name in path.split("."):
        if isinstance(value, Mapping):
            keys = (key for key in value if str(key) == name)
            value = value.get(next(keys, None), _MISSING)
        elif isinstance(value, msgspec.Struct) and name in value.__struct_fields__:
            value = getattr(value, name)
        else:
            return default
        if value is _MISSING:
            return default
    return value


def follow(log: Past, subject: str) -> Iterator[Record]:
    """Give every record that is about a subject or names it."""
    return (
        record
        for record in log.records()
        if record.subject == subject or subject in _plain(record.data.values())
    )


def _plain(values: Any) -> list[str]:
    return [value for value in values if isinstance(value, str)]


def first(log: Past, predicate: Callable[[Any], object], after: int) -> int | None:
    """Give the first position at whose state the predicate is true, by bisection."""
    if not predicate(log.state_at(log.head)):
        return None
    low, high = after, log.head
    while low < high:
        middle = (low + high) // 2
        if predicate(log.state_at(middle)):
            high = middle
        else:
            low = middle + 1
    return low
