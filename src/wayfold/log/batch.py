"""What is appended at once: records at hand, or packed ones that bring their own decoder."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from wayfold.log.encoding import columns
from wayfold.log.record import Columns, Record, Run, Single

__all__ = ["ROWS", "Batch", "Decoded", "Wanted"]

ROWS = 512
"""Rows that a batch gives at a time, or a few more: with 700 alive the collector would set in."""

Wanted = Callable[[str, str], bool]
"""Says by name and subject whether a record is worth decoding."""


class Batch(Protocol):
    """Consecutive records of which only the first one's position must be told."""

    def __len__(self) -> int:
        """Count the records."""
        ...

    @property
    def size(self) -> int:
        """Bytes kept in memory for these records; 0 where nobody counts."""
        ...

    def record(self, index: int, position: int) -> Record:
        """Give the record at `index`, counted from 0, whose position is `position`."""
        ...

    def records(
        self, start: int, stop: int, position: int, wanted: Wanted | None
    ) -> Iterator[Record]:
        """Give the wanted ones of records `start` to `stop`; `position` is that of `start`."""
        ...

    def runs(self, start: int, stop: int) -> Iterator[Run]:
        """Give records `start` to `stop` for a fold."""
        ...

    def rows(self, position: int) -> Iterator[list[Columns]]:
        """Give every record as it is stored, some at a time; `position` is the first one's.

        Raises TypeError and ValueError on data that is not plain.
        """
        ...

    def joined(self, other: "Batch") -> "Batch | None":
        """Give one batch of these records and those of `other`, which follow at once.

        What is held may be shared, and this batch stays what it is; None where that cannot be.
        Of one batch only one may be made.
        """
        ...


class Decoded:
    """Records that are at hand."""

    size = 0

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = list(records)
        self._count = len(self._records)

    def __len__(self) -> int:
        return self._count

    def record(self, index: int, position: int) -> Record:
        """Give the record at `index`."""
        return self._records[index]

    def records(
        self, start: int, stop: int, position: int, wanted: Wanted | None
    ) -> Iterator[Record]:
        """Give the wanted ones of records `start` to `stop`."""
        found = self._records[start:stop]
        if wanted is None:
            return iter(found)
        return (record for record in found if wanted(record.name, record.subject))

    def runs(self, start: int, stop: int) -> Iterator[Run]:
        """Give each record as a run of its own."""
        return (Single(r.name, r.subject, r.data, r.origin) for r in self._records[start:stop])

    def rows(self, position: int) -> Iterator[list[Columns]]:
        """Give every record as it is stored."""
        found = self._records[: self._count]
        if 0 < self._count <= ROWS:  # a generator would cost as much as a record
            return iter((list(map(columns, found)),))
        starts = range(0, self._count, ROWS)
        return (list(map(columns, found[start : start + ROWS])) for start in starts)

    def joined(self, other: Batch) -> "Decoded | None":
        """Give these and other records at hand, in one list that both use."""
        if not isinstance(other, Decoded):
            return None
        made = Decoded(())
        self._records += other._records[: other._count]
        made._records, made._count = self._records, self._count + other._count
        return made
