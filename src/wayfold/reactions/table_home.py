"""A view in tables of the log's file: its position moves in the transaction of its rows."""

from collections.abc import Sequence
from typing import Any

from wayfold.errors import LogConflict
from wayfold.log import Log, Record
from wayfold.log.beside import Beside
from wayfold.reactions.home import TablePosition
from wayfold.reactions.parking import Parked
from wayfold.reactions.tables import Tables, drop_tables, make_tables, show_tables
from wayfold.reactions.view import TableView

__all__ = ["TableHome", "begin_build", "builds", "discard_build", "end_build"]

_BUILDS = "SELECT generation, version, is_live FROM build WHERE view = ? ORDER BY generation"


class TableHome(TablePosition):
    """One generation of a view's tables."""

    def __init__(self, log: Log, view: TableView, generation: int) -> None:
        name = _hold(view.name, generation)
        stored = log.read("SELECT position FROM hold WHERE name = ?", (name,))
        super().__init__(log, name, stored[0][0] if stored else None)
        self.generation = generation
        self.version = builds(log, view)[generation][0]
        self._view = view
        self._tables = Tables(view.tables, generation)

    def advance(self, until: int, records: Sequence[Record]) -> None:
        """Write what records mean, and the position."""
        if records or not self.may_skip(until):
            work = lambda beside: self.change(beside, until, records)  # noqa: E731
            self.commit(until, lambda: self._log.write(work))

    def change(self, beside: Beside, until: int, records: Sequence[Record]) -> None:
        """Do what `advance` does, in a transaction that is going on."""
        self.write(beside, until)
        tables, apply = self._tables.within(beside), self._view.apply
        for record in records:
            apply(tables, record)

    def release(self, parked: Parked, record: Record) -> None:
        """Write what a record that waits means."""

        def work(beside: Beside) -> None:
            self._view.apply(self._tables.within(beside), record)
            self.parking.unwrite(beside, parked)

        self.unpark(parked, lambda: self._log.write(work))

    def read(self, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Give the rows of a query on these tables."""
        return self._tables.read(self._log, statement, arguments)


def _hold(view: str, generation: int) -> str:
    return f"view/{view}/{generation}"


def builds(log: Log, view: TableView) -> dict[int, tuple[int, bool]]:
    """Give the generations that a file has of a view: version, and whether it is shown."""
    return {row[0]: (row[1], bool(row[2])) for row in log.read(_BUILDS, (view.name,))}


def begin_build(log: Log, view: TableView) -> TableHome:
    """Make the next generation of a view's tables, empty; the first one is shown at once."""
    known = builds(log, view)
    generation = max(known, default=0) + 1

    def work(beside: Beside) -> None:
        make_tables(beside, Tables(view.tables, generation), view.schema)
        beside.move(_hold(view.name, generation), None, 0)
        row = (view.name, generation, view.version, not known)
        beside.execute("INSERT INTO build VALUES (?, ?, ?, ?)", row)
        if not known:
            show_tables(beside, view.tables, generation)

    log.write(work)
    return TableHome(log, view, generation)


def end_build(log: Log, view: TableView, generation: int) -> None:
    """Show a generation that has caught up, and take every other one away."""
    gone = [each for each in builds(log, view) if each != generation]

    def work(beside: Beside) -> None:
        if beside.held(_hold(view.name, generation)) is None:
            raise LogConflict(view.name, expected=generation, actual=0)
        show_tables(beside, view.tables, generation)
        for each in gone:
            forget_build(beside, view, each)
        statement = "UPDATE build SET is_live = 1 WHERE view = ? AND generation = ?"
        beside.execute(statement, (view.name, generation))

    log.write(work)


def discard_build(log: Log, view: TableView, generation: int) -> None:
    """Take away a generation that is no longer to be shown."""
    log.write(lambda beside: forget_build(beside, view, generation))


def forget_build(beside: Beside, view: TableView, generation: int) -> None:
    """Take one generation away, with its position and what it parked."""
    name = _hold(view.name, generation)
    drop_tables(beside, view.tables, generation)
    beside.hold(name, None)
    beside.hold(f"{name}/parked", None)
    beside.execute("DELETE FROM parked WHERE follower = ?", (name,))
    beside.execute("DELETE FROM build WHERE view = ? AND generation = ?", (view.name, generation))
