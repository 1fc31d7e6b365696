"""Wayland's enumerations, as far as the state shows them.

A value that is not listed here (a newer compositor, a private extension) stays a plain int.
"""

from enum import IntEnum, IntFlag, StrEnum

__all__ = [
    "ConnectionStatus",
    "KeymapFormat",
    "SeatCapability",
    "Subpixel",
    "ToplevelState",
    "Transform",
    "WindowCapability",
    "WindowState",
]


class ConnectionStatus(StrEnum):
    """Where the session's connection stands."""

    NONE = "none"
    OPEN = "open"
    LOST = "lost"
    CLOSED = "closed"


class Transform(IntEnum):
    """Rotation counter-clockwise, flipped first or not (wl_output.transform, version 1)."""

    NORMAL = 0
    ROTATED_90 = 1
    ROTATED_180 = 2
    ROTATED_270 = 3
    FLIPPED = 4
    FLIPPED_90 = 5
    FLIPPED_180 = 6
    FLIPPED_270 = 7


class Subpixel(IntEnum):
    """Order of the colours within a pixel (wl_output.subpixel, version 1)."""

    UNKNOWN = 0
    NONE = 1
    HORIZONTAL_RGB = 2
    HORIZONTAL_BGR = 3
    VERTICAL_RGB = 4
    VERTICAL_BGR = 5


class SeatCapability(IntFlag):
    """What a seat has (wl_seat.capability, version 1)."""

    POINTER = 1
    KEYBOARD = 2
    TOUCH = 4


class KeymapFormat(IntEnum):
    """How a keymap is written (wl_keyboard.keymap_format, version 1)."""

    NO_KEYMAP = 0
    XKB_V1 = 1


class WindowState(IntEnum):
    """State of an own window (xdg_toplevel.state, xdg_wm_base versions 1 to 7)."""

    MAXIMIZED = 1
    FULLSCREEN = 2
    RESIZING = 3
    ACTIVATED = 4
    TILED_LEFT = 5
    TILED_RIGHT = 6
    TILED_TOP = 7
    TILED_BOTTOM = 8
    SUSPENDED = 9
    CONSTRAINED_LEFT = 10
    CONSTRAINED_RIGHT = 11
    CONSTRAINED_TOP = 12
    CONSTRAINED_BOTTOM = 13


class WindowCapability(IntEnum):
    """What the compositor does for windows (xdg_toplevel.wm_capabilities, xdg_wm_base 5)."""

    WINDOW_MENU = 1
    MAXIMIZE = 2
    FULLSCREEN = 3
    MINIMIZE = 4


class ToplevelState(IntEnum):
    """State of anybody's window (zwlr_foreign_toplevel_handle_v1.state, versions 1 to 3)."""

    MAXIMIZED = 0
    MINIMIZED = 1
    ACTIVATED = 2
    FULLSCREEN = 3
