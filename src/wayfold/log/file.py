"""The SQLite file of a log: opened, locked, written by whole transactions, closed."""

import os
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

import apsw

from wayfold.errors import LogBusy, LogDamaged, LogFull, LogTooNew, NotALog
from wayfold.log.beside import Beside, NotBegun, Work, transaction
from wayfold.log.chain import START
from wayfold.log.lock import WriterLock
from wayfold.log.tables import APPLICATION_ID, FORMAT, MIGRATIONS

__all__ = ["LogFile"]

T = TypeVar("T")


class LogFile:
    """One connection to the file, as its only writer or, with `is_read_only`, as a reader.

    Raises LogUnusable and what is under it. A failed write or sync ends all writing for good:
    what it left behind is unknown.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        is_read_only: bool,
        vfs: str | None,
        sync: Callable[[int], None],
        busy_ms: int,
    ) -> None:
        self.path = os.fspath(path)
        self.is_read_only = is_read_only
        self.is_closed = False
        self._vfs = vfs  # both are for whoever wants to see what reaches the disk, and when
        self._sync = sync
        self._busy_ms = busy_ms
        self.failure: LogDamaged | LogFull | None = None
        self._connection: Any = None
        self._lock: WriterLock | None = None
        self._wal = -1
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
            return
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
        flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
        self._connection = self._reading(lambda: self._connect(flags))
        self._check_layout()
        self._reading(self._prepare)
        # SQLite locks nothing in the WAL itself, so that this descriptor disturbs no lock.
        self._wal = os.open(f"{self.path}-wal", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _connect(self, flags: int) -> apsw.Connection:
        connection = apsw.Connection(self.path, flags=flags, vfs=self._vfs)
        connection.set_busy_timeout(self._busy_ms)
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
                connection.execute("INSERT INTO log VALUES (1, ?, 0, 0, ?, ?, NULL)", row)
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

    # -- reading and writing ------------------------------------------------------------------

    @property
    def is_writable(self) -> bool:
        """True while something can be written."""
        return not (self.is_closed or self.is_read_only or self.failure)

    def rows(self, statement: str, arguments: tuple[Any, ...] = ()) -> list[Any]:
        """Give what a statement finds."""
        return self._reading(lambda: self._connection.execute(statement, arguments).fetchall())

    def row(self, statement: str, arguments: tuple[Any, ...] = ()) -> Any:
        """Give the first row that a statement finds, or None."""
        return self._reading(lambda: self._connection.execute(statement, arguments).fetchone())

    def transaction(self, action: Work) -> None:
        """Do all that `action` does, or nothing of it.

        Raises LogBusy while another program keeps the file locked: nothing was written.
        """
        self.check_usable()
        try:
            with transaction(self._connection) as beside:
                action(beside)
        except NotBegun as error:
            raise LogBusy(self.path) from error
        except apsw.FullError as error:
            self._fail(LogFull(self.path, "the disk is full; make room and open it again"), error)
        except apsw.Error as error:
            self._fail(LogDamaged(self.path, f"it could not be written: {error}"), error)

    def read(self, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Give the rows of a query of somebody else's; raises StatementRefused."""
        return self._reading(lambda: Beside(self._connection).execute(statement, arguments))

    def sync(self) -> None:
        """Wait until all that was committed is on disk; from any thread."""
        self.check_usable()
        try:
            self._sync(self._wal)
        except OSError as error:
            self._fail(LogDamaged(self.path, f"it could not be synced: {error}"), error)

    # -- failing and ending -------------------------------------------------------------------

    def check_usable(self) -> None:
        """Raise what ended the writing: ValueError where it was closed, or the failure."""
        if self.is_closed:
            raise ValueError(f"{self.path} is closed; open it again to append to it")
        if self.failure is not None:
            raise self.failure
        if self.is_read_only:
            raise ValueError(f"{self.path} was opened for reading only")

    def _reading(self, action: Callable[[], T]) -> T:
        if self.is_closed:
            raise ValueError(f"{self.path} is closed; open it again to read it")
        try:
            return action()
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise LogDamaged(self.path, f"SQLite cannot read it: {error}") from error
        except apsw.Error as error:
            raise LogDamaged(self.path, f"it cannot be opened or read: {error}") from error

    def _fail(self, failure: LogDamaged | LogFull, cause: Exception) -> NoReturn:
        self.failure = failure
        raise failure from cause

    def close(self) -> None:
        """Let the next writer in; again it does nothing."""
        if self._wal >= 0:
            os.close(self._wal)
            self._wal = -1
        self.is_closed = True
        if self._connection is not None:
            self._connection.close()
        if self._lock is not None:
            self._lock.release()
            self._lock = None
