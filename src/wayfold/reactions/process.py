"""Processes: per key, what has happened decides what is to be done."""

from collections.abc import Iterable
from typing import Generic, TypeVar

from wayfold.log import Record
from wayfold.reactions.outcome import Outcome
from wayfold.reactions.reaction import Reaction

__all__ = ["OWN_RECORDS", "Process"]

S = TypeVar("S")
OWN_RECORDS = ("deadline.*", "effect.*")


class Process(Reaction, Generic[S]):
    """A process manager: folds the records of a key, and decides on each one.

    What it decides is appended with its position, as one transaction, so that every record is
    decided on once. Pure: no clock, no I/O; the same records always give the same states. It also
    hears of its own deadlines and effects (`deadline.expired`, `effect.done`, `effect.gave_up` …),
    under the key that they were decided for, whatever `hears` says: `decide` must look at the
    record's name before it requires anything.

    It answers for the whole log from the first record on, unless `since` is "head": then it acts
    on what comes after its first start. A new `version` folds again, and goes on acting where the
    old one was.
    """

    initial: S
    since: str = "first"

    def fold(self, state: S, record: Record) -> S:
        """Give the state of the record's key after it; `initial` again where nothing is open."""
        raise NotImplementedError

    def decide(self, state: S, record: Record) -> Iterable[Outcome]:
        """Give what is to be done about a record; `state` is that after it."""
        raise NotImplementedError

    def holds(self, state: S, record: Record) -> bool:
        """Tell whether a deadline that is due still means something; `record` is its expiry."""
        return True
