"""What a log needs from whoever gives its records a meaning."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from wayfold.log.record import Fact, Run

__all__ = ["Model", "Snapshots", "Stateless"]

S = TypeVar("S")


class Model(Protocol[S]):
    """Pure functions from records to state; the same records always give the same state."""

    @property
    def initial(self) -> S:
        """The state before the first record."""
        ...

    @property
    def secrets(self) -> Mapping[str, Sequence[str]]:
        """Fields that must not reach a file unasked, by the name of their record."""
        ...

    def fold(self, state: S, runs: Iterable[Run]) -> S:
        """Give the state after some more records; never fails, whatever they hold."""
        ...

    def derive(self, before: S, after: S) -> Sequence[Fact]:
        """Give the facts that a change of state amounts to."""
        ...

    def ends_group(self, name: str) -> bool:
        """Tell whether records of this name may lead to derived facts."""
        ...


@runtime_checkable
class Snapshots(Protocol):
    """What a model has whose states may be kept in a file beside the records."""

    @property
    def fingerprint(self) -> str:
        """Name the code that folds and the shape of its states; those of another are not used."""
        ...

    def dump(self, state: Any) -> bytes:
        """Give a state as bytes."""
        ...

    def load(self, data: bytes) -> Any:
        """Give the state that `dump` was given; raises ValueError on other bytes."""
        ...


class Stateless:
    """The model of a log whose records have no meaning to us: its state is always None."""

    initial: Any = None
    secrets: Mapping[str, Sequence[str]] = {}
    fingerprint = ""

    def dump(self, state: Any) -> bytes:
        """Give nothing."""
        return b""

    def load(self, data: bytes) -> Any:
        """Give None."""

    def fold(self, state: Any, runs: Iterable[Run]) -> Any:
        """Give None."""

    def derive(self, before: Any, after: Any) -> Sequence[Fact]:
        """Give nothing."""
        return ()

    def ends_group(self, name: str) -> bool:
        """Tell that nothing is derived."""
        return False
