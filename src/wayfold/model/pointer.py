"""Pointers: wl_pointer."""

from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import devices
from wayfold.model.draft import Draft
from wayfold.model.fields import Data, number, subject_or_none, unsigned
from wayfold.model.reducers import Reducers, on_draft, on_object
from wayfold.model.state import Pointer

__all__ = ["at_rest", "reducers"]

_FRAMES_SINCE = 5


def at_rest(pointer: Pointer) -> Pointer:
    """Give the pointer without focus and with nothing pressed."""
    return replace(pointer, focus=None, x=None, y=None, buttons=())


def _show_old(draft: Draft, pointer: Pointer) -> None:
    """Before version 5 there is no `frame`: every event is a group."""
    if pointer.version < _FRAMES_SINCE:
        devices.show(draft, pointer)


def _enter(draft: Draft, live: str, data: Data) -> None:
    surface = subject_or_none(data, "surface")
    x, y = number(data, "surface_x"), number(data, "surface_y")
    pointer = draft.find(Pointer, live)
    if pointer is not None:
        devices.apply(draft, pointer, lambda one: replace(one, focus=surface, x=x, y=y))


def _leave(draft: Draft, run: Run) -> None:
    """Take the focus away, and with it the buttons: a drag swallows their release."""
    pointer = draft.find(Pointer, run.subject)
    if pointer is not None:
        devices.apply(draft, pointer, at_rest)


def _motion(pointer: Pointer, data: Data) -> Pointer:
    return replace(pointer, x=number(data, "surface_x"), y=number(data, "surface_y"))


def _button(pointer: Pointer, data: Data) -> Pointer:
    button, state = unsigned(data, "button"), unsigned(data, "state")
    others = tuple(pressed for pressed in pointer.buttons if pressed != button)
    return replace(pointer, buttons=(*others, button) if state else others)


def _frame(draft: Draft, run: Run) -> None:
    pointer = draft.find(Pointer, run.subject)
    if pointer is not None:
        devices.show(draft, pointer)


def _release(draft: Draft, run: Run) -> None:
    pointer = draft.find(Pointer, run.subject)
    if pointer is not None:
        devices.release(draft, pointer)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_pointer.enter": on_draft(_enter),
        "wl_pointer.leave": _leave,
        "wl_pointer.motion": on_object(Pointer, _motion, _show_old),
        "wl_pointer.warp": on_object(Pointer, _motion, _show_old),
        "wl_pointer.button": on_object(Pointer, _button, _show_old),
        "wl_pointer.frame": _frame,
        "wl_pointer.release": _release,
    }
