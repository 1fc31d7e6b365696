"""Pure folds of a Wayland session's records into immutable state."""

from wayfold.model.enums import (
    ConnectionStatus,
    KeymapFormat,
    SeatCapability,
    Subpixel,
    ToplevelState,
    Transform,
    WindowCapability,
    WindowState,
)
from wayfold.model.groups import group_ends
from wayfold.model.session import SessionModel
from wayfold.model.state import (
    Connection,
    Global,
    Keyboard,
    Mode,
    Modifiers,
    Output,
    Pointer,
    Seat,
    State,
    Surface,
    Toplevel,
    Touch,
    TouchPoint,
    Window,
)

__all__ = [
    "Connection",
    "ConnectionStatus",
    "Global",
    "Keyboard",
    "KeymapFormat",
    "Mode",
    "Modifiers",
    "Output",
    "Pointer",
    "Seat",
    "SeatCapability",
    "SessionModel",
    "State",
    "Subpixel",
    "Surface",
    "Toplevel",
    "ToplevelState",
    "Touch",
    "TouchPoint",
    "Transform",
    "Window",
    "WindowCapability",
    "WindowState",
    "group_ends",
]
