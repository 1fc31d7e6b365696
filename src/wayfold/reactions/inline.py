"""Views that change in the transaction of every append, and so are never behind."""

from collections.abc import Sequence
from typing import Any

from wayfold.errors import LogUnusable, ReactionFailed
from wayfold.expect.names import Names
from wayfold.log import Log, Record
from wayfold.log.beside import LOST, Beside
from wayfold.reactions.home import MemoryHome
from wayfold.reactions.reaction import reason_of
from wayfold.reactions.table_home import TableHome

__all__ = ["Inline", "bring_up"]

_PAGE = 1000
_REJECTED = "nothing was written"


class Inline:
    """A view's home as the log needs it. An exception of the view's rejects the append."""

    def __init__(self, name: str, hears: str | Sequence[str], home: MemoryHome | TableHome) -> None:
        self.home = home
        self._name = name
        self._names = Names(hears)
        self._until = home.position
        self._state: Any = None

    def hears(self, name: str, subject: str) -> bool:
        """Tell whether records of a name are for this view."""
        return name in self._names

    def change(self, records: Sequence[Record], until: int, beside: Beside) -> None:
        """Work out what the records lead to; in tables, write it."""
        try:
            if isinstance(self.home, MemoryHome):
                self._state = self.home.fold(records)
            else:
                self.home.change(beside, until, records)
        except (LogUnusable, *LOST):
            raise  # no fault of the view's: the log has to end its writing
        except Exception as error:
            raise _failed(self._name, until, error, _REJECTED) from error
        self._until = until

    def settle(self) -> None:
        """Let it be so."""
        if isinstance(self.home, MemoryHome):
            self.home.state, self.home.position = self._state, self._until
        else:
            self.home.settle(self._until)


def bring_up(log: Log, name: str, hears: str | Sequence[str], home: MemoryHome | TableHome) -> None:
    """Take everything up to the head; raises ReactionFailed where that cannot be."""
    names = Names(hears).patterns
    while home.position < log.head:
        until = min(home.position + _PAGE, log.head)
        records = list(log.records(home.position, until=until, name=names))
        try:
            home.advance(until, records)
        except LogUnusable:
            raise
        except Exception as error:
            what = "it cannot be inline before it has taken every record"
            raise _failed(name, until, error, what) from error


def _failed(name: str, position: int, error: Exception, consequence: str) -> ReactionFailed:
    return ReactionFailed(name, position, reason_of(error), consequence)
