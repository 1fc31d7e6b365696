"""A model of an application's own facts, made of a function of one fact."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import msgspec

from wayfold.log.record import Fact, Run
from wayfold.log.returning import difference

__all__ = ["FactModel"]

S = TypeVar("S")


class FactModel(Generic[S]):
    """To be subclassed with `initial` and `evolve`, and given to a log as its `model`.

    States are values: `evolve` gives a new one and leaves the old as it is. So that a file can keep
    them, to be opened and cut without folding everything again, they are of plain values (None,
    bool, int, float, str, bytes, list, dict), or of the type that `state_type` names (what msgspec
    can decode): `dict[str, tuple[int, ...]]`. A state that would come back as something else, a
    tuple as a list, is never kept: the logger `wayfold.log` says once what and where, the file is
    folded anew when it is opened, and a log that must be cut raises TypeError.

    Snapshots are of use to the very code that made them: those of a changed file are passed over;
    raise `version` where something changed that is written elsewhere. Names in `secrets` have those
    fields masked in a file.
    """

    initial: S
    state_type: Any = Any
    version: int = 1
    secrets: Mapping[str, Sequence[str]] = {}

    def evolve(self, state: S, fact: Fact) -> S:
        """Give the state after a fact; those of no interest change nothing. Must not fail."""
        raise NotImplementedError

    def fold(self, state: S, runs: Iterable[Run]) -> S:
        """Give the state after some more records."""
        for run in runs:
            for data in run.data():
                state = self.evolve(state, Fact(run.name, run.subject, dict(data), run.origin))
        return state

    def derive(self, before: S, after: S) -> Sequence[Fact]:
        """Give nothing: what an application derives, its decider does."""
        return ()

    def ends_group(self, name: str) -> bool:
        """Tell that nothing is derived."""
        return False

    @property
    def fingerprint(self) -> str:
        """Name the code that folds; empty, so that nothing is kept, where it cannot be read."""
        # Not at the top: together a fifth of what `import wayfold` takes, and seldom needed.
        import inspect
        from hashlib import sha256

        kind = type(self)
        try:
            source = inspect.getsource(inspect.getmodule(kind) or kind)
        except (OSError, TypeError):
            return ""
        return sha256(f"{kind.__qualname__} {self.version}\n{source}".encode()).hexdigest()

    def dump(self, state: S) -> bytes:
        """Give a state as MessagePack; raises TypeError on one that would come back otherwise."""
        try:
            data = msgspec.msgpack.encode(state)
            found = difference(state, self.load(data))
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            found = str(error)
        if found is not None:
            raise TypeError(
                f"a state of {type(self).__qualname__} cannot be kept in a file: {found}; name the "
                "type of its states in state_type, or make them of lists, dicts and plain values"
            )
        return data

    def load(self, data: bytes) -> S:
        """Give the state that `dump` was given; raises ValueError on other bytes."""
        state: S = msgspec.msgpack.decode(data, type=self.state_type)
        return state
