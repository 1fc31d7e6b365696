"""What one entry of the log holds."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Protocol

import msgspec

__all__ = ["Columns", "Fact", "Origin", "Record", "Run", "Single", "Words", "moved"]


Columns = tuple[int, int, str, str, int, str, str, str | None]
"""A record as it is stored: position, time_ns, origin, subject, version, name, data, masked."""


class Origin(StrEnum):
    """Whose doing a record is."""

    COMPOSITOR = "compositor"
    """An event: the compositor told us."""
    CLIENT = "client"
    """A request: we asked the compositor."""
    APP = "app"
    """A fact of an application."""
    WAYFOLD = "wayfold"
    """Told by wayfold itself: a connection opened or lost, a change derived from a group."""


class Record(msgspec.Struct, frozen=True):
    """One entry of the log.

    `position` counts 1, 2, 3 … without gaps and is never used again. `time_ns` is Unix time in
    nanoseconds; within one session it never runs backwards. `version` is the record's place
    within its subject, 1, 2, 3 …. `name` is `interface.message` for Wayland (`wl_output.mode`),
    and `data` holds the arguments under the names of the protocol's XML: a Wayland object is its
    subject (`wl_output#3`), an array a list or bytes, a fixed a float, a descriptor its number.
    `masked` names the fields of `data` that are None because they were secret.
    """

    position: int
    time_ns: int
    origin: Origin
    subject: str
    version: int
    name: str
    data: dict[str, Any]
    masked: tuple[str, ...] = ()


def moved(record: Record, by: int) -> Record:
    """Give the record at another position, and its cause with it."""
    data = record.data
    if record.origin is Origin.WAYFOLD and isinstance(cause := data.get("cause"), int):
        data = {**data, "cause": cause + by}
    return msgspec.structs.replace(record, position=record.position + by, data=data)


class Fact(msgspec.Struct, frozen=True):
    """What is to become a record: the log gives it position, time and version.

    `time_ns` is when it happened, where that was noticed earlier than it is appended.
    Only among those that a decider gives may `subject` be empty: it is the command's then.
    """

    name: str
    subject: str = ""
    data: dict[str, Any] = {}
    origin: Origin = Origin.APP
    time_ns: int | None = None


class Run(Protocol):
    """Consecutive records of one name and one subject, as a fold sees them."""

    @property
    def name(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def origin(self) -> Origin: ...

    def __len__(self) -> int:
        """Count the records."""
        ...

    def data(self) -> Iterator[Mapping[str, Any]]:
        """Give the data of each record in order."""
        ...

    def words(self) -> "Words | None":
        """Give the arguments undecoded, as 32-bit words.

        None where the records are not packed, or where an argument is wider than a word.
        """
        ...


class Words(Protocol):
    """The arguments of a run's records as unsigned 32-bit words."""

    def column(self, argument: int) -> list[int]:
        """Give one argument, counted from 0, of every record."""
        ...


class Single(msgspec.Struct, frozen=True):
    """A run of one record whose data is at hand."""

    name: str
    subject: str
    only: Mapping[str, Any]
    origin: Origin = Origin.COMPOSITOR

    def __len__(self) -> int:
        return 1

    def data(self) -> Iterator[Mapping[str, Any]]:
        """Give the data of the one record."""
        return iter((self.only,))

    def words(self) -> Words | None:
        """Give nothing: the data is not packed."""
        return None
