"""Which records are meant, and what is said of them: by name, subject, origin and data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from wayfold.expect.names import Names

__all__ = ["Pattern", "Recorded", "Source", "matching"]


class Recorded(Protocol):
    """A record, whoever wrote it down."""

    @property
    def position(self) -> int: ...

    @property
    def time_ns(self) -> int: ...

    @property
    def origin(self) -> str: ...

    @property
    def subject(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def data(self) -> Mapping[str, Any]: ...


class Source(Protocol):
    """Whatever holds records in order: a log, or a session that the harness saw."""

    @property
    def head(self) -> int:
        """Position of the last record."""
        ...

    @property
    def cut(self) -> int:
        """Position of the last record dropped."""
        ...

    def records(
        self, after: int = 0, *, until: int | None = None, name: str | Iterable[str] | None = None
    ) -> Iterator[Recorded]:
        """Give the records after a position, of these names."""
        ...


class Pattern:
    """Records of a name (a shell pattern, or several), and what else must be true of them.

    `subject` is a shell pattern too; `data` names arguments with the value each must have, or
    with a function that is true of it.
    """

    def __init__(
        self,
        name: str | Iterable[str],
        *,
        subject: str | None = None,
        origin: str | None = None,
        data: Mapping[str, object | Callable[[Any], object]] | None = None,
    ) -> None:
        self.names = Names(name)
        self.origin = origin
        self.data = dict(data or {})
        self._subjects = None if subject is None else Names(subject)

    def selects(self, record: Recorded) -> bool:
        """Tell whether a record is one of those meant, whatever its data."""
        return (
            record.name in self.names
            and (self._subjects is None or record.subject in self._subjects)
            and (self.origin is None or record.origin == self.origin)
        )

    def fits(self, record: Recorded) -> bool:
        """Tell whether a record is meant and has the data."""
        return self.selects(record) and not self.unlike(record.data)

    def unlike(self, data: Mapping[str, Any]) -> list[str]:
        """Name the arguments that are not as they must be."""
        return [name for name, wanted in self.data.items() if not _is(wanted, name, data)]

    @property
    def kind(self) -> str:
        """Tell which records are meant, in words, whatever their data."""
        words = [" or ".join(self.names.patterns)]
        if self._subjects is not None:
            words.append(f"of {' or '.join(self._subjects.patterns)}")
        if self.origin is not None:
            words.append(f"from {self.origin}")
        return " ".join(words)

    def __str__(self) -> str:
        return f"{self.kind} with {self.told_data}" if self.data else self.kind

    @property
    def told_data(self) -> str:
        """Tell in words what the data must be."""
        return ", ".join(f"{name} {_told(wanted)}" for name, wanted in self.data.items())


def _is(wanted: object, name: str, data: Mapping[str, Any]) -> bool:
    if name not in data:
        return False
    return bool(wanted(data[name])) if callable(wanted) else bool(data[name] == wanted)


def _told(wanted: object) -> str:
    if not callable(wanted):
        return f"= {wanted!r}"
    name = getattr(wanted, "__name__", "<lambda>")
    return "as the function says" if name == "<lambda>" else f"as {name} says"


def matching(
    name: str | Iterable[str],
    *,
    subject: str | None = None,
    origin: str | None = None,
    data: Mapping[str, object | Callable[[Any], object]] | None = None,
) -> Pattern:
    """Give what `before` and `after` take where a name does not say enough."""
    return Pattern(name, subject=subject, origin=origin, data=data)
