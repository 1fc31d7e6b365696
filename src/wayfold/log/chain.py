"""Chain records by hash, so that a change to any of them shows.

Records that were appended at once are chained by groups of at most 64. The hash of a group's last
record is the group's: SHA-256 of the hash before it and of all its records, each as a line of
JSON. The others have the Adler-32 of their own line, by which the first that was changed is named.
So a record that is appended alone has a SHA-256 of its own, and 64 at once cost little more.
"""

from collections.abc import Sequence
from hashlib import sha256
from zlib import adler32

import msgspec

from wayfold.log.record import Columns

__all__ = ["GROUP", "START", "Chain", "Hashes", "hashes", "seal"]

GROUP = 64
"""Records in a group at most: a log can be cut behind whole groups only."""

START = bytes(32)
"""What the first record of a log is chained to."""

Hashes = Sequence[int | bytes]
"""What is stored beside records to chain them: checks, and where a group ends its hash."""

_encoder = msgspec.json.Encoder()


def hashes(before: bytes, rows: Sequence[Columns]) -> tuple[Hashes, bytes]:
    """Give what chains records that are appended at once, and the hash of the last of them."""
    if len(rows) == 1:
        alone = sha256(b"%b%b\n" % (before, _encoder.encode(rows[0]))).digest()
        return [alone], alone
    lines = _encoder.encode_lines(rows).split(b"\n")
    lines.pop()
    found: list[int | bytes] = list(map(adler32, lines))
    for start in range(0, len(lines), GROUP):
        stop = min(start + GROUP, len(lines))
        before = sha256(b"%b%b\n" % (before, b"\n".join(lines[start:stop]))).digest()
        found[stop - 1] = before
    return found, before


class Chain:
    """Goes along stored records, and finds the first that does not fit."""

    def __init__(self, before: bytes) -> None:
        self.last = before
        """Hash of the last whole group."""
        self._group = sha256(before)

    def fits(self, columns: Columns, hashed: object) -> bool:
        """Take the next record in; False where it is not what was chained."""
        line = _encoder.encode(columns)
        self._group.update(line + b"\n")
        if type(hashed) is int:
            return hashed == adler32(line)
        self.last = self._group.digest()
        self._group = sha256(self.last)
        return hashed == self.last


def seal(position: int, model: str, state: bytes) -> bytes:
    """Give the hash of a snapshot: of all that says what it is, not only of the state."""
    return sha256(f"{position} {model}\n".encode() + state).digest()
