"""Contents that are too large for a record, or came in a descriptor: kept once, by hash."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from wayfold.log.batch import Batch, Wanted
from wayfold.log.encoding import columns
from wayfold.log.record import Columns, Record, Run

__all__ = ["BLOB", "Blobs", "Contents", "WithBlobs"]

BLOB = "$blob"
"""The one key of what stands for a content in a record's data; its value is the SHA-256 in hex."""

Blobs = Sequence[tuple[str, bytes]]
"""Contents with their names."""

Contents = Mapping[int, Mapping[str, bytes]]
"""By place in a batch and by field: the contents that take the place of that field's value."""


class WithBlobs:
    """A batch in some of whose records a field names a content."""

    size = 0

    def __init__(self, batch: Batch, contents: Contents) -> None:
        self._batch = batch
        self._fields = {
            index: {field: {BLOB: _name(content)} for field, content in fields.items()}
            for index, fields in contents.items()
        }
        self.blobs: Blobs = [
            (_name(content), content) for fields in contents.values() for content in fields.values()
        ]

    def __len__(self) -> int:
        return len(self._batch)

    def record(self, index: int, position: int) -> Record:
        """Give the record at `index`."""
        return self._named(index, self._batch.record(index, position))

    def records(
        self, start: int, stop: int, position: int, wanted: Wanted | None
    ) -> Iterator[Record]:
        """Give the wanted ones of records `start` to `stop`."""
        for record in self._batch.records(start, stop, position, wanted):
            yield self._named(start + record.position - position, record)

    def _named(self, index: int, record: Record) -> Record:
        fields = self._fields.get(index)
        if fields is None:
            return record
        return msgspec.structs.replace(record, data={**record.data, **fields})

    def runs(self, start: int, stop: int) -> Iterator[Run]:
        """Give records `start` to `stop` for a fold, to which contents mean nothing."""
        return self._batch.runs(start, stop)

    def rows(self, position: int) -> Iterator[list[Columns]]:
        """Give every record as it is stored."""
        for rows in self._batch.rows(position):
            yield [self._stored(row, row[0] - position) for row in rows]

    def _stored(self, row: Columns, index: int) -> Columns:
        return columns(self.record(index, row[0])) if index in self._fields else row

    def joined(self, other: Batch) -> None:
        """Give nothing: this is on its way to a file."""


def _name(content: bytes) -> str:
    from hashlib import sha256  # a fifteenth of `import wayfold`, for which memory has no use

    return sha256(content).hexdigest()
