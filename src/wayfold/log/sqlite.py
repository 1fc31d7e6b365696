"""Keep records in an SQLite file: one row a record, one transaction an append."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wayfold.errors import LogBusy, LogUnusable, PositionCut
from wayfold.log.batch import Batch, Decoded
from wayfold.log.beside import Beside, Work
from wayfold.log.blobs import Blobs
from wayfold.log.chain import Hashes, hashes, seal
from wayfold.log.file import LogFile
from wayfold.log.insertion import INSERT, insert
from wayfold.log.marks import Marks, counted, look, note, uncounted
from wayfold.log.record import Columns, Record
from wayfold.log.retention import Keep, Retention
from wayfold.log.room import MakeRoom, make_room
from wayfold.log.store import Span
from wayfold.log.stored import StoredRecords
from wayfold.log.upcast import Upcasters
from wayfold.log.verification import verify_chain, verify_rest

__all__ = ["SqliteStore"]

_SIGNALS = 100
"""Signals in a row, between any two of which the file can be looked at."""
_CHECKPOINT_PAGES = 2000
"""Pages in the WAL from which on they are moved into the file, as SQLite itself would."""

_SNAPSHOTS = """
SELECT position, state, hash FROM snapshot WHERE position <= ? AND model = ?
ORDER BY position DESC LIMIT 4
"""
_KEEP = "INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)"
_BLOB = """
INSERT INTO blob VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position
"""
_CUT = "UPDATE log SET cut = ?, base = ?, cut_at = ?"
_INDEX = "CREATE INDEX IF NOT EXISTS record_subject ON record (subject)"
_SIZE = """
SELECT (page_count - freelist_count) * page_size
FROM pragma_page_count, pragma_freelist_count, pragma_page_size
"""


class _End(NamedTuple):
    head: int
    hash: bytes


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
        keep: Keep | None = None,
        upcasters: Upcasters | None = None,
        vfs: str | None = None,
        sync: Callable[[int], None] = os.fdatasync,
        busy_ms: int = 5000,
        checkpoint_pages: int = _CHECKPOINT_PAGES,
        room: MakeRoom = make_room,
    ) -> None:
        self._upcasters = upcasters or Upcasters()
        self._retention = Retention(keep)
        self._syncing = threading.Lock()
        self._head = self._cut = self._durable = 0
        self._uncounted: dict[str, int] = {}
        self._is_indexed = False
        self._file = LogFile(
            path,
            is_read_only=is_read_only,
            vfs=vfs,
            sync=sync,
            busy_ms=busy_ms,
            checkpoint_pages=checkpoint_pages,
            room=room,
        )
        self._records = StoredRecords(self._file, self._upcasters)
        try:
            self.refresh()
            if not is_read_only:
                # Who wrote last may have been killed, and what it wrote be in memory only.
                self._settle()
        except BaseException:
            self._file.close()
            raise

    def refresh(self) -> None:
        """See what another process has appended since; raises LogUnusable where it is gone."""
        self._file.check_there()
        marks = self._marks()
        self._head, self._cut, self._hash = marks.head, marks.cut, marks.hash
        if not self.is_read_only:
            self._uncounted = uncounted(self._file) if marks.noted < marks.head else {}

    def _marks(self) -> Marks:
        self.id, marks = look(self._file)
        return marks

    # -- what is there ------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """The file."""
        return self._file.path

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
    def failure(self) -> LogUnusable | None:
        """What ended the writing; None while it goes on."""
        return self._file.failure

    @property
    def is_read_only(self) -> bool:
        """True where somebody else appends."""
        return self._file.is_read_only

    @property
    def is_writable(self) -> bool:
        """True while records can be appended."""
        return self._file.is_writable

    @property
    def size(self) -> int:
        """Bytes in use in the file, without its WAL."""
        return int(self._file.row(_SIZE)[0])

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record; 0 where it has none."""
        versions = uncounted(self._file) if self.is_read_only else self._uncounted
        return versions.get(subject) or counted(self._file, subject)

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after `after` up to `until`, read by and by."""
        return self._records.spans(after, until)

    def blob(self, name: str) -> bytes | None:
        """Give the content that is kept under a hash; None where there is none."""
        row = self._file.row("SELECT content FROM blob WHERE hash = ?", (name,))
        return row[0] if row else None

    # -- appending ----------------------------------------------------------------------------

    def append(self, batches: Sequence[Batch], blobs: Blobs = (), also: Work | None = None) -> None:
        """Commit all the batches, the contents that they name and what `also` does, or nothing."""
        is_alone = also is None and not blobs and len(batches) == 1 and len(batches[0]) == 1
        if is_alone and not self._file.needs_transaction:
            return self._append_alone(batches[0])

        def work(beside: Beside) -> _End:
            end = self._grow(beside.connection, batches)
            for name, content in blobs:
                beside.connection.execute(_BLOB, (name, end.head, content))
            if also is not None:
                also(beside)
            return end

        return self._transact(work, self._cut)

    def write(self, work: Work) -> None:
        """Do what is to be done beside the records as one transaction, or none of it."""
        self._file.transaction(work)

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of a query; raises StatementRefused on one that is none."""
        return self._file.read(statement, arguments)

    def about(self, subject: str, after: int) -> Iterator[Record]:
        """Give the records about a subject, by an index that is made when first needed."""
        if not self._is_indexed and not self.is_read_only:
            self._file.transaction(lambda beside: beside.connection.execute(_INDEX))
            self._is_indexed = True
        return self._records.about(subject, after)

    def _append_alone(self, batch: Batch) -> None:
        """Insert a record by a statement that is a transaction of its own."""
        (row,) = self._upcasters.rows(next(batch.rows(self._head + 1)))
        _, hashed = hashes(self._hash, (row,))
        try:
            try:
                self._file.insert(INSERT, (*row, hashed))
                self._head, self._hash = row[0], hashed
                self._uncounted[row[3]] = row[4]
            except BaseException:
                self._look_again()
                raise
        except BaseException:
            self._look_again()  # again: a second signal may have come before the first look
            raise

    def _transact(self, action: Callable[[Beside], _End], cut: int) -> None:
        ends: list[_End] = []
        try:
            try:
                self._file.transaction(lambda beside: ends.append(action(beside)))
                (self._head, self._hash), self._cut, self._uncounted = ends[0], cut, {}
            except BaseException:
                self._look_again()
                raise
        except BaseException:
            self._look_again()  # again: a second signal may have come before the first look
            raise

    def _look_again(self) -> None:
        """See how far it has come: a signal's handler may raise before a commit or behind it.

        Another signal may come meanwhile; the first one's exception goes on all the same.
        """
        for _ in range(_SIGNALS):
            try:
                if self._file.is_writable:
                    self._file.undo()
                    self.refresh()
            except LogUnusable:
                raise
            except BaseException as error:
                interrupted = error
            else:
                return
        raise interrupted

    def _grow(self, connection: Any, batches: Sequence[Batch]) -> _End:
        """Insert rows with what chains them, and note how far log and subjects have come."""
        head, hashed, versions = self._head, self._hash, dict(self._uncounted)
        for batch in batches:
            for made in batch.rows(head + 1):
                rows = self._upcasters.rows(made)
                checks, hashed = hashes(hashed, rows)
                self._insert(connection, rows, checks)
                versions |= {row[3]: row[4] for row in rows}
                head = rows[-1][0]
        note(connection, head, hashed, versions)
        return _End(head, hashed)

    def _insert(self, connection: Any, rows: list[Columns], checks: Hashes) -> None:
        insert(connection, rows, checks)

    def sync(self, position: int | None = None) -> int:
        """Wait until a position, or all, is on disk; give `durable`. Any thread may call it.

        Those who wait at once are served by one sync.
        """
        wanted = self._head if position is None else position
        with self._syncing:
            if self._file.is_closed or self._durable < wanted:
                reached = self._head
                self._file.sync()
                self._durable = reached
        return self._durable

    # -- snapshots and cuts -------------------------------------------------------------------

    def snapshot(self, until: int, model: str) -> tuple[int, bytes] | None:
        """Give the newest kept state of a model up to a position, with its position.

        One that is not what was kept is passed over: it is a cache.
        """
        for position, state, hashed in self._file.rows(_SNAPSHOTS, (until, model)):
            if type(state) is bytes and seal(position, model, state) == hashed:
                return position, state
        return None

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep the state of a model at a position."""
        row = (position, model, state, seal(position, model, state))
        self._file.transaction(lambda beside: beside.connection.execute(_KEEP, row))

    def excess(self, clock: Callable[[], int]) -> int:
        """Give the position up to which may be dropped now; the cut where nothing may."""
        until = self._retention.until(self, clock)
        if until == self._cut:
            return until
        end = self._records.group_end(until)
        return self._cut if end is None else end

    def time_ns(self, position: int) -> int:
        """Give the time of a record."""
        return self._records.time_ns(position)

    def drop(self, until: int, told: Sequence[Record] = (), also: Work | None = None) -> None:
        """Forget the records up to a position, and append the record that tells so.

        Raises ValueError where the position is none that `excess` could give.
        """
        base = self._records.group_hash(until)

        def cut(beside: Beside) -> _End:
            connection = beside.connection
            end = self._grow(connection, (Decoded(told),))
            if also is not None:
                also(beside)
            connection.execute("DELETE FROM record WHERE position <= ?", (until,))
            connection.execute("DELETE FROM snapshot WHERE position < ?", (until,))
            connection.execute("DELETE FROM blob WHERE position <= ?", (until,))
            connection.execute(_CUT, (until, base, end.head))
            return end

        self._transact(cut, until)

    def base(self) -> Mapping[str, Any]:
        """Give the data of the record that says with what state the log was cut."""
        return self._records.last_cut()

    def holds(self) -> dict[str, int]:
        """Give who still needs the records behind which position."""
        return dict(self._file.rows("SELECT name, position FROM hold"))

    def hold(self, name: str, position: int) -> None:
        """Keep what is behind a position, for somebody by name."""
        self._file.transaction(lambda beside: beside.hold(name, position))

    def release(self, name: str) -> None:
        """Keep nothing for somebody any more."""
        self._file.transaction(lambda beside: beside.hold(name, None))

    # -- proof and end ------------------------------------------------------------------------

    def verify(self) -> Iterator[int]:
        """Check every record against the chain; give the positions reached, chunk by chunk.

        Then that SQLite finds nothing wrong with the file, and that versions and contents are those
        of the records. Raises LogDamaged with the first position that does not fit.
        """
        while True:
            try:
                yield from verify_chain(self._file, self._marks(), self._records.missing)
                break
            except PositionCut:
                continue  # by whoever writes to it; what is left is checked
        verify_rest(self._file)

    def close(self) -> None:
        """Sync what is not on disk, and let the next writer in; again it does nothing."""
        try:
            if self._file.is_writable:
                self._settle()
        finally:
            self._file.close()

    def _settle(self) -> None:
        """Note where the log ends, where that is behind, and sync what is not on disk."""
        if self._uncounted:
            try:
                self._transact(lambda beside: self._grow(beside.connection, ()), self._cut)
            except LogBusy:
                pass  # the records tell it, too
        self.sync()
