"""Touch screens: wl_touch."""

from typing import Any

from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import devices
from wayfold.model.draft import Draft
from wayfold.model.fields import Data, number, signed, subject
from wayfold.model.reducers import Reducers, on_object
from wayfold.model.state import Touch, TouchPoint
from wayfold.model.table import Table

__all__ = ["at_rest", "reducers", "without_surface"]


def at_rest(touch: Touch) -> Touch:
    """Give the touch screen with no finger on it."""
    return replace(touch, points=Table())


def without_surface(touch: Touch, gone: str) -> Touch:
    """Give the touch screen without the fingers on a surface."""
    left = {key: point for key, point in touch.points.items() if point.surface != gone}
    return replace(touch, points=Table(left))


def _down(touch: Touch, data: Data) -> Touch:
    point = TouchPoint(
        signed(data, "id"), subject(data, "surface"), number(data, "x"), number(data, "y")
    )
    return replace(touch, points=Table({**touch.points, point.id: point}))


def _up(touch: Touch, data: Data) -> Touch:
    gone = signed(data, "id")
    left = {key: point for key, point in touch.points.items() if key != gone}
    return replace(touch, points=Table(left))


def _change(touch: Touch, key: int, **changes: Any) -> Touch:
    point = touch.points.get(key)
    if point is None:
        return touch
    return replace(touch, points=Table({**touch.points, key: replace(point, **changes)}))


def _motion(touch: Touch, data: Data) -> Touch:
    return _change(touch, signed(data, "id"), x=number(data, "x"), y=number(data, "y"))


def _shape(touch: Touch, data: Data) -> Touch:
    major, minor = number(data, "major"), number(data, "minor")
    return _change(touch, signed(data, "id"), major=major, minor=minor)


def _orientation(touch: Touch, data: Data) -> Touch:
    return _change(touch, signed(data, "id"), orientation=number(data, "orientation"))


def _frame(draft: Draft, run: Run) -> None:
    touch = draft.find(Touch, run.subject)
    if touch is not None:
        devices.show(draft, touch)


def _cancel(draft: Draft, run: Run) -> None:
    """Lift every finger at once: `cancel` is no part of a frame."""
    touch = draft.find(Touch, run.subject)
    if touch is not None:
        devices.apply(draft, touch, at_rest)


def _release(draft: Draft, run: Run) -> None:
    touch = draft.find(Touch, run.subject)
    if touch is not None:
        devices.release(draft, touch)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_touch.down": on_object(Touch, _down),
        "wl_touch.up": on_object(Touch, _up),
        "wl_touch.motion": on_object(Touch, _motion),
        "wl_touch.shape": on_object(Touch, _shape),
        "wl_touch.orientation": on_object(Touch, _orientation),
        "wl_touch.frame": _frame,
        "wl_touch.cancel": _cancel,
        "wl_touch.release": _release,
    }
