"""Check that what a file holds is what was written to it."""

from collections.abc import Callable, Iterator
from hashlib import sha256

from wayfold.errors import LogDamaged
from wayfold.log.chain import Chain
from wayfold.log.file import LogFile
from wayfold.log.marks import Marks

__all__ = ["verify_chain", "verify_rest"]

_CHUNK = 2048
_SELECT = """
SELECT * FROM record WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
"""
# A subject whose last record was cut is not looked at, nor are records behind what is noted.
_MISCOUNTED = """
SELECT subject FROM record WHERE position <= (SELECT head FROM log) GROUP BY subject
HAVING max(version) IS NOT (SELECT version FROM subject WHERE subject.subject = record.subject)
LIMIT 1
"""


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
            if after == marks.noted and chain.last != marks.noted_hash:
                raise LogDamaged(
                    file.path, f"position {after} is not the one that was noted", after
                )
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
