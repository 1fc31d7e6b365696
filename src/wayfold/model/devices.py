"""Input devices: how a pointer, keyboard or touch screen shows in its seat."""

from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.structs import replace

from wayfold.model.draft import Draft
from wayfold.model.enums import SeatCapability
from wayfold.model.state import Keyboard, Pointer, Seat, Touch

__all__ = ["CAPABILITY", "Device", "apply", "change_seat", "live_of", "release", "show"]

Device = Pointer | Keyboard | Touch
D = TypeVar("D", bound=Pointer | Keyboard | Touch)

_FIELD: dict[type, str] = {Pointer: "pointer", Keyboard: "keyboard", Touch: "touch"}
CAPABILITY: dict[type, SeatCapability] = {
    Pointer: SeatCapability.POINTER,
    Keyboard: SeatCapability.KEYBOARD,
    Touch: SeatCapability.TOUCH,
}


def change_seat(draft: Draft, seat: str, **changes: Any) -> None:
    """Change a live seat, and what is shown of it."""
    before = draft.find(Seat, seat)
    if before is None:
        return
    after = replace(before, **changes)
    draft.pending.put(seat, after)
    if draft.seats.get(seat) is not None:
        draft.seats.put(seat, after)


def show(draft: Draft, device: Device) -> None:
    """Publish a device in its seat, unless an older one of its kind is shown there."""
    shown = _shown(draft, device)
    if shown is None or shown.subject == device.subject:
        _place(draft, device)


def apply(draft: Draft, device: D, step: Callable[[D], D]) -> None:
    """Change a device and what is shown of it alike, without ending its group."""
    draft.pending.put(device.subject, step(device))
    shown = _shown(draft, device)
    if shown is not None and shown.subject == device.subject:
        _place(draft, step(shown))


def release(draft: Draft, device: D) -> None:
    """Forget a device; the next oldest of its kind is shown instead."""
    draft.pending.drop(device.subject)
    shown = _shown(draft, device)
    if shown is not None and shown.subject == device.subject:
        others = [other for other in draft.live(type(device)) if other.seat == device.seat]
        change_seat(draft, device.seat, **{_FIELD[type(device)]: next(iter(others), None)})


def live_of(draft: Draft, seat: str) -> list[Device]:
    """Give the live devices of a seat, oldest first."""
    return [
        one
        for one in draft.pending.values()
        if isinstance(one, Pointer | Keyboard | Touch) and one.seat == seat
    ]


def _shown(draft: Draft, device: D) -> D | None:
    seat = draft.find(Seat, device.seat)
    shown: D | None = getattr(seat, _FIELD[type(device)], None)
    return shown


def _place(draft: Draft, device: Device) -> None:
    change_seat(draft, device.seat, **{_FIELD[type(device)]: device})
