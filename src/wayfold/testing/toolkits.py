"""What tells a program's toolkit to use Wayland, and where its windows must not go."""

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["FOREIGN", "VARIABLES", "Variable"]


class Variable(NamedTuple):
    """An environment variable that a program under a compositor gets."""

    name: str
    value: str
    reader: str


VARIABLES: Sequence[Variable] = (
    Variable("XDG_SESSION_TYPE", "wayland", "Chromium from 140, Electron from 38, Qt"),
    Variable("GDK_BACKEND", "wayland", "GTK 3 and 4"),
    Variable("QT_QPA_PLATFORM", "wayland", "Qt 5 and 6"),
    Variable("SDL_VIDEODRIVER", "wayland", "SDL 2"),
    Variable("SDL_VIDEO_DRIVER", "wayland", "SDL 3"),
    Variable("ELECTRON_OZONE_PLATFORM_HINT", "wayland", "Electron 28 to 37"),
    Variable("MOZ_ENABLE_WAYLAND", "1", "Firefox up to 120"),
    Variable("CLUTTER_BACKEND", "wayland", "Clutter"),
)

# With one of these left, a program could find the session around the test, or its X server.
FOREIGN = (
    "DISPLAY",
    "HYPRLAND_INSTANCE_SIGNATURE",
    "I3SOCK",
    "SWAYSOCK",
    "WAYLAND_DISPLAY",
    "WAYLAND_SOCKET",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
)
