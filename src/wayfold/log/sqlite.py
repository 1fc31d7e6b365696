"""Keep records in an SQLite file: one row a record, one transaction an append."""

import os
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any, NoReturn, TypeVar

import apsw
import msgspec

from wayfold.errors import LogDamaged, LogFull, LogTooNew, NotALog
from wayfold.log.batch import Batch
from wayfold.log.chain import START, Columns, link
from wayfold.log.encoding import encode_data
from wayfold.log.lock import WriterLock
from wayfold.log.record import Record
from wayfold.log.rows import Rows
from wayfold.log.store import Span
from wayfold.log.tables import APPLICATION_ID, FORMAT, MIGRATIONS

__all__ = ["SqliteStore"]

T = TypeVar("T")
_CHUNK = 2048
_BUSY_MS = 5000
_INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT = "INSERT INTO subject VALUES (?, ?) ON CONFLICT DO UPDATE SET version = excluded.version"
_ADVANCE = "UPDATE log SET head = ?, hash = ?"
# One statement, so that both numbers are of one moment while somebody else writes.
_LOOK = "SELECT id, head, cut, hash, (SELECT max(position) FROM record) FROM log"
_SNAPSHOTS = """
SELECT position, state, hash FROM snapshot WHERE position <= ? AND model = ?
ORDER BY position DESC LIMIT 4
"""
_KEEP = "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)"
_SELECT = """
SELECT position, time_ns, origin, subject, version, name, data, masked FROM record
WHERE position > ? AND position <= ? ORDER BY position LIMIT ?
"""


