"""Views: read models that are made of the log and keep their own position in it."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from wayfold.errors import WayfoldError
from wayfold.log import Record
from wayfold.reactions.reaction import Reaction
from wayfold.reactions.tables import Tables

__all__ = ["ElsewhereView", "TableView", "Unreachable", "View"]

S = TypeVar("S")


class Unreachable(WayfoldError):
    """Where a view is kept cannot be reached now: no fault of the record, to be tried again."""


class View(Reaction, Generic[S]):
    """A read model in memory: the fold of the records that it hears, from the first one on.

    States are values: `fold` gives a new one and leaves the old as it is.
    """

    initial: S

    def fold(self, state: S, record: Record) -> S:
        """Give the state after a record."""
        raise NotImplementedError


class TableView(Reaction):
    """A read model in tables of the log's own file, readable by plain SQL.

    `schema` makes the tables named in `tables`; every statement spells a name as `{balance}`, so
    that the same code can fill tables that are not shown yet. A plain `balance` is what is shown.
    """

    tables: Sequence[str] = ()
    schema: str = ""

    def apply(self, tables: Tables, record: Record) -> None:
        """Write what a record means."""
        raise NotImplementedError


class ElsewhereView(Reaction):
    """A read model in a store of yours, which must keep the view's position with its data.

    `unreachable` are the exceptions that say that the store is out of reach, as Unreachable does:
    the view answers from what it has, and is tried again.
    """

    unreachable: tuple[type[Exception], ...] = (OSError,)

    def position(self) -> int | None:
        """Give the position that is stored, None where nothing is."""
        raise NotImplementedError

    def store(self, before: int | None, after: int, records: Sequence[Record]) -> None:
        """Write what some records mean, and the position `after`, as one transaction.

        Raise PositionMoved, and write nothing, unless the stored position is `before`.
        """
        raise NotImplementedError

    def read(self, *arguments: Any) -> Any:
        """Answer a question; what there is to ask is yours."""
        raise NotImplementedError
