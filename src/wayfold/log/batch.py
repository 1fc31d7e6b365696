"""What is appended at once: records at hand, or packed ones that bring their own decoder."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from wayfold.log.record import Record, Run, Single

__all__ = ["Batch", "Decoded", "Wanted"]

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

    def joined(self, other: "Batch") -> bool:
        """Take over the records of `other`, which follow at once; False where that cannot be."""
        ...


class Decoded:
    """Records that are at hand."""

    size = 0

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = list(records)

    def __len__(self) -> int:
        return len(self._records)

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

    def joined(self, other: Batch) -> bool:
        """Take over other records at hand."""
        if not isinstance(other, Decoded):
            return False
        self._records += other._records
        return True
