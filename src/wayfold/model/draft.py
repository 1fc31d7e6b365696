"""The next state while it is being made: slices are copied when first written to."""

from collections.abc import Iterator, Mapping
from typing import Any, Generic, TypeVar

import msgspec
from msgspec.structs import replace

from wayfold.model.state import (
    Connection,
    Global,
    Output,
    Seat,
    State,
    Surface,
    Toplevel,
    Window,
)
from wayfold.model.table import Table

__all__ = ["Bound", "Draft", "Slice"]

K = TypeVar("K")
V = TypeVar("V")
S = TypeVar("S", bound=msgspec.Struct)


class Bound(msgspec.Struct, frozen=True):
    """A live object bound to a global, of an interface without state of its own."""

    global_name: int
    version: int


class Slice(Generic[K, V]):
    """One mapping of the state, as it is to become."""

    __slots__ = ("_is_own", "_now")

    def __init__(self, before: Mapping[K, V]) -> None:
        self._now = before
        self._is_own = False

    def __iter__(self) -> Iterator[K]:
        return iter(tuple(self._now))

    def get(self, key: K) -> V | None:
        """Give the value of this key, if any."""
        return self._now.get(key)

    def values(self) -> tuple[V, ...]:
        """Give the values as they are now; the slice may change while they are gone through."""
        return tuple(self._now.values())

    def put(self, key: K, value: V) -> None:
        """Set a value; the same value again is no change."""
        if self._now.get(key) is not value:
            dict.__setitem__(self._own(), key, value)

    def drop(self, key: K) -> None:
        """Remove a key, if it is there."""
        if key in self._now:
            dict.__delitem__(self._own(), key)

    def replace(self, key: K, **changes: Any) -> None:
        """Set fields of the value of this key, if it is there."""
        value: Any = self._now.get(key)
        if value is not None:
            dict.__setitem__(self._own(), key, replace(value, **changes))

    def freeze(self) -> Mapping[K, V]:
        """Give the mapping; later writes go to a copy."""
        self._is_own = False
        return self._now

    def _own(self) -> dict[K, V]:
        if not self._is_own:
            self._now = Table(self._now)
            self._is_own = True
        return self._now  # type: ignore[return-value]


class _Part(Generic[K, V]):
    """Makes a slice when it is first asked for; from then on the instance's own is found."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, draft: Any, owner: type) -> Slice[K, V]:
        part: Slice[K, V] = Slice(getattr(draft.before, self._name))
        draft.__dict__[self._name] = part
        return part


class Draft:
    """The next state while it is being made; its dict holds the slices asked for so far."""

    __slots__ = ("__dict__", "before")

    globals = _Part[int, Global]()
    outputs = _Part[str, Output]()
    seats = _Part[str, Seat]()
    surfaces = _Part[str, Surface]()
    windows = _Part[str, Window]()
    toplevels = _Part[str, Toplevel]()
    pending = _Part[str, msgspec.Struct]()

    def __init__(self, before: State) -> None:
        self.before = before

    def find(self, kind: type[S], subject: str | None) -> S | None:
        """Give the live object of this subject, if it is of this kind."""
        found = self.pending.get(subject) if subject is not None else None
        return found if type(found) is kind else None

    def live(self, kind: type[S]) -> list[S]:
        """Give the live objects of this kind, oldest first."""
        return [one for one in self.pending.values() if type(one) is kind]

    def version_of(self, subject: str, *, otherwise: int) -> int:
        """Give the version a global was bound at, for the objects made from it inherit it."""
        found = self.find(Bound, subject)
        return otherwise if found is None else found.version

    def create(self, subject: str, value: msgspec.Struct) -> bool:
        """Add a live object; a subject that is taken stays as it is."""
        if self.pending.get(subject) is not None:
            return False
        self.pending.put(subject, value)
        return True

    def restart(self, connection: Connection) -> None:
        """Forget everything: another session begins, or this one is over."""
        self.before = State(connection=connection)
        self.__dict__.clear()

    def freeze(self) -> State:
        """Give the state made, the one before where nothing has changed."""
        before, changes = self.before, {}
        for name, part in self.__dict__.items():
            now = part.freeze()
            if now is not getattr(before, name):
                changes[name] = now
        return replace(before, **changes) if changes else before
