"""Chain records by hash, so that a change to any of them shows."""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

__all__ = ["START", "Row", "chained"]

START = bytes(32)
"""What the first record of a log is chained to."""


class Row(NamedTuple):
    """A record as it is stored."""

    position: int
    time_ns: int
    origin: str
    subject: str
    version: int
    name: str
    data: str
    masked: str | None


def chained(before: bytes, rows: Iterable[Row]) -> Iterable[bytes]:
    """Give the hash of each row: SHA-256 of the one before it and every column.

    Lengths stand before the texts, so that no two rows have the same bytes.
    """
    for row in rows:
        position, time_ns, origin, subject, version, name, data, masked = row
        told = (
            f"{position},{time_ns},{version},{len(origin)},{len(subject)},{len(name)},{len(data)},"
            f"{origin}{subject}{name}{data}{masked or ''}"
        )
        before = sha256(before + told.encode()).digest()
        yield before
