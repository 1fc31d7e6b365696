"""Chain records by hash, so that a change to any of them shows."""

from hashlib import sha256

import msgspec

__all__ = ["START", "Columns", "link", "seal"]

START = bytes(32)
"""What the first record of a log is chained to."""

Columns = tuple[int, int, str, str, int, str, str, str | None]
"""A record as it is stored: position, time_ns, origin, subject, version, name, data, masked."""

_encode = msgspec.json.Encoder().encode


def link(before: bytes, columns: Columns) -> bytes:
    """Give the hash of a record: SHA-256 of the one before it and all its columns as JSON."""
    return sha256(before + _encode(columns)).digest()


def seal(position: int, model: str, state: bytes) -> bytes:
    """Give the hash of a snapshot: of all that says what it is, not only of the state."""
    return sha256(f"{position} {model}\n".encode() + state).digest()
