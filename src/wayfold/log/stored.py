"""The records of an SQLite file as they are read: by position, by subject, by where it was cut."""

from collections.abc import Iterator, Mapping
from typing import Any

from wayfold.errors import LogDamaged, PositionCut
from wayfold.log.chain import GROUP
from wayfold.log.file import LogFile
from wayfold.log.record import Columns, Record
from wayfold.log.rows import Rows, check_names
from wayfold.log.store import Span
from wayfold.log.upcast import Upcasters

__all__ = ["StoredRecords"]

_CHUNK = 2048
_COLUMNS = "position, time_ns, origin, subject, version, name, data, masked"
_SELECT = f"""
SELECT {_COLUMNS} FROM record WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
"""
_ABOUT = f"SELECT {_COLUMNS} FROM record WHERE subject = ? AND position > ? ORDER BY position"
_LAST_CUT = f"SELECT {_COLUMNS} FROM record WHERE position = (SELECT cut_at FROM log)"
_GROUP_END = """
SELECT max(position) FROM record WHERE position BETWEEN ?1 - ?2 AND ?1 AND typeof(hash) = 'blob'
"""


class StoredRecords:
    """Read as they are asked for, and brought up to the newest version."""

    def __init__(self, file: LogFile, upcasters: Upcasters) -> None:
        self._file = file
        self._upcasters = upcasters

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after `after` up to `until`, read by and by."""
        while after < until:
            rows = self._rows(after, until)
            yield Span(self._decoded(rows), 0, len(rows), after + 1)
            after += len(rows)

    def about(self, subject: str, after: int) -> Iterator[Record]:
        """Give the records about a subject that come after a position."""
        rows = self._file.rows(_ABOUT, (subject, after))
        return self._decoded(rows).records(0, len(rows), 0, None)

    def last_cut(self) -> Mapping[str, Any]:
        """Give the data of the record that says with what state the log was cut."""
        row = self._file.row(_LAST_CUT)
        return {} if row is None else self._decoded([row]).record(0, row[0]).data

    def time_ns(self, position: int) -> int:
        """Give the time of a record."""
        row = self._file.row("SELECT time_ns FROM record WHERE position = ?", (position,))
        if row is None:
            raise self.missing(position)
        return int(row[0])

    def group_end(self, position: int) -> int | None:
        """Give the last position up to this one that ends a group of the chain.

        Behind a cut the chain goes on from a hash, which only the last of a group has. None where
        no group ends within reach.
        """
        end: int | None = self._file.row(_GROUP_END, (position, GROUP))[0]
        return end

    def group_hash(self, position: int) -> bytes:
        """Give the hash of the group that ends at a position; raises ValueError where none does."""
        row = self._file.row("SELECT hash FROM record WHERE position = ?", (position,))
        if row is None:
            raise self.missing(position)
        if type(row[0]) is not bytes:
            raise ValueError(f"position {position} is chained together with the one behind it")
        return row[0]

    def missing(self, position: int) -> Exception:
        """Give what to raise where there is no record at a position."""
        (cut,) = self._file.row("SELECT cut FROM log")
        if position <= cut:  # by whoever writes to it, while we read
            return PositionCut(position, cut + 1)
        return LogDamaged(self._file.path, f"position {position} is missing", position)

    def _rows(self, after: int, until: int) -> list[Columns]:
        rows: list[Columns] = self._file.rows(_SELECT, (after, until, _CHUNK), first=after + 1)
        if not rows:
            raise self.missing(after + 1)
        if rows[-1][0] != after + len(rows):  # they are in order
            raise self.missing(next(k for k, row in enumerate(rows, after + 1) if row[0] != k))
        for row in rows:
            check_names(row, self._file.path)
        return rows

    def _decoded(self, rows: list[Columns]) -> Rows:
        return Rows(rows, self._file.path, self._upcasters)
