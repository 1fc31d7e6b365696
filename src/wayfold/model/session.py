"""The model of a session: all capabilities' reducers in one table."""

from collections.abc import Iterable, Sequence

from wayfold.log.record import Fact, Origin, Run
from wayfold.model import (
    derive,
    groups,
    keyboard,
    outputs,
    pointer,
    seats,
    surfaces,
    toplevels,
    touch,
    windows,
)
from wayfold.model import (
    globals as advertised,
)
from wayfold.model.draft import Draft
from wayfold.model.enums import ConnectionStatus
from wayfold.model.reducers import Reducer, Reducers
from wayfold.model.secrets import SECRETS
from wayfold.model.state import Connection, State

__all__ = ["SessionModel"]

_CAPABILITIES = (advertised, outputs, seats, pointer, keyboard, touch, surfaces, windows, toplevels)
_DESTRUCTORS = (".destroy", ".release")


class SessionModel:
    """Folds records of a Wayland session into a State.

    Pure and total: the same records always give the same state, and no record fails. One that
    lacks a field or holds the wrong type, and one about an unknown object, changes nothing.
    """

    secrets = SECRETS

    def __init__(self) -> None:
        self.initial = State()
        self._reducers = _table()

    @property
    def names(self) -> frozenset[str]:
        """Name the records that may change the state, but for destructors of other objects."""
        return frozenset(self._reducers)

    def folds(self, name: str) -> bool:
        """Tell whether records of this name may change the state."""
        return name in self._reducers or name.endswith(_DESTRUCTORS)

    def fold(self, state: State, runs: Iterable[Run]) -> State:
        """Give the state after some more records."""
        draft = Draft(state)
        table = self._reducers
        for run in runs:
            if run.origin is Origin.APP:
                continue  # an application's own facts, whatever it names them
            reducer = table.get(run.name)
            if reducer is not None:
                reducer(draft, run)
            elif run.name.endswith(_DESTRUCTORS):
                advertised.destroyed(draft, run)
        return draft.freeze()

    def derive(self, before: State, after: State) -> Sequence[Fact]:
        """Give what was added, changed and removed, and where the focus went."""
        return derive.derive(before, after)

    @property
    def fingerprint(self) -> str:
        """Name the code that folds: a snapshot made by other code is not used."""
        from wayfold.model import snapshot  # a log in memory does without

        return snapshot.fingerprint()

    def dump(self, state: State) -> bytes:
        """Give a state as bytes."""
        from wayfold.model import snapshot  # a log in memory does without

        return snapshot.dump(state)

    def load(self, data: bytes) -> State:
        """Give the state that `dump` was given; raises ValueError on other bytes."""
        from wayfold.model import snapshot  # a log in memory does without

        return snapshot.load(data)

    def ends_group(self, name: str) -> bool:
        """Tell whether `derive` may give something after a record of this name."""
        return groups.ends_group(name)


def _table() -> Reducers:
    table: Reducers = {
        "connection.opened": _connection(ConnectionStatus.OPEN),
        "connection.lost": _connection(ConnectionStatus.LOST),
        "connection.closed": _connection(ConnectionStatus.CLOSED),
    }
    for capability in _CAPABILITIES:
        table.update(capability.reducers())
    return table


def _connection(status: ConnectionStatus) -> Reducer:
    """Let go of every object: none outlives its connection."""

    def reduce(draft: Draft, run: Run) -> None:
        for data in run.data():
            told = draft.before.connection
            display = _string(data.get("display")) or told.display
            draft.restart(Connection(status, display, _string(data.get("reason"))))

    return reduce


def _string(value: object) -> str | None:
    return value if type(value) is str else None
