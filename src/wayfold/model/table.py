"""A dict that cannot change: one slice of the state."""

from typing import Any, NoReturn, TypeVar

__all__ = ["Table"]

K = TypeVar("K")
V = TypeVar("V")


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise TypeError("a state cannot change; fold another record to get the next state")


class Table(dict[K, V]):
    """A dict that cannot change.

    It prints, compares, copies and serializes like the dict it is; a MappingProxyType does
    neither of the last two.
    """

    __slots__ = ()
    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[type["Table[K, V]"], tuple[dict[K, V]]]:
        return Table, (dict(self),)

    def __copy__(self) -> "Table[K, V]":
        return self

    def __or__(self, other: Any) -> Any:
        return dict(self) | other
