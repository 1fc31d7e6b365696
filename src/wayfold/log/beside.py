"""What is kept beside the records of a log, and changes in one transaction with them."""

from collections.abc import Callable, Sequence
from typing import Any

import apsw

from wayfold.errors import PositionMoved, StatementRefused
from wayfold.log.chain import seal
from wayfold.log.tables import BESIDE

__all__ = ["LOST", "Beside", "NotBegun", "Work", "in_memory", "transact", "undo"]

LOST = (
    apsw.BusyError,
    apsw.CantOpenError,
    apsw.CorruptError,
    apsw.FullError,
    apsw.IOError,
    apsw.NoMemError,
    apsw.NotADBError,
    apsw.ReadOnlyError,
)
"""What is no fault of a statement's: the store itself has failed."""
_HELD = "SELECT position FROM hold WHERE name = ?"


class NotBegun(Exception):
    """A transaction could not begin, because somebody else's goes on; nothing was written."""


class Beside:
    """SQL on the tables beside the records, in the transaction that is going on."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    @property
    def connection(self) -> Any:
        """For the store's own statements, whose failing is the store's."""
        return self._connection

    def execute(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and give its rows; raises StatementRefused where SQLite refuses it."""
        try:
            return self._connection.execute(statement, arguments).fetchall()  # type: ignore[no-any-return]
        except LOST:
            raise
        except apsw.Error as error:
            raise StatementRefused(statement, str(error)) from error

    def held(self, name: str) -> int | None:
        """Give how far a view or process has come; None where it never began."""
        rows = self.execute(_HELD, (name,))
        return rows[0][0] if rows else None

    def move(self, name: str, before: int | None, after: int | None) -> None:
        """Move a view or process; from None it begins, to None it is forgotten.

        Raises PositionMoved unless it is where it is thought to be: compare and set.
        """
        if before is None:
            self.execute("INSERT OR IGNORE INTO hold VALUES (?, ?)", (name, after))
        elif after is None:
            self.execute("DELETE FROM hold WHERE name = ? AND position = ?", (name, before))
        else:
            arguments = (after, name, before)
            self.execute("UPDATE hold SET position = ? WHERE name = ? AND position = ?", arguments)
        if self._connection.changes() != 1:
            raise PositionMoved(name, expected=before, actual=self.held(name))

    def keep_snapshot(self, position: int, model: str, state: bytes | None) -> None:
        """Keep a state at a position, in place of all that were kept under its name."""
        self.execute("DELETE FROM snapshot WHERE model = ?", (model,))
        if state is not None:
            row = (position, model, state, seal(position, model, state))
            self.execute("INSERT INTO snapshot VALUES (?, ?, ?, ?)", row)

    def hold(self, name: str, position: int | None) -> None:
        """Say, without comparing, above which position records are needed; None: no longer."""
        if position is None:
            self.execute("DELETE FROM hold WHERE name = ?", (name,))
        else:
            self.execute("INSERT OR REPLACE INTO hold VALUES (?, ?)", (name, position))


Work = Callable[[Beside], None]
"""What is to be done beside the records; its exception undoes the whole transaction."""


def in_memory() -> apsw.Connection:
    """Give what a log in memory keeps beside its records."""
    connection = apsw.Connection(":memory:")
    connection.execute(BESIDE)
    return connection


def transact(connection: apsw.Connection, work: Work) -> None:
    """Commit what is done, or undo it; raises NotBegun while somebody else writes.

    No context manager: a signal between its steps would leave the transaction to the collector.
    """
    try:
        try:
            _begin(connection)
            work(Beside(connection))
            connection.execute("COMMIT")
        except BaseException:
            undo(connection)
            raise
    except BaseException:
        undo(connection)  # again: a second signal may have come before the first undoing
        raise


def undo(connection: apsw.Connection) -> None:
    """Roll back what is going on, if anything is."""
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def _begin(connection: apsw.Connection) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except apsw.BusyError as error:
        raise NotBegun from error
