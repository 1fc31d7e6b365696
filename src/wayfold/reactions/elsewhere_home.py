"""A view in a store of somebody else's: what it parks is kept in the log's tables."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from wayfold.log import Log, Record
from wayfold.reactions.home import LAZY
from wayfold.reactions.parking import Parked, parking_of
from wayfold.reactions.view import ElsewhereView, Unreachable

__all__ = ["ElsewhereHome"]

T = TypeVar("T")
_HOLD_EVERY = 1000


class ElsewhereHome:
    """Parks first and moves then: what a crash leaves parked above the position counts for nothing.

    Its position is asked for when it is first needed, so that a store may come later than we do.
    """

    def __init__(self, log: Log, view: ElsewhereView) -> None:
        self._log = log
        self._view = view
        self._name = f"view/{view.name}"
        self._lost: tuple[type[Exception], ...] = (*view.unreachable, Unreachable)
        self._stored: int | None = None
        self._is_known = False
        self._position = self._held = 0
        self.parking = parking_of(log, self._name)

    @property
    def position(self) -> int:
        """The last record taken; 0 until the store was reached."""
        return self._position

    is_busy = False

    def claim(self, until: int) -> int:
        """Give `until`: records are taken at once."""
        return until

    def open(self) -> None:
        """Ask the store for the position where it is not known for sure."""
        if self._is_known:
            return
        self._stored = self._reach(self._view.position)
        self._position = self._stored or 0
        self._is_known = True
        self._hold()
        for parked in [each for each in self.parking if each.position > self._position]:
            self._unpark(parked)

    def advance(self, until: int, records: Sequence[Record]) -> None:
        """Store what records mean, and the position."""
        if records or until - (self._stored or 0) > LAZY:
            self._store(until, records)
        self._position = until
        if until - self._held >= _HOLD_EVERY:
            self._hold()

    def _store(self, until: int, records: Sequence[Record]) -> None:
        self._reach(lambda: self._view.store(self._stored, until, records))
        self._stored = self._position = until

    def _hold(self) -> None:
        self._log.hold(self._name, self._position)
        self._held = self._position

    def _reach(self, action: Callable[[], T]) -> T:
        try:
            return action()
        except self._lost as error:
            self._is_known = False  # what was stored before it went is not known either
            raise Unreachable(f"{self._view.name}: {error}") from error
        except BaseException as error:
            if not isinstance(error, Exception):
                self._is_known = False  # a signal may have come behind the commit
            raise

    def _unpark(self, parked: Parked) -> None:
        self._log.write(lambda beside: self.parking.unwrite(beside, parked))
        self.parking.forget(parked)

    def park(self, parked: Parked) -> None:
        """Let a record wait, then move to it."""
        self._log.write(lambda beside: self.parking.write(beside, parked))
        self.parking.note(parked)
        self._position = parked.position

    def release(self, parked: Parked, record: Record) -> None:
        """Store what a record that waits means; a crash right after it stores it again."""
        self._store(self._position, (record,))
        self._unpark(parked)

    def drop(self, parked: Parked) -> None:
        """Let a record that waits never be taken."""
        self._log.write(lambda beside: self.parking.unwrite(beside, parked, is_dropped=True))
        self.parking.forget(parked, is_dropped=True)

    def flush(self) -> None:
        """Say in the log's file which records are still needed."""
        if self._is_known:
            self._hold()
