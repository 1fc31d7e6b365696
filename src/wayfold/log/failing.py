"""What an error of SQLite or of the disk means for a log, and what to do about it."""

import errno
import os
from typing import Any

import apsw

from wayfold.errors import LogBusy, LogDamaged, LogFull, LogUnusable

__all__ = ["ERRORS", "FULL", "told"]

ERRORS = (apsw.Error, OSError, UnicodeDecodeError)
"""What reading and writing a file may raise."""

FULL = (errno.ENOSPC, errno.EDQUOT)
"""Numbers of the errors of a disk without room."""


def told(path: str, error: Exception, doing: str, position: int | None = None) -> LogUnusable:
    """Give what to raise `from` an error; `doing` says what failed (`it could not be written`)."""
    if isinstance(error, apsw.FullError) or _is_full(path, error):
        return LogFull(path, "the disk is full; make room and open it again")
    if isinstance(error, apsw.BusyError | apsw.LockedError):
        return LogBusy(path)
    if isinstance(error, apsw.ReadOnlyError):
        return LogUnusable(path, f"{doing}: it may not be written; open it for reading only")
    if isinstance(error, apsw.CorruptError | apsw.NotADBError):
        return LogDamaged(path, f"SQLite cannot read it: {error}", position)
    if isinstance(error, apsw.CantOpenError):
        hint = "copy it to where files can be made beside it, or name another file"
        return LogUnusable(path, f"{doing}: {error}; {hint}")
    if isinstance(error, UnicodeDecodeError):
        return LogDamaged(path, f"a text in it is not UTF-8: {error}", position)
    return LogDamaged(path, f"{doing}: {error}", position)


def _is_full(path: str, error: Any) -> bool:
    if isinstance(error, OSError):
        return error.errno in FULL
    # SQLite tells a full disk as such only for what it writes, not for what it maps.
    if not isinstance(error, apsw.IOError):
        return False
    try:
        return os.statvfs(os.path.dirname(path) or ".").f_bavail == 0
    except OSError:
        return False
