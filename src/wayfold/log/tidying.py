"""Leave nothing beside a log but what somebody needs."""

import os

import apsw

__all__ = ["empty_wal", "reunite", "tidy"]

_PATIENCE_MS = 100
"""How long the end of a log is held up by somebody who is reading it."""


def empty_wal(connection: apsw.Connection) -> None:
    """Move all of the WAL into the file, as SQLite does itself only for who closes last.

    Somebody who reads on has an empty one then. Whoever is in the middle of reading keeps it full.
    """
    connection.set_busy_timeout(_PATIENCE_MS)
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except (apsw.BusyError, apsw.LockedError):
        return


def reunite(connection: apsw.Connection) -> None:
    """Move the WAL into a file that was moved away from it, unless somebody else has that open.

    Under its new name it may have another writer, whose pages these must not replace. SQLite gives
    a WAL up only where it gets the file to itself; that it may not note so in a file which was
    moved is told behind that.
    """
    connection.set_busy_timeout(_PATIENCE_MS)
    try:
        connection.pragma("journal_mode", "delete")
    except (apsw.BusyError, apsw.LockedError, apsw.ReadOnlyError):
        return


def tidy(path: str, vfs: str | None) -> None:
    """Have SQLite take an empty WAL and its index away, unless somebody else has the log open.

    A reader makes both and may remove neither, as that takes a lock that only who may write can
    have. So the file is opened for writing once more, and closed. A WAL that holds something is a
    writer's, or was one's that was killed: reading changes nothing of that.
    """
    try:
        if os.path.getsize(f"{path}-wal") or not os.access(path, os.W_OK):
            return
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
        try:
            connection.pragma("user_version")  # before that it knows of no WAL
        finally:
            connection.close()
    except (apsw.Error, OSError):
        return  # there is none, or it is the next reader's to tidy up