class SqliteStore:
    """Records in one file, or with `is_read_only` those that somebody else writes.

    Commits do not wait for the disk (WAL, synchronous=NORMAL): `head` is what has been
    committed, `durable` what a loss of power would leave. Raises LogUnusable and what is under
    it. A failed write or sync closes the store for good.
    """

    outlives_process = True

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        is_read_only: bool = False,
        vfs: str | None = None,
        sync: Callable[[int], None] = os.fdatasync,
    ) -> None:
        self.path = os.fspath(path)
        self.is_read_only = is_read_only
        self._vfs = vfs  # both are for whoever wants to see what reaches the disk, and when
        self._sync_file = sync
        self._failure: LogDamaged | LogFull | None = None
        self._syncing = threading.Lock()
        self._connection: Any = None
        self._lock: WriterLock | None = None
        self._wal = -1
        self._is_closed = False
        self._head = self._cut = self._durable = 0
        if not is_read_only:
            self._lock = WriterLock(self.path)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    # -- opening ------------------------------------------------------------------------------

    def _open(self) -> None:
        self._check_header()
        if self.is_read_only:
            self._connection = self._reading(lambda: self._connect(apsw.SQLITE_OPEN_READONLY))
            if self._check_layout() < 1:
                raise NotALog(self.path, "nothing was ever recorded to it")
        else:
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
            flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
            self._connection = self._reading(lambda: self._connect(flags))
            self._check_layout()
            self._reading(self._prepare)
            # SQLite locks nothing in the WAL itself, so that this descriptor disturbs no lock.
            self._wal = os.open(f"{self.path}-wal", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.refresh()
        self._durable = self._head

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self.path, flags=flags, vfs=self._vfs)
        connection.set_busy_timeout(_BUSY_MS)
        return connection

    def _check_header(self) -> None:
        try:
            with open(self.path, "rb") as file:
                header = file.read(100)
        except FileNotFoundError as error:
            if self.is_read_only:
                raise NotALog(self.path, "there is no such file") from error
            return
        except IsADirectoryError as error:
            raise NotALog(self.path, "it is a directory, not a log") from error
        if not header:
            if self.is_read_only:
                raise NotALog(self.path, "it is empty: nothing was ever recorded to it")
            return
        mark = int.from_bytes(header[68:72], "big")
        if os.path.exists(f"{self.path}-journal"):
            return  # its making was cut short; SQLite undoes that before anybody looks
        if header[:16] != b"SQLite format 3\0" or mark != APPLICATION_ID:
            raise NotALog(self.path, "it is no log of wayfold's, and was left as it is")

    def _prepare(self) -> None:
        connection = self._connection
        found = connection.pragma("user_version")
        if not found and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            raise NotALog(self.path, "it is no log of wayfold's, and was left as it is")
        for number in range(found, FORMAT):
            connection.execute("BEGIN IMMEDIATE")
            for statement in MIGRATIONS[number : number + 1]:
                connection.execute(statement)
            if number == 0:
                row = (uuid.uuid4().hex, START, START)
                connection.execute("INSERT INTO log VALUES (1, ?, 0, 0, ?, ?)", row)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")

    def _check_layout(self) -> int:
        found: int = self._reading(lambda: self._connection.pragma("user_version"))
        if found > FORMAT:
            raise LogTooNew(self.path, found=found, known=FORMAT)
        return found

    def refresh(self) -> None:
        """See what another process has appended since."""
        row = self._reading(lambda: self._connection.execute(_LOOK).fetchone())
        if row is None:
            raise LogDamaged(self.path, "it has lost the row that says where it ends")
        self.id, self._head, self._cut, self._hash, last = row
        last = self._cut if last is None else last
        if last != self._head:
            told = f"it should end at position {self._head}, and ends at {last}"
            raise LogDamaged(self.path, told, min(self._head, last) + 1)

    # -- the store ----------------------------------------------------------------------------

    @property
    def head(self) -> int:
        """Position of the last record committed."""
        return self._head

    @property
    def durable(self) -> int:
        """Position of the last record known to be on disk."""
        return self._durable

    @property
    def cut(self) -> int:
        """Position of the last record dropped."""
        return self._cut

    @property
    def is_writable(self) -> bool:
        """True while records can be appended."""
        return not (self._is_closed or self.is_read_only or self._failure)

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record; 0 where it has none."""
        select = "SELECT version FROM subject WHERE subject = ?"
        row = self._reading(lambda: self._connection.execute(select, (subject,)).fetchone())
        return row[0] if row else 0

    def append(self, batches: Sequence[Batch]) -> None:
        """Commit all the batches as one transaction, or none of them."""
        self._check_usable()
        rows: list[tuple[Any, ...]] = []
        versions: dict[str, int] = {}
        position, hashed = self._head, self._hash
        for batch in batches:
            for record in batch.records(0, len(batch), position + 1, None):
                columns = _columns(record)
                hashed = link(hashed, columns)
                rows.append((*columns, hashed))
                versions[record.subject] = record.version
            position += len(batch)
        self._writing(lambda: self._commit(rows, versions))
        self._head, self._hash = position, hashed

    def _commit(self, rows: list[tuple[Any, ...]], versions: dict[str, int]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_INSERT, rows)
            connection.executemany(_COUNT, versions.items())
            connection.execute(_ADVANCE, (rows[-1][0], rows[-1][-1]))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def sync(self, position: int | None = None) -> int:
        """Wait until a position, or all, is on disk; give `durable`. Any thread may call it.

        Those who wait at once are served by one sync.
        """
        wanted = self._head if position is None else position
        with self._syncing:
            if self._is_closed or self._durable < wanted:
                self._check_usable()
                reached = self._head
                try:
                    self._sync_file(self._wal)
                except OSError as error:
                    self._fail(LogDamaged(self.path, f"it could not be synced: {error}"), error)
                self._durable = reached
        return self._durable

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after `after` up to `until`, read by and by."""
        while after < until:
            rows = self._rows(after, until)
            if not rows:
                raise LogDamaged(self.path, f"position {after + 1} is missing", after + 1)
            yield Span(Rows(rows, self.path), 0, len(rows), after + 1)
            after += len(rows)

    def _rows(self, after: int, until: int) -> list[Columns]:
        rows: list[Columns] = self._read(_SELECT, (after, until, _CHUNK))
        for position, row in enumerate(rows, after + 1):
            if row[0] != position:
                raise LogDamaged(self.path, f"position {position} is missing", position)
        return rows

    def snapshot(self, until: int, model: str) -> tuple[int, bytes] | None:
        """Give the newest kept state of a model up to a position, with its position.

        One that is not what was kept is passed over: it is a cache.
        """
        for position, state, hashed in self._read(_SNAPSHOTS, (until, model)):
            if sha256(state).digest() == hashed:
                return position, state
        return None

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep the state of a model at a position."""
        self._check_usable()
        row = (position, model, state, sha256(state).digest())
        self._writing(lambda: self._connection.execute(_KEEP, row))

    def excess(self) -> Sequence[Span]:
        """Give nothing: a file keeps what it was given."""
        return ()

    def drop(self, until: int) -> None:
        """Do nothing, as there is no excess."""

    def verify(self) -> Iterator[int]:
        """Check every record against the chain; give the positions reached, chunk by chunk.

        Raises LogDamaged with the first position that does not fit.
        """
        select = "SELECT * FROM record WHERE position > ? ORDER BY position LIMIT ?"
        base = "SELECT base FROM log"
        before: bytes = self._reading(lambda: self._connection.execute(base).fetchone()[0])
        after = self._cut
        while after < self._head:
            rows = self._read(select, (after, _CHUNK))
            for row in rows:
                after += 1
                before = link(before, row[:8])
                if row[0] != after or row[8] != before:
                    raise LogDamaged(self.path, f"position {after} is not what was written", after)
            if not rows:
                raise LogDamaged(self.path, f"position {after + 1} is missing", after + 1)
            yield after
        if before != self._hash:
            raise LogDamaged(self.path, f"position {after} is not the last that was written", after)

    def _read(self, statement: str, arguments: tuple[Any, ...]) -> list[Any]:
        return self._reading(lambda: self._connection.execute(statement, arguments).fetchall())

    # -- failing ------------------------------------------------------------------------------

    def _check_usable(self) -> None:
        if self._is_closed:
            raise ValueError(f"{self.path} is closed; open it again to append to it")
        if self._failure is not None:
            raise self._failure
        if self.is_read_only:
            raise ValueError(f"{self.path} was opened for reading only")

    def _reading(self, action: Callable[[], T]) -> T:
        if self._is_closed:
            raise ValueError(f"{self.path} is closed; open it again to read it")
        try:
            return action()
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise LogDamaged(self.path, f"SQLite cannot read it: {error}") from error
        except apsw.Error as error:
            raise LogDamaged(self.path, f"it cannot be opened or read: {error}") from error

    def _writing(self, action: Callable[[], object]) -> None:
        try:
            action()
        except apsw.FullError as error:
            self._fail(LogFull(self.path, "the disk is full; make room and open it again"), error)
        except apsw.Error as error:
            self._fail(LogDamaged(self.path, f"it could not be written: {error}"), error)

    def _fail(self, failure: LogDamaged | LogFull, cause: Exception) -> NoReturn:
        self._failure = failure
        raise failure from cause

    def close(self) -> None:
        """Sync what is not on disk, and let the next writer in; again it does nothing."""
        if self._wal >= 0:
            if self._failure is None:
                self.sync()
            os.close(self._wal)
            self._wal = -1
        self._is_closed = True
        if self._connection is not None:
            self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _columns(record: Record) -> Columns:
    return (
        record.position,
        record.time_ns,
        record.origin._value_,
        record.subject,
        record.version,
        record.name,
        encode_data(record.data),
        msgspec.json.encode(record.masked).decode() if record.masked else None,
    )
