"""What a log needs from whoever gives its records a meaning."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from wayfold.log.record import Fact, Run

__all__ = ["Model", "Stateless"]

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


class Stateless:
    """The model of a log that is only read: its state is always None."""

    initial: Any = None
    secrets: Mapping[str, Sequence[str]] = {}

    def fold(self, state: Any, runs: Iterable[Run]) -> Any:
        """Give None."""

    def derive(self, before: Any, after: Any) -> Sequence[Fact]:
        """Give nothing."""
        return ()

    def ends_group(self, name: str) -> bool:
        """Tell that nothing is derived."""
        return False
