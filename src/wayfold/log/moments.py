"""Moments: from what a caller gives to Unix nanoseconds, and from those to positions."""

from datetime import UTC, datetime, timedelta
from operator import index
from typing import Any, Protocol

from wayfold.log.record import Record

__all__ = ["index_of", "nanoseconds", "position_at", "unix_ns"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Timed(Protocol):
    """A log, as far as its times go."""

    @property
    def head(self) -> int: ...

    @property
    def cut(self) -> int: ...

    def __getitem__(self, at: int, /) -> Record: ...


def position_at(log: Timed, time_ns: int) -> int:
    """Give the position of the last record not later than a Unix time; the cut where none is.

    Where the clock was set back between two sessions, one of the positions that have been the last
    at that time: the record there is not later, and the one behind it is.
    """
    low, high = log.cut, log.head
    while low < high:
        middle = (low + high + 1) // 2
        if log[middle].time_ns <= time_ns:
            low = middle
        else:
            high = middle - 1
    return low


def index_of(given: Any, told: str) -> int:
    """Give a position as an int; raises TypeError, which tells what was to be given."""
    try:
        return index(given)
    except TypeError:
        raise TypeError(f"{told}; {given!r:.80} is no position") from None


def nanoseconds(since: int | datetime | None) -> int:
    """Give Unix nanoseconds; a time before all others for None."""
    if since is None:
        return -1
    return since if isinstance(since, int) else unix_ns(since)


def unix_ns(when: datetime) -> int:
    """Give Unix time in nanoseconds; exact, as datetime.timestamp is not."""
    return (when.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000
