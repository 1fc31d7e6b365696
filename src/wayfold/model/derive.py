"""The facts that a change of state amounts to."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from wayfold.log.record import Fact, Origin
from wayfold.model.state import Output, Seat, State, Toplevel, Window

__all__ = ["derive"]

_FIELDS: dict[str, tuple[str, ...]] = {
    "output": Output.__struct_fields__[1:],
    "seat": ("global_name", "version", "name", "capabilities"),
    "window": tuple(field for field in Window.__struct_fields__[1:] if "serial" not in field),
    "toplevel": Toplevel.__struct_fields__[1:],
}
"""What is told of each entity: all that changes by its groups alone, and no serials."""


def derive(before: State, after: State) -> list[Fact]:
    """Give what was added, changed and removed, then where the focus went."""
    facts: list[Fact] = []
    if before.outputs is not after.outputs:
        facts += _changes("output", before.outputs, after.outputs)
    if before.seats is not after.seats:
        facts += _changes("seat", before.seats, after.seats)
    if before.windows is not after.windows:
        facts += _changes("window", before.windows, after.windows)
    if before.toplevels is not after.toplevels:
        facts += _changes("toplevel", before.toplevels, after.toplevels)
    if before.seats is not after.seats:
        facts += _focus("keyboard", before.seats, after.seats)
        facts += _focus("pointer", before.seats, after.seats)
    return facts


def _changes(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Fact]:
    for subject, entity in before.items():
        if subject not in after:
            yield _fact(f"{kind}.removed", subject, _fields(kind, entity))
    for subject, entity in after.items():
        was = before.get(subject)
        if was is None:
            yield _fact(f"{kind}.added", subject, _fields(kind, entity))
        elif was is not entity:
            changed = _difference(_fields(kind, was), _fields(kind, entity))
            if changed:
                yield _fact(f"{kind}.changed", subject, {"changed": changed})


def _difference(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {
        field: {"before": before[field], "after": after[field]}
        for field in before
        if before[field] != after[field]
    }


def _fields(kind: str, entity: msgspec.Struct) -> dict[str, Any]:
    return {field: _plain(getattr(entity, field)) for field in _FIELDS[kind]}


def _plain(value: Any) -> Any:
    """Give JSON's own types, so that a fact is the same before and after it was stored."""
    plain = msgspec.to_builtins(value)
    return list(plain) if isinstance(plain, tuple) else plain


def _focus(kind: str, before: Mapping[str, Seat], after: Mapping[str, Seat]) -> Iterator[Fact]:
    was, now = _focused(kind, before), _focused(kind, after)
    for device in {**was, **now}:
        seat, previous = was.get(device, (now.get(device, ("",))[0], None))
        _, surface = now.get(device, (seat, None))
        if surface != previous:
            data = {"surface": surface, "previous": previous, "seat": seat}
            yield _fact(f"{kind}.focus", device, data)


def _focused(kind: str, seats: Mapping[str, Seat]) -> dict[str, tuple[str, str | None]]:
    devices = [(seat.subject, getattr(seat, kind)) for seat in seats.values()]
    return {device.subject: (seat, device.focus) for seat, device in devices if device is not None}


def _fact(name: str, subject: str, data: dict[str, Any]) -> Fact:
    return Fact(name, subject, data, Origin.WAYFOLD)
