"""What views and processes have in common: a name, what they hear, and what failing means."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from wayfold.log import Record
from wayfold.log.instance import check_instance
from wayfold.log.plain import spelled

__all__ = ["OnFailure", "Reaction", "Then", "check", "reason_of"]


class Then(StrEnum):
    """What becomes of a record that failed as often as it may."""

    PARK = "park"
    """It waits, and so do later ones of its key, in order; other keys go on."""
    STOP = "stop"
    """The view or process stands, until it is told to resume."""


class OnFailure(msgspec.Struct, frozen=True):
    """How often a failing record is tried again, after which pauses, and what then."""

    retries: int = 3
    then: Then = Then.PARK
    first_s: float = 0.05
    """The first pause; each one is twice as long as the one before."""

    def pause_s(self, failures: int) -> float:
        """Give the pause after the last of some failures, in seconds."""
        return float(self.first_s * 2 ** (failures - 1))


class Reaction:
    """What follows the log under a name. To be subclassed: View, TableView, Process and so on."""

    name: str = ""
    hears: str | Sequence[str] = "*"
    """Shell patterns for the names of the records that are of interest."""
    version: int = 1
    """To be raised by who changes what is made of the records."""
    on_failure: OnFailure = OnFailure()

    def key(self, record: Record) -> str | None:
        """Give what a record belongs to, as text; order is kept within a key.

        None: it is of no interest. Where this fails, a record belongs to its subject.
        """
        return record.subject


def check(reaction: Reaction) -> None:
    """Raise ValueError on a reaction without a name of its own, TypeError on a class."""
    check_instance(reaction, "a view or process")
    if not reaction.name or "/" in reaction.name:
        raise ValueError(
            f"{type(reaction).__name__} needs a name without / to keep its position under, "
            f"not {reaction.name!r}"
        )


def reason_of(error: BaseException) -> str:
    """Tell an error as text that can be stored, whatever it holds and whether it can be told."""
    kind = type(error).__name__
    try:
        said = f"{kind}: {error}"
    except Exception as failure:
        said = f"{kind}, which cannot be told: {type(failure).__name__}"
    return spelled(said)
