"""Count the records of each subject, and number those that are appended."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from wayfold.log.plain import plain, sound
from wayfold.log.record import Fact, Origin, Record
from wayfold.log.upcast import check_name

__all__ = ["Counter", "Versions", "check_fact"]


_EARLIEST_NS, _LATEST_NS = -(2**63), 2**63 - 1


class Counter(Protocol):
    """Who else counts the records of some subjects: a connection does for its objects."""

    def version(self, subject: str) -> int | None:
        """Give the version of the subject's last record; None where it is not counted here."""
        ...

    def advance(self, subject: str, version: int) -> bool:
        """Note the subject's version; False where it is not counted here."""
        ...


class Versions:
    """The version of each subject's last record; while a session lasts, also its objects'.

    `recall` gives the version of one that was not counted here, as the store knows it.
    """

    def __init__(self, recall: Callable[[str], int]) -> None:
        self._recall = recall
        self._counted: dict[str, int] = {}
        self._session: Counter | None = None

    def __getitem__(self, subject: str) -> int:
        counted = self._session.version(subject) if self._session else None
        if counted is None:
            counted = self._counted.get(subject)
        return self._recall(subject) if counted is None else counted

    def advance(self, versions: Mapping[str, int]) -> None:
        """Note the versions that some records brought."""
        for subject, version in versions.items():
            if not (self._session and self._session.advance(subject, version)):
                self._counted[subject] = version

    def number(
        self, facts: Iterable[Fact], first: int, now_ns: int, versions: dict[str, int]
    ) -> list[Record]:
        """Make records of facts from a position on, and put into `versions` those they bring.

        Raises ValueError and TypeError on facts that no record could hold; see `plain`.
        """
        records = []
        for position, fact in enumerate(facts, first):
            if type(fact) is not Fact:
                check_fact(fact)
            name, subject, origin = fact.name, fact.subject, fact.origin
            if type(name) is not str or not name.isascii():
                name = _text(name, "name")
            if type(subject) is not str or not subject.isascii():
                subject = _text(subject, "subject")
            if not (subject and name):
                raise ValueError(f"a record needs a name and a subject: {fact}")
            if "@" in name:
                check_name(name)
            data = plain(fact.data)
            version = versions[subject] = (versions.get(subject) or self[subject]) + 1
            at_ns = now_ns if fact.time_ns is None else fact.time_ns
            if type(at_ns) is not int or not _EARLIEST_NS <= at_ns <= _LATEST_NS:
                raise TypeError(f"a record's time is Unix nanoseconds, an int, not {at_ns!r}")
            if type(origin) is not Origin:
                origin = _origin(origin)
            records.append(Record(position, at_ns, origin, subject, version, name, data))
        return records

    def forget(self) -> None:
        """Ask the store again: what was stored last is not known."""
        self._counted.clear()

    def join(self, session: Counter) -> None:
        """Let a session count its objects; raises ValueError as `check_free` does."""
        self.check_free()
        self._session = session

    def leave(self) -> None:
        """Count every subject here again."""
        self._session = None

    def check_free(self) -> None:
        """Raise ValueError while a session lasts: the serials of two would collide."""
        if self._session is not None:
            raise ValueError(
                "another connection writes to this log; close it first, or give each its own log"
            )


def check_fact(value: object, giver: str = "what is appended") -> None:
    """Raise TypeError on what is no fact; `giver` says who gave it."""
    if not isinstance(value, Fact):
        raise TypeError(
            f"{giver} is made of facts, and found was {value!r:.80}, of type "
            f"{type(value).__name__}: make it a wayfold.Fact(name, subject, data)"
        )


def _origin(value: Any) -> Origin:
    try:
        return Origin(value)
    except ValueError:
        raise ValueError(
            f"a record's origin is one of {', '.join(Origin)}, not {value!r:.80}: an application's "
            "own facts have Origin.APP"
        ) from None


def _text(value: object, what: str) -> str:
    if isinstance(value, str):
        return sound(value, lambda: f"the {what} {value!r:.80}")
    raise TypeError(
        f"a record's name and subject are str, and its {what} is of type {type(value).__name__}: "
        f"convert {value!r:.80}"
    )
