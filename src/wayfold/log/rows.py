"""Records as they were read from a file, decoded one by one when somebody looks."""

from collections.abc import Iterator

import msgspec

from wayfold.errors import LogDamaged
from wayfold.log.batch import Batch, Wanted
from wayfold.log.chain import Columns
from wayfold.log.encoding import decode_data
from wayfold.log.record import Origin, Record, Run, Single
from wayfold.log.upcast import Upcasters

__all__ = ["Rows", "check_names"]


class Rows:
    """Consecutive rows of the file at `path`, brought up to the newest version."""

    size = 0

    def __init__(self, rows: list[Columns], path: str, upcasters: Upcasters) -> None:
        self._rows = rows
        self._path = path
        self._upcasters = upcasters

    def __len__(self) -> int:
        return len(self._rows)

    def record(self, index: int, position: int) -> Record:
        """Give the record at `index`."""
        return self._decode(self._rows[index])

    def records(
        self, start: int, stop: int, position: int, wanted: Wanted | None
    ) -> Iterator[Record]:
        """Decode the wanted ones of records `start` to `stop`."""
        for row in self._rows[start:stop]:
            if wanted is None or wanted(self._upcasters.name(row[5]), row[3]):
                yield self._decode(row)

    def runs(self, start: int, stop: int) -> Iterator[Run]:
        """Give each record as a run of its own."""
        for row in self._rows[start:stop]:
            record = self._decode(row)
            yield Single(record.name, record.subject, record.data, record.origin)

    def joined(self, other: Batch) -> None:
        """Give nothing: what was read stays as it was read."""

    def _decode(self, row: Columns) -> Record:
        position, time_ns, origin, subject, version, name, data, masked = row
        if type(time_ns) is not int or type(version) is not int:
            raise LogDamaged(self._path, f"position {position} holds no record", position)
        try:
            record = Record(
                position,
                time_ns,
                Origin(origin),
                subject,
                version,
                name,
                decode_data(data),
                msgspec.json.decode(masked, type=tuple[str, ...]) if masked else (),
            )
        except (ValueError, TypeError) as error:
            told = f"position {position} holds no record: {error}"
            raise LogDamaged(self._path, told, position) from error
        return self._upcasters.record(record)


def check_names(row: Columns, path: str) -> None:
    """Raise LogDamaged where a row's subject or name is no text.

    SQLite lets any cell be anything; what else a row holds is seen when it is decoded.
    """
    if type(row[3]) is not str or type(row[5]) is not str:
        raise LogDamaged(path, f"position {row[0]} holds no record", row[0])
