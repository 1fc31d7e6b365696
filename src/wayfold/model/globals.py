"""Globals, what is bound to them, and what goes with them."""

from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import outputs, seats
from wayfold.model.draft import Bound, Draft
from wayfold.model.fields import Data, subject, text, unsigned
from wayfold.model.reducers import Reducers, on_draft
from wayfold.model.state import Global, Output, Seat

__all__ = ["destroyed", "reducers"]


def _global(draft: Draft, _: str, data: Data) -> None:
    name = unsigned(data, "name")
    told = Global(name, text(data, "interface"), unsigned(data, "version"))
    before = draft.globals.get(name)
    if before is None or replace(before, bound=()) != told:
        draft.globals.put(name, told)


def _bind(draft: Draft, _: str, data: Data) -> None:
    name, version = unsigned(data, "name"), unsigned(data, "version")
    interface, new = text(data, "interface"), subject(data, "id")
    if draft.pending.get(new) is not None:
        return
    if interface == "wl_output":
        outputs.create(draft, new, name, version)
    elif interface == "wl_seat":
        seats.create(draft, new, name, version)
    else:
        draft.create(new, Bound(name, version))
    offered = draft.globals.get(name)
    if offered is not None:
        draft.globals.replace(name, bound=(*offered.bound, new))


def _global_remove(draft: Draft, _: str, data: Data) -> None:
    name = unsigned(data, "name")
    draft.globals.drop(name)
    for output in draft.live(Output):
        if output.global_name == name:
            outputs.remove(draft, output.subject)
    for seat in draft.live(Seat):
        if seat.global_name == name:
            seats.remove(draft, seat.subject)


def destroyed(draft: Draft, run: Run) -> None:
    """Forget an object that has only a global to remember it by."""
    gone = draft.find(Bound, run.subject)
    if gone is not None:
        draft.pending.drop(run.subject)
        _unbind(draft, gone.global_name, run.subject)


def _output_release(draft: Draft, run: Run) -> None:
    output = draft.find(Output, run.subject)
    if output is not None:
        outputs.remove(draft, run.subject)
        _unbind(draft, output.global_name, run.subject)


def _seat_release(draft: Draft, run: Run) -> None:
    seat = draft.find(Seat, run.subject)
    if seat is not None:
        seats.remove(draft, run.subject)
        _unbind(draft, seat.global_name, run.subject)


def _unbind(draft: Draft, name: int, gone: str) -> None:
    offered = draft.globals.get(name)
    if offered is not None and gone in offered.bound:
        left = tuple(bound for bound in offered.bound if bound != gone)
        draft.globals.replace(name, bound=left)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_registry.global": on_draft(_global),
        "wl_registry.bind": on_draft(_bind),
        "wl_registry.global_remove": on_draft(_global_remove),
        "wl_output.release": _output_release,
        "wl_seat.release": _seat_release,
    }
