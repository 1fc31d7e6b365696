"""Check that what a file holds is what was written to it."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from wayfold.errors import LogDamaged
from wayfold.log.chain import Chain
from wayfold.log.file import LogFile

__all__ = ["Marks", "sound", "verify_chain", "verify_rest"]

_CHUNK = 2048
_SELECT = """
SELECT * FROM record WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
"""
# A subject whose last record was cut is not looked at.
_MISCOUNTED = """
SELECT subject FROM record GROUP BY subject
HAVING max(version) IS NOT (SELECT version FROM subject WHERE subject.subject = record.subject)
LIMIT 1
"""


class Marks(NamedTuple):
    """Where a log ends and begins: positions, and the hashes of the records there."""

    head: int
    cut: int
    hash: bytes
    base: bytes


def sound(values: Sequence[Any], last: Any, path: str) -> Marks:
    """Give the marks that a file holds; `last` is the position of its last record, or None.

    Raises LogDamaged where they cannot be what was written: SQLite lets any cell be anything.
    """
    head, cut, *hashes = values
    is_sound = type(head) is int and type(cut) is int and all(map(_is_hash, hashes))
    if not is_sound or not 0 <= cut <= head:
        raise LogDamaged(path, "the row that says where it ends is not what was written")
    last = cut if last is None else last
    if last != head:
        told = f"it should end at position {head}, and ends at {last}"
        raise LogDamaged(path, told, min(head, last) + 1)
    return Marks(head, cut, *hashes)


def _is_hash(value: object) -> bool:
    return type(value) is bytes and len(value) == sha256().digest_size


def verify_chain(file: LogFile, marks: Marks, missing: Callable[[int], Exception]) -> Iterator[int]:
    """Check every record against the chain of hashes; give the positions reached, by chunks.

    `missing` gives what to raise where there is no record at a position. Raises LogDamaged with the
    first position that does not fit.
    """
    after, chain = marks.cut, Chain(marks.base)
    while after < marks.head:
        rows = file.rows(_SELECT, (after, marks.head, _CHUNK), first=after + 1)
        if not rows:
            raise missing(after + 1)
        for row in rows:
            after += 1
            if row[0] != after:
                raise missing(after)
            if not chain.fits(row[:8], row[8]):
                raise LogDamaged(file.path, f"position {after} is not what was written", after)
        yield after
    if chain.last != marks.hash:
        raise LogDamaged(file.path, f"position {after} is not the last that was written", after)


def verify_rest(file: LogFile) -> None:
    """Check contents, the versions noted of subjects, and what SQLite makes of the file."""
    for name, content in file.rows("SELECT hash, content FROM blob"):
        if type(content) is not bytes or sha256(content).hexdigest() != name:
            raise LogDamaged(file.path, f"the content {name!r} is not what was written")
    for (subject,) in file.rows(_MISCOUNTED):
        raise LogDamaged(file.path, f"the version noted of {subject!r} is not its last record's")
    for (finding,) in file.rows("PRAGMA quick_check(1)"):
        if finding != "ok":
            raise LogDamaged(file.path, f"SQLite finds: {finding}")
