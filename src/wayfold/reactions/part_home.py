"""A part of a process whose owner is a worker: it thinks, the log's thread writes."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from wayfold.log import Record
from wayfold.log.beside import Beside
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.home import Busy
from wayfold.reactions.partition import Lease
from wayfold.reactions.process_home import ProcessHome, Thought
from wayfold.reactions.worker import Worker

__all__ = ["PartHome"]


class _Answer(NamedTuple):
    thought: Thought | None
    error: BaseException | None


class PartHome(ProcessHome):
    """The states of a part, folded anew by each owner from the snapshot and the tail.

    Every write checks the lease within its transaction, so that what a former owner had thought of
    comes too late.
    """

    def __init__(
        self,
        assignment: Assignment,
        *,
        lease: Lease,
        worker: Worker,
        ring: Callable[[], None],
    ) -> None:
        self._lease = lease
        self._worker = worker
        self._ring = ring
        self._asked: tuple[int, tuple[int, ...]] | None = None
        self._answer: _Answer | None = None
        super().__init__(assignment, lease.part)

    @property
    def is_busy(self) -> bool:  # type: ignore[override]
        """True while the worker thinks."""
        return self._asked is not None and self._answer is None

    def claim(self, until: int) -> int:
        """Give the end of what the worker was asked about."""
        return until if self._asked is None else self._asked[0]

    def thought(self, until: int, records: Sequence[Record]) -> Thought:
        """Ask the worker, and raise Busy until it has answered about these very records."""
        about = until, tuple(record.position for record in records)
        answer, self._answer = self._answer, None
        if self._asked != about or answer is None:
            self._ask(about, tuple(records))
            raise Busy
        self._asked = None
        if answer.error is not None:
            raise answer.error
        assert answer.thought is not None
        return answer.thought

    def _ask(self, about: tuple[int, tuple[int, ...]], records: Sequence[Record]) -> None:
        try:
            self._asked = about
            self._worker.submit(lambda: self._think(about, records))
        except BaseException:  # a signal's handler raised: nobody may ever answer
            self._asked = None
            raise

    def _think(self, about: tuple[int, tuple[int, ...]], records: Sequence[Record]) -> None:
        """On the worker's thread."""
        try:
            answer = _Answer(self.think(records), None)
        except BaseException as error:  # SystemExit would end the worker alone, and silently
            answer = _Answer(None, error)
        if self._asked == about:
            self._answer = answer
        self._ring()

    def hand_over(self) -> None:
        """Write where it is and keep the states, so that the next owner folds little."""
        self.flush()
        self.snapshot()

    def write(self, beside: Beside, until: int) -> None:
        """Move the position, for whoever holds the lease; raises PositionMoved for others."""
        self._lease.check()
        super().write(beside, until)
