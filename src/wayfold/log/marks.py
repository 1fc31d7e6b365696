"""Where a log in a file ends, and how many records each subject has: noted in it now and then.

Whoever appends several records notes both in the same transaction. A record that is appended
alone is one statement and notes nothing, for that would write three pages in place of one: it tells
by itself where the log ends. So what is noted may be behind, but not behind what our checkpoints
have moved out of the WAL, whose frames have checksums, and not when the log is closed: in the file
itself no tail can be missing unnoticed.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from wayfold.errors import LogDamaged
from wayfold.log.file import LogFile

__all__ = ["Marks", "counted", "look", "note", "uncounted"]

# One statement, so that all of it is of one moment while somebody else writes.
_LOOK = """
SELECT log.id, log.cut, log.base, log.head, log.hash, last.position, last.hash
FROM log LEFT JOIN (SELECT position, hash FROM record ORDER BY position DESC LIMIT 1) AS last
"""
_UNCOUNTED = """
SELECT subject, max(version) FROM record WHERE position > (SELECT head FROM log) GROUP BY subject
"""
_COUNTED = "SELECT version FROM subject WHERE subject = ?"
_COUNT = "INSERT INTO subject VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version"
_ADVANCE = "UPDATE log SET head = ?, hash = ?"


class Marks(NamedTuple):
    """Where a log begins and ends: positions, and the hashes of the records there.

    `noted` is the end as the file notes it, `head` the end as its last record tells it.
    """

    cut: int
    base: bytes
    noted: int
    noted_hash: bytes
    head: int
    hash: bytes


def look(file: LogFile) -> tuple[str, Marks]:
    """Give the log's id and its marks.

    Raises LogDamaged where they cannot be what was written: SQLite lets any cell be anything.
    """
    row = file.row(_LOOK)
    if row is None:
        raise LogDamaged(file.path, "it has lost the row that says where it ends")
    name, cut, base, noted, noted_hash, last, last_hash = row
    is_sound = type(noted) is int and type(cut) is int and _is_hash(base) and _is_hash(noted_hash)
    if not is_sound or not 0 <= cut <= noted:
        raise LogDamaged(file.path, "the row that says where it ends is not what was written")
    last = cut if last is None else last
    if last < noted:
        told = f"it should end at position {noted}, and ends at {last}"
        raise LogDamaged(file.path, told, last + 1)
    if last == noted:
        return name, Marks(cut, base, noted, noted_hash, noted, noted_hash)
    if not _is_hash(last_hash):
        told = f"it ends at position {last}, with half a transaction"
        raise LogDamaged(file.path, told, last)
    return name, Marks(cut, base, noted, noted_hash, last, last_hash)


def _is_hash(value: object) -> bool:
    return type(value) is bytes and len(value) == sha256().digest_size


def note(connection: Any, head: int, hashed: bytes, versions: Mapping[str, int]) -> None:
    """Note where the log ends, and the versions of subjects that have come since it was noted."""
    connection.executemany(_COUNT, versions.items())
    connection.execute(_ADVANCE, (head, hashed))


def counted(file: LogFile, subject: str) -> int:
    """Give the version that is noted of a subject; 0 where none is."""
    row = file.row(_COUNTED, (subject,))
    return row[0] if row else 0


def uncounted(file: LogFile) -> dict[str, int]:
    """Give the versions of the subjects that have records behind what is noted."""
    found = dict(file.rows(_UNCOUNTED))
    for subject, version in found.items():
        if type(version) is not int:
            raise LogDamaged(file.path, f"the version of the last of {subject!r} is no number")
    return found
