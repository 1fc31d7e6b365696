"""The SQLite file of a log: opened, locked, written by whole transactions, closed."""

import os
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

import apsw

from wayfold.errors import LogBusy, LogInUse, LogUnusable, NotALog
from wayfold.log.beside import Beside, NotBegun, Work, transact, undo
from wayfold.log.failing import ERRORS, told
from wayfold.log.lock import WriterLock
from wayfold.log.pin import Pinned
from wayfold.log.place import Place
from wayfold.log.room import MakeRoom, Room
from wayfold.log.tables import layout_of, make_tables
from wayfold.log.tidying import empty_wal, reunite, tidy

__all__ = ["LogFile"]


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
        checkpoint_pages: int,
        room: MakeRoom,
    ) -> None:
        self._place = Place(path)
        self.path = self._place.named
        self.is_read_only = is_read_only
        self.is_closed = False
        self._vfs = vfs  # these are for whoever wants to see what reaches the disk, and when
        self._sync = sync
        self._busy_ms = busy_ms
        self._checkpoint_pages = checkpoint_pages
        self._room = Room(room)
        self._owner = os.getpid()
        self.failure: LogUnusable | None = None
        self._connection: Any = None
        self._lock: WriterLock | None = None
        self._pinned: Any = None
        self._wal = -1
        self._wal_pages = 0
        self._written_ns: int | None = None
        self._place.check(is_read_only=is_read_only)
        try:
            if is_read_only:
                self._open_to_read()
            else:
                self._open_to_write()
        except BaseException:
            self.close()
            raise

    # -- opening ------------------------------------------------------------------------------

    def _open_to_read(self) -> None:
        try:
            found = self._layout_to_read()
        except ERRORS as error:
            raise told(self.path, error, "it cannot be read") from error
        if found < 1:
            raise NotALog(self.path, "nothing was ever recorded to it")
        self._place.remember()

    def _layout_to_read(self) -> int:
        try:
            self._connection = self._connect(apsw.SQLITE_OPEN_READONLY)
            return layout_of(self._connection, self.path)
        except (apsw.CantOpenError, apsw.ReadOnlyError) as error:
            if self._connection is None or not self._place.is_read_only:
                raise apsw.CantOpenError(str(error)) from error
        # SQLite wants a file for its locks, but nobody can write where it cannot be made.
        self._connection.close()
        self._connection = self._connect(apsw.SQLITE_OPEN_READONLY, "immutable=1")
        return layout_of(self._connection, self.path)

    def _open_to_write(self) -> None:
        try:
            self._lock = WriterLock(self._place.path)
        except LogInUse as error:
            raise LogInUse(self.path, error.pid) from None
        except OSError as error:
            raise self._place.unusable(error) from error
        self._place.make()
        self._place.check(is_read_only=False)
        self._place.check_beside()
        try:
            self._connection = self._connect(apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE)
            if self._connection.readonly("main"):
                raise apsw.ReadOnlyError("this user may only read it")
            make_tables(self._connection, self.path)
            self._prepare_to_write(self._connection)
        except ERRORS as error:
            raise told(self.path, error, "it cannot be opened for writing") from error

    def _prepare_to_write(self, connection: apsw.Connection) -> None:
        connection.pragma("journal_mode", "wal")
        connection.pragma("synchronous", "normal")
        connection.pragma("user_version")  # opens the WAL, which nobody takes away from then on
        self._room.page_bytes = connection.pragma("page_size")
        self._pinned = Pinned(connection)
        # SQLite locks nothing in the WAL itself, so that this descriptor disturbs no lock.
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._wal = os.open(f"{self._place.path}-wal", flags, 0o600)
        self._place.remember()
        self._written_ns = self._place.written_ns()

    def _connect(self, flags: int, parameters: str = "") -> apsw.Connection:
        uri = f"file:{quote(self._place.path)}?{parameters}" if parameters else self._place.path
        uri_flag = apsw.SQLITE_OPEN_URI if parameters else 0
        connection = apsw.Connection(uri, flags=flags | uri_flag, vfs=self._vfs)
        connection.set_busy_timeout(self._busy_ms)
        connection.set_wal_hook(self._note_wal)
        return connection

    def _note_wal(self, connection: apsw.Connection, schema: str, pages: int) -> int:
        self._wal_pages = pages
        return apsw.SQLITE_OK

    # -- reading and writing ------------------------------------------------------------------

    @property
    def is_writable(self) -> bool:
        """True while something can be written."""
        is_ours = os.getpid() == self._owner
        return is_ours and not (self.is_closed or self.is_read_only or self.failure)

    def rows(
        self, statement: str, arguments: tuple[Any, ...] = (), *, first: int | None = None
    ) -> list[Any]:
        """Give what a statement finds; `first` is the position of its first row, to be told."""
        self._check_readable()
        found: list[Any] = []
        try:
            found.extend(self._connection.execute(statement, arguments))
        except ERRORS as error:
            position = None if first is None else first + len(found)
            raise told(self.path, error, "it cannot be read", position) from error
        return found

    def row(self, statement: str, arguments: tuple[Any, ...] = ()) -> Any:
        """Give the first row that a statement finds, or None."""
        self._check_readable()
        try:
            return self._connection.execute(statement, arguments).fetchone()
        except ERRORS as error:
            raise told(self.path, error, "it cannot be read") from error

    def check_there(self) -> None:
        """Raise LogUnusable where somebody moved or replaced the file that is read."""
        if self.is_read_only:
            self._place.check_there()

    def transaction(self, action: Work) -> None:
        """Do all that `action` does, or nothing of it.

        Raises LogBusy while another program keeps the file locked: nothing was written.
        """

        def work(beside: Beside) -> None:
            self._room.make(self._wal)
            action(beside)

        self.check_usable()
        self._pinned.release()
        try:
            transact(self._connection, work)
        except NotBegun as error:
            raise LogBusy(self.path) from error
        except apsw.Error as error:
            raise self._fail(error, "it could not be written") from error
        if self._wal_pages >= self._checkpoint_pages:
            self._checkpoint()

    @property
    def needs_transaction(self) -> bool:
        """True where a checkpoint or room for syncs is due, which comes with a transaction."""
        return self._wal_pages >= self._checkpoint_pages or self._room.is_wanted

    def insert(self, statement: str, row: tuple[Any, ...]) -> None:
        """Insert a row by a statement that is a transaction of its own; raises as those do."""
        self.check_usable()
        try:
            self._pinned.insert(statement, row)
        except NotBegun as error:
            raise LogBusy(self.path) from error
        except apsw.Error as error:
            raise self._fail(error, "it could not be written") from error

    def undo(self) -> None:
        """Roll back a transaction that a signal has left open."""
        self._pinned.release()
        undo(self._connection)

    def _checkpoint(self) -> None:
        """Move the WAL into the file. SQLite's own checkpoints keep a failed sync to themselves.

        What was committed stays; that the disk has failed is told by what comes next.
        """
        self._wal_pages = 0
        try:
            self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except (apsw.BusyError, apsw.LockedError):
            return  # another program is at it
        except apsw.Error as error:
            self._fail(error, "it could not be synced")
        self._written_ns = self._place.written_ns()

    def read(self, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Give the rows of a query of somebody else's; raises StatementRefused."""
        self._check_readable()
        try:
            return Beside(self._connection).execute(statement, arguments)
        except ERRORS as error:
            raise told(self.path, error, "it cannot be read") from error

    def sync(self) -> None:
        """Wait until all that was committed is on disk; from any thread."""
        self.check_usable()
        try:
            self._sync(self._wal)
            self._room.look(self._wal_pages)
            self._place.check_unmoved(self._wal)
        except OSError as error:
            raise self._fail(error, "it could not be synced") from error

    # -- failing and ending -------------------------------------------------------------------

    def check_usable(self) -> None:
        """Raise what ended the writing: ValueError where it was closed, or the failure."""
        if self.is_writable:
            return
        if self.is_closed:
            raise ValueError(f"{self.path} is closed; open it again to append to it")
        if self.failure is not None:
            raise self.failure
        if self.is_read_only:
            raise ValueError(f"{self.path} was opened for reading only")
        self._check_owner()

    def _check_readable(self) -> None:
        if self.is_closed:
            raise ValueError(f"{self.path} is closed; open it again to read it")
        self._check_owner()

    def _check_owner(self) -> None:
        if os.getpid() != self._owner:
            raise ValueError(
                f"{self.path} was opened by process {self._owner}, of which this one is a fork; "
                "open it here for reading only"
            )

    def _fail(self, error: Exception, doing: str) -> LogUnusable:
        self.failure = told(self.path, error, doing)
        return self.failure

    def close(self) -> None:
        """Let the next writer in, leave nothing beside the file; again it does nothing."""
        is_writable, self.is_closed = self.is_writable, True
        lock, self._lock = self._lock, None
        try:
            if self._connection is not None and os.getpid() == self._owner:
                self._end(is_writable=is_writable)
                self._connection = None
        except ERRORS as error:
            raise told(self.path, error, "it could not be closed") from error
        finally:
            wal, self._wal = self._wal, -1
            if wal >= 0:
                os.close(wal)
            if lock is not None:
                lock.release()

    def _end(self, *, is_writable: bool) -> None:
        try:
            if self._wal >= 0 and self._place.is_parted(self._wal):
                self._reunite()
            elif is_writable and self._pinned is not None:
                self._pinned.release()
                empty_wal(self._connection)
        finally:
            self._connection.close()
        if self.is_read_only and self._place.is_known:
            tidy(self._place.path, self._vfs)

    def _reunite(self) -> None:
        """Move the WAL after the file, unless a write failed or another has written there."""
        cause = self.failure and self.failure.__cause__
        is_well = cause is None or isinstance(cause, FileNotFoundError)
        if is_well and self._place.written_ns() == self._written_ns:
            self._pinned.release()
            reunite(self._connection)
