"""Seats: wl_seat, and the devices made from it."""

from wayfold.model import devices, keyboard, pointer, touch
from wayfold.model.devices import CAPABILITY, Device
from wayfold.model.draft import Draft
from wayfold.model.enums import SeatCapability
from wayfold.model.fields import Data, flags, subject, text, unsigned
from wayfold.model.reducers import Reducer, Reducers, on_draft
from wayfold.model.state import Keyboard, Pointer, Seat, Touch

__all__ = ["create", "forget_surface", "reducers", "remove"]


def create(draft: Draft, object_subject: str, global_name: int, version: int) -> None:
    """Begin a seat that was just bound; it is shown from its first capabilities on."""
    draft.create(object_subject, Seat(object_subject, global_name, version))


def remove(draft: Draft, gone: str) -> None:
    """Take a seat away, and its devices with it."""
    draft.pending.drop(gone)
    draft.seats.drop(gone)
    for device in devices.live_of(draft, gone):
        draft.pending.drop(device.subject)


def forget_surface(draft: Draft, gone: str) -> None:
    """Take focus and fingers off a surface that is gone."""
    for one in draft.live(Pointer):
        if one.focus == gone:
            devices.apply(draft, one, pointer.at_rest)
    for other in draft.live(Keyboard):
        if other.focus == gone:
            devices.apply(draft, other, keyboard.at_rest)
    for screen in draft.live(Touch):
        devices.apply(draft, screen, lambda one: touch.without_surface(one, gone))


def _capabilities(draft: Draft, live: str, data: Data) -> None:
    told = flags(SeatCapability, unsigned(data, "capabilities"))
    devices.change_seat(draft, live, capabilities=told)
    for device in devices.live_of(draft, live):
        if not CAPABILITY[type(device)] & told:
            _rest(draft, device)
    seat = draft.find(Seat, live)
    if seat is not None:
        draft.seats.put(live, seat)


def _rest(draft: Draft, device: Device) -> None:
    """`No further events will be received` (wl_seat.capabilities): not even a leave."""
    match device:
        case Pointer():
            devices.apply(draft, device, pointer.at_rest)
        case Keyboard():
            devices.apply(draft, device, keyboard.at_rest)
        case Touch():
            devices.apply(draft, device, touch.at_rest)


def _name(draft: Draft, live: str, data: Data) -> None:
    devices.change_seat(draft, live, name=text(data, "name"))


def _get(kind: type[Pointer] | type[Keyboard] | type[Touch]) -> Reducer:
    def step(draft: Draft, live: str, data: Data) -> None:
        seat, new = draft.find(Seat, live), subject(data, "id")
        if seat is None:
            return
        device = kind(new, live, seat.version)
        if draft.create(new, device):
            devices.show(draft, device)

    return on_draft(step)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_seat.capabilities": on_draft(_capabilities),
        "wl_seat.name": on_draft(_name),
        "wl_seat.get_pointer": _get(Pointer),
        "wl_seat.get_keyboard": _get(Keyboard),
        "wl_seat.get_touch": _get(Touch),
    }
