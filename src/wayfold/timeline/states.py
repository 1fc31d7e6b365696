"""How the state changes over a recording: whole states now and then, and patches in between."""

from array import array
from collections.abc import Iterator, Mapping
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from wayfold.log import Origin, Record
from wayfold.log.compare import Change, changes
from wayfold.log.history import look_up
from wayfold.log.record import Single
from wayfold.model import SessionModel, State
from wayfold.timeline.columns import Chunks, Interned

__all__ = ["States", "plain", "spellings"]

_STRIDE = 1024
"""Patches after which a whole state is kept, so that no moment is further from one."""

_MISSING = object()


def plain(state: State) -> dict[str, Any]:
    """Give a state's fields without what only serves the fold, as they are shown."""
    return {name: getattr(state, name) for name in state.__struct_fields__ if name != "pending"}


class States:
    """Folds a recording by its own model and notes what each record changed.

    A patch is a path and the value as JSON, or no text where the path is gone. Each chunk holds
    the whole state before its first patch, then its patches.
    """

    def __init__(self, model: SessionModel, state: State) -> None:
        self.positions = array("Q")
        self.paths = array("I")
        self.path_names = Interned()
        self.starts = array("I")
        self._model, self._state = model, state
        self._encode = msgspec.json.Encoder().encode
        self._chunks = Chunks()
        self._begin()

    def see(self, record: Record) -> None:
        """Fold a record."""
        if record.origin is Origin.APP or not self._model.folds(record.name):
            return
        before = self._state
        run = Single(record.name, record.subject, record.data, record.origin)
        self._state = self._model.fold(before, (run,))
        if self._state is before:
            return
        if len(self.paths) - self.starts[-1] >= _STRIDE:
            self._chunks.end()
            self._begin(before)
        for change in _differences(before, self._state):
            self._note(record.position, change)

    def packed(self) -> list[str]:
        """Give the chunks."""
        return self._chunks.packed()

    def _begin(self, state: State | None = None) -> None:
        self.starts.append(len(self.paths))
        self._chunks.append(self._encode(plain(state or self._state)).decode())

    def _note(self, position: int, change: Change) -> None:
        is_gone = change.after is None and look_up(self._state, change.path, _MISSING) is _MISSING
        self.positions.append(position)
        self.paths.append(self.path_names[change.path])
        self._chunks.append("" if is_gone else self._encode(change.after).decode())


def _differences(before: State, after: State) -> Iterator[Change]:
    """Give what `Log.diff` gives, looking only where two states do not share what they hold."""
    for name in before.__struct_fields__:
        was, now = getattr(before, name), getattr(after, name)
        if was is now or name == "pending":
            continue
        if not (isinstance(was, Mapping) and isinstance(now, Mapping)):
            yield from changes(was, now, name)
            continue
        for key in {**was, **now}:
            if was.get(key) is not now.get(key):
                yield from _inside(was.get(key), now.get(key), f"{name}.{key}")


def _inside(was: Any, now: Any, path: str) -> Iterator[Change]:
    if type(was) is not type(now) or not isinstance(was, msgspec.Struct):
        yield from changes(was, now, path)
        return
    for field in was.__struct_fields__:
        before, after = getattr(was, field), getattr(now, field)
        if before is not after:
            yield from changes(before, after, f"{path}.{field}")


def spellings() -> dict[str, dict[str, str]]:
    """Give the names of the numbers in a state by path, such as `outputs.*.transform`."""
    return dict(_spelled(State, ""))


def _spelled(kind: Any, path: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        if issubclass(kind, int):
            yield path, {str(each.value): (each.name or "").lower() for each in kind}
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for name, hint in get_type_hints(kind).items():
            if name != "pending":
                yield from _spelled(hint, f"{path}.{name}".lstrip("."))
    elif get_origin(kind) in (Union, UnionType):
        for each in get_args(kind):
            yield from _spelled(each, path)
    elif get_args(kind):
        yield from _spelled(get_args(kind)[-1 if get_origin(kind) is not tuple else 0], f"{path}.*")
