"""Find what differs between two states, value by value."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

__all__ = ["Change", "changes"]


class Change(NamedTuple):
    """A path such as `outputs.wl_output#3.scale`, and its values; None where there was none."""

    path: str
    before: Any
    after: Any


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Give every difference, in the order of the fields."""
    if before == after:
        return
    inside = _parts(before), _parts(after)
    if inside[0] is None or inside[1] is None:
        yield Change(path, before, after)
        return
    for name in {**inside[0], **inside[1]}:
        yield from changes(inside[0].get(name), inside[1].get(name), _join(path, name))


def _parts(value: Any) -> dict[str, Any] | None:
    if isinstance(value, msgspec.Struct):
        return {name: getattr(value, name) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {str(name): each for name, each in value.items()}
    return None


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
