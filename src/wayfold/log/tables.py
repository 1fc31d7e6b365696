"""The file of a durable log: its tables, the views in it for people, and its layouts."""

import uuid
from typing import Any

from wayfold.errors import LogTooNew, NotALog
from wayfold.log.chain import START

__all__ = ["APPLICATION_ID", "BESIDE", "layout_of", "make_tables"]

APPLICATION_ID = 0x77617966
"""Bytes 68 to 71 of the file (PRAGMA application_id): `wayf`."""
_PAGE_BYTES = 2048
"""A record that is appended alone writes one page; large ones would make many at once cheaper."""

_TIME = "strftime('%Y-%m-%d %H:%M:%f', time_ns / 1e9, 'unixepoch')"

BESIDE = """
CREATE TABLE hold (
    name     TEXT PRIMARY KEY,
    position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE build (
    view       TEXT NOT NULL,
    generation INTEGER NOT NULL,
    version    INTEGER NOT NULL,
    is_live    INTEGER NOT NULL,
    PRIMARY KEY (view, generation)
) WITHOUT ROWID;

CREATE TABLE parked (
    follower   TEXT NOT NULL,
    position   INTEGER NOT NULL,
    key        TEXT NOT NULL,
    error      TEXT NOT NULL,
    is_dropped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (follower, position)
) WITHOUT ROWID;
"""
"""What views and processes keep beside the records, also of a log in memory.

`hold` is how far each has come (records above are still needed), `build` the generations of a
view's tables, `parked` the records that failed and those of the same key behind them.
"""

_FIRST = f"""
CREATE TABLE record (
    position INTEGER PRIMARY KEY,
    time_ns  INTEGER NOT NULL,
    origin   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    version  INTEGER NOT NULL,
    name     TEXT NOT NULL,
    data     TEXT NOT NULL,
    masked   TEXT,
    hash     BLOB NOT NULL
);

CREATE TABLE subject (
    subject TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE log (
    only   INTEGER PRIMARY KEY CHECK (only = 1),
    id     TEXT NOT NULL,
    head   INTEGER NOT NULL,
    cut    INTEGER NOT NULL,
    hash   BLOB NOT NULL,
    base   BLOB NOT NULL,
    cut_at INTEGER
);

{BESIDE}
CREATE TABLE blob (
    hash     TEXT PRIMARY KEY,
    position INTEGER NOT NULL,
    content  BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE snapshot (
    position INTEGER NOT NULL,
    model    TEXT NOT NULL,
    state    BLOB NOT NULL,
    hash     BLOB NOT NULL,
    PRIMARY KEY (model, position)
) WITHOUT ROWID;

CREATE VIEW event AS
    SELECT position, {_TIME} AS time, subject, name, data FROM record WHERE origin = 'compositor';
CREATE VIEW request AS
    SELECT position, {_TIME} AS time, subject, name, data FROM record WHERE origin = 'client';
CREATE VIEW fact AS
    SELECT position, {_TIME} AS time, origin, subject, name, data FROM record
    WHERE origin IN ('app', 'wayfold');
CREATE VIEW mark AS
    SELECT position, {_TIME} AS time, data ->> '$.text' AS text FROM record WHERE name = 'mark';
CREATE VIEW session AS
    SELECT position, {_TIME} AS time, name, data ->> '$.display' AS display,
           data ->> '$.reason' AS reason
    FROM record WHERE name IN ('connection.opened', 'connection.lost', 'connection.closed');
CREATE VIEW output_history AS
    SELECT position, {_TIME} AS time, subject, substr(name, 8) AS what, data FROM record
    WHERE name IN ('output.added', 'output.changed', 'output.removed');
CREATE VIEW window_history AS
    SELECT position, {_TIME} AS time, subject, substr(name, 8) AS what, data FROM record
    WHERE name IN ('window.added', 'window.changed', 'window.removed');
"""

_MIGRATIONS = (_FIRST,)
"""What makes layout k + 1 (PRAGMA user_version) of layout k, from an empty file on."""
_NEWEST = len(_MIGRATIONS)


def layout_of(connection: Any, path: str) -> int:
    """Give the layout of the file at `path`, 0 for an empty one; raises LogTooNew."""
    found: int = connection.pragma("user_version")
    if not 0 <= found <= _NEWEST:
        raise LogTooNew(path, found=found, known=_NEWEST)
    return found


def make_tables(connection: Any, path: str) -> None:
    """Bring the file at `path` to the newest layout.

    Raises LogTooNew, and NotALog where it holds tables that are not a log's.
    """
    found = layout_of(connection, path)
    if not found and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise NotALog(path, "it is no log of wayfold's, and was left as it is")
    if not found:
        connection.pragma("page_size", _PAGE_BYTES)
    for number in range(found, _NEWEST):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(_MIGRATIONS[number])
        if number == 0:
            row = (uuid.uuid4().hex, START, START)
            connection.execute("INSERT INTO log VALUES (1, ?, 0, 0, ?, ?, NULL)", row)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number + 1}")
        connection.execute("COMMIT")
