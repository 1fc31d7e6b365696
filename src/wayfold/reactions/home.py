"""Where a view or process keeps what it makes of the records, together with its position."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol

from wayfold.errors import WayfoldError
from wayfold.log import Log, Record
from wayfold.log.beside import Beside
from wayfold.reactions.parking import Parked, Parking, parking_of
from wayfold.reactions.view import View

__all__ = ["LAZY", "Busy", "Home", "MemoryHome", "TablePosition"]

LAZY = 10_000
"""Records without interest after which a position is written all the same."""
_STORED = "SELECT position FROM hold WHERE name = ?"
_WAITING = "SELECT 1 FROM parked WHERE follower = ? AND position = ? AND is_dropped <> 1"


class Busy(Exception):
    """Somebody still thinks about the records that were given; to be asked again when it rings."""


class Home(Protocol):
    """Takes records and moves on, or does neither and raises."""

    @property
    def position(self) -> int:
        """The last record taken, or found to be of no interest."""
        ...

    @property
    def parking(self) -> Parking:
        """The records that wait."""
        ...

    def open(self) -> None:
        """Find out the position, where that is kept elsewhere; raise Unreachable."""
        ...

    @property
    def is_busy(self) -> bool:
        """True while somebody thinks about records: there is nothing to be done until it rings."""
        ...

    def claim(self, until: int) -> int:
        """Give the end of the records that somebody thinks about, else `until`."""
        ...

    def advance(self, until: int, records: Sequence[Record]) -> None:
        """Take records and move to `until`, which is the last one looked at."""
        ...

    def park(self, parked: Parked) -> None:
        """Move to a record without taking it, and let it wait."""
        ...

    def release(self, parked: Parked, record: Record) -> None:
        """Take a record that waits, or raise and leave it waiting."""
        ...

    def drop(self, parked: Parked) -> None:
        """Let a record that waits never be taken."""
        ...

    def flush(self) -> None:
        """Write a position that has moved over nothing of interest."""
        ...


class MemoryHome:
    """The state of a view in memory; made anew with every process, and so is what it parked."""

    def __init__(self, log: Log, view: View[Any], generation: int = 0) -> None:
        self._name = f"view/{view.name}/{generation}" if generation else f"view/{view.name}"
        self._log = log
        self._view = view
        self.state = view.initial
        self.position = 0
        self.parking = Parking(view.name)
        if generation:  # the one that answers goes on, and what it has taken would be dropped
            self._hold()

    is_busy = False

    def claim(self, until: int) -> int:
        """Give `until`: records are taken at once."""
        return until

    def open(self) -> None:
        """Do nothing: the position is at hand."""

    def advance(self, until: int, records: Sequence[Record]) -> None:
        """Fold records."""
        self.state, self.position = self.fold(records), until
        self._hold()

    def _hold(self) -> None:
        if not self._log.outlives_process:  # a file is not held back by what starts from nothing
            self._log.hold(self._name, self.position)

    def fold(self, records: Sequence[Record]) -> Any:
        """Give the state that some records would lead to."""
        state, fold = self.state, self._view.fold
        for record in records:
            state = fold(state, record)
        return state

    def park(self, parked: Parked) -> None:
        """Move to a record without folding it."""
        self.parking.note(parked)
        self.position = parked.position
        self._hold()

    def release(self, parked: Parked, record: Record) -> None:
        """Fold a record that waits."""
        self.state = self._view.fold(self.state, record)
        self.parking.forget(parked)

    def drop(self, parked: Parked) -> None:
        """Let a record that waits never be folded."""
        self.parking.forget(parked, is_dropped=True)

    def flush(self) -> None:
        """Need no records any more: nothing of this outlives its runner, or is behind inline."""
        if not self._log.outlives_process:
            self._log.release(self._name)


class TablePosition:
    """A position in the tables of the log, that moves with what is written beside it.

    `position` may be ahead of what is written, by records of no interest: to look at those again
    after a crash does no harm.
    """

    def __init__(self, log: Log, name: str, stored: int | None) -> None:
        self.name = name
        self.parking = parking_of(log, name)
        self._log = log
        self._unsure: tuple[Callable[[], bool], Callable[[], None]] | None = None
        self._stored = stored
        self.position = stored or 0

    is_busy = False

    def claim(self, until: int) -> int:
        """Give `until`: records are taken at once."""
        return until

    def open(self) -> None:
        """Find out what became of a transaction that was interrupted."""
        if self._unsure is not None:
            is_stored, then = self._unsure
            if _is_so(is_stored):
                then()
            self._unsure = None

    def may_skip(self, until: int) -> bool:
        """Move on without writing, where records of no interest are few."""
        if self._stored is None or until - self._stored > LAZY:
            return False
        self.position = until
        return True

    def write(self, beside: Beside, until: int) -> None:
        """Move the written position; raises PositionMoved where somebody else did."""
        beside.move(self.name, self._stored, until)

    def settle(self, until: int) -> None:
        """Know that it was committed."""
        self._stored = self.position = until

    def commit(
        self,
        until: int,
        transaction: Callable[[], None],
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Do a transaction that moves to `until`, then know of it; `then` may be called twice."""

        def moved() -> None:
            self._stored = self.position = until
            then()

        self._surely(
            transaction, lambda: self._log.read(_STORED, (self.name,)) == [(until,)], moved
        )

    def unpark(
        self,
        parked: Parked,
        transaction: Callable[[], None],
        then: Callable[[], None] = lambda: None,
        *,
        is_dropped: bool = False,
    ) -> None:
        """Do a transaction that lets a record wait no longer, then know of it, as `commit` does."""

        def gone() -> None:
            self.parking.forget(parked, is_dropped=is_dropped)
            then()

        about = (self.name, parked.position)
        self._surely(transaction, lambda: not self._log.read(_WAITING, about), gone)

    def _surely(
        self,
        transaction: Callable[[], None],
        is_stored: Callable[[], bool],
        then: Callable[[], None],
    ) -> None:
        """Know of a transaction also where something is raised behind the commit.

        Such as KeyboardInterrupt by a signal, which may come at any line, or what somebody raises
        who is told of the records. What is not known when this ends is found out by `open`.
        """
        self.open()
        self._unsure = is_stored, then
        try:
            transaction()
        except BaseException:
            self.open()
            raise
        then()
        self._unsure = None

    def flush(self) -> None:
        """Write where it is."""
        until = self.position
        if self._stored != until:
            self.commit(until, lambda: self._log.write(lambda beside: self.write(beside, until)))

    def park(self, parked: Parked) -> None:
        """Move to a record and let it wait."""

        def work(beside: Beside) -> None:
            self.write(beside, parked.position)
            self.parking.write(beside, parked)

        self.commit(
            parked.position, lambda: self._log.write(work), lambda: self.parking.note(parked)
        )

    def drop(self, parked: Parked) -> None:
        """Let a record that waits never be taken."""
        work = lambda beside: self.parking.unwrite(beside, parked, is_dropped=True)  # noqa: E731
        self.unpark(parked, lambda: self._log.write(work), is_dropped=True)


def _is_so(is_stored: Callable[[], bool]) -> bool:
    with suppress(WayfoldError, ValueError):  # what made it fail is told, and not this
        return is_stored()
    return False
