"""How much of a log is kept, and up to where it may be cut."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, Protocol

import msgspec

__all__ = ["Keep", "Retention", "bound_of"]

_LOOK_RECORDS = 1024
"""Records between two looks at how old and how large a log has become."""

_AGES = {"m": "minutes", "h": "hours", "d": "days"}
_SIZES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_BOUND = re.compile(r"(?P<number>[0-9]{1,15})(?P<unit>[mhdKMG]?)")

_SHARE = 16
"""A log may be over its bounds by this fraction, so that it is cut by many records at once."""


class Keep(msgspec.Struct, frozen=True):
    """What of a log in a file is kept: what goes beyond any of the bounds is dropped.

    `records` is a number of records, `age` how long after they were written, `size` the bytes in
    use in the file. Each may be exceeded by a sixteenth for a while. Raises ValueError on a bound
    that is not positive and where there is none, TypeError on one of another kind.
    """

    records: int | None = None
    age: timedelta | None = None
    size: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Keep":
        """Read what a person types: `500000` records, `7d`, `12h` or `30m` of age, `2G` or `500M`.

        Several are given with commas: `7d,2G`. Raises ValueError.
        """
        bounds: dict[str, Any] = {}
        for part in text.split(","):
            found = _BOUND.fullmatch(part.strip())
            if found is None:
                raise ValueError(
                    f"{part!r} is no bound of a log: give a number of records (500000), an age "
                    "(30m, 12h, 7d) or a size (500M, 2G)"
                )
            number, unit = int(found["number"]), found["unit"]
            if unit in _AGES:
                bounds["age"] = timedelta(**{_AGES[unit]: number})
            elif unit in _SIZES:
                bounds["size"] = number * _SIZES[unit]
            else:
                bounds["records"] = number
        return cls(**bounds)

    def __post_init__(self) -> None:
        """Refuse bounds under which nothing could be kept, and those that bound nothing."""
        for name, bound in (("records", self.records), ("size", self.size)):
            _check_kind(name, bound, int, "a whole number")
            if bound is not None and bound < 1:
                raise ValueError(f"{name} must be at least 1, not {bound}")
        _check_kind("age", self.age, timedelta, "a timedelta")
        if self.age is not None and self.age <= timedelta(0):
            raise ValueError(f"age must be positive, not {self.age}")
        if (self.records, self.age, self.size) == (None, None, None):
            raise ValueError(
                "Keep() bounds nothing: give records, age or size; a log without `keep` grows"
            )


def bound_of(keep: Any) -> Keep | None:
    """Give what `Log.open` takes as a bound; raises TypeError on anything else."""
    if keep is None or isinstance(keep, Keep):
        return keep
    if isinstance(keep, int):
        return Keep(records=keep)
    raise TypeError(
        "keep must be a number of records or a wayfold.Keep, such as Keep(records=500_000) or "
        f"Keep.parse('7d,500M'), not {keep!r:.80}"
    )


def _check_kind(name: str, bound: object, kind: type, told: str) -> None:
    # Text is what is typed in a shell, and has a reader of its own.
    if bound is not None and not isinstance(bound, kind):
        raise TypeError(f"{name} must be {told}, not {bound!r:.80}; Keep.parse reads '7d,500M'")


class Kept(Protocol):
    """A store, as far as its size goes."""

    @property
    def head(self) -> int: ...

    @property
    def cut(self) -> int: ...

    @property
    def size(self) -> int: ...

    def time_ns(self, position: int) -> int: ...

    def holds(self) -> dict[str, int]: ...


class Retention:
    """Says up to where a store may be cut, and asks it little while nothing is due."""

    def __init__(self, keep: Keep | None) -> None:
        self._records = keep.records if keep else None
        self._age = keep.age if keep else None
        self._size = keep.size if keep else None
        self._is_bounded = keep is not None
        self._look_at = 0
        self._look_at_ns = 0

    def until(self, store: Kept, clock: Callable[[], int]) -> int:
        """Give the position up to which may be dropped; the present cut where nothing may."""
        if not self._is_bounded:
            return store.cut
        now_ns = clock() if self._age else 0
        if store.head < self._look_at and now_ns < self._look_at_ns:
            return store.cut
        self._look_again(store.head, now_ns)
        found = max(self._by_count(store), self._by_age(store, now_ns), self._by_size(store))
        held = min(store.holds().values(), default=found)
        return max(min(found, held), store.cut)

    def _look_again(self, head: int, now_ns: int) -> None:
        records, age = self._records, self._age
        step = _LOOK_RECORDS if records is None else min(records // _SHARE, _LOOK_RECORDS)
        self._look_at = head + max(step, 1)
        self._look_at_ns = now_ns + _nanoseconds(age) // _SHARE if age else 1 << 63

    def _by_count(self, store: Kept) -> int:
        records = self._records
        if records is None or store.head - store.cut <= records:
            return store.cut
        return store.head - records

    def _by_age(self, store: Kept, now_ns: int) -> int:
        if self._age is None:
            return store.cut
        oldest_ns = now_ns - _nanoseconds(self._age)
        low, high = store.cut, store.head - 1
        while low < high:
            middle = (low + high + 1) // 2
            if store.time_ns(middle) < oldest_ns:
                low = middle
            else:
                high = middle - 1
        return max(low, store.cut)

    def _by_size(self, store: Kept) -> int:
        size = self._size
        if size is None or (used := store.size) <= size:
            return store.cut
        # Records are taken to be of one size; where they are not, the next look cuts again.
        spare = (store.head - store.cut) * (used - size) // used
        return store.cut + min(max(spare, 1), store.head - store.cut - 1)


def _nanoseconds(age: timedelta) -> int:
    return age // timedelta(microseconds=1) * 1000
