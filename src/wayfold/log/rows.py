"""Records as they were read from a file, decoded one by one when somebody looks."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from wayfold.errors import LogDamaged
from wayfold.log.batch import Batch, Wanted
from wayfold.log.encoding import decode_data
from wayfold.log.record import Columns, Origin, Record, Run, Single, Words
from wayfold.log.upcast import Upcasters

__all__ = ["Rows", "check_names"]

_RUN = itemgetter(2, 3, 5)
_ORIGINS = {origin.value: origin for origin in Origin}


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
        """Give the records by runs of one name and one subject; what is upcast, one by one."""
        for (origin, subject, name), group in groupby(self._rows[start:stop], _RUN):
            if origin in _ORIGINS and not self._upcasters.changes(name):
                yield StoredRun(name, subject, _ORIGINS[origin], list(group), path=self._path)
                continue
            for row in group:
                record = self._decode(row)
                yield Single(record.name, record.subject, record.data, record.origin)

    def rows(self, position: int) -> Iterator[list[Columns]]:
        """Give the rows as they were read."""
        yield self._rows

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
            raise _damaged(self._path, position, error) from error
        return self._upcasters.record(record)


class StoredRun:
    """Consecutive rows of one origin, name and subject, decoded when their data is asked for."""

    __slots__ = ("_path", "_rows", "name", "origin", "subject")

    def __init__(
        self, name: str, subject: str, origin: Origin, rows: Sequence[Columns], *, path: str
    ) -> None:
        self.name = name
        self.subject = subject
        self.origin = origin
        self._rows = rows
        self._path = path

    def __len__(self) -> int:
        return len(self._rows)

    def data(self) -> Iterator[Mapping[str, Any]]:
        """Decode the data of each record; raises LogDamaged where it is none."""
        for row in self._rows:
            try:
                data = decode_data(row[6])
            except (ValueError, TypeError) as error:
                raise _damaged(self._path, row[0], error) from error
            yield data

    def words(self) -> Words | None:
        """Give nothing: the data is text."""
        return None


def _damaged(path: str, position: int, error: Exception) -> LogDamaged:
    return LogDamaged(path, f"position {position} holds no record: {error}", position)


def check_names(row: Columns, path: str) -> None:
    """Raise LogDamaged where a row's subject or name is no text.

    SQLite lets any cell be anything; what else a row holds is seen when it is decoded.
    """
    if type(row[3]) is not str or type(row[5]) is not str:
        raise LogDamaged(path, f"position {row[0]} holds no record", row[0])
