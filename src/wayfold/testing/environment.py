"""The environments of compositors and of the programs under them, with nothing around the test."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "FOREIGN",
    "VARIABLES",
    "Variable",
    "private_environment",
    "program_environment",
    "wlroots_environment",
]

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "LD_LIBRARY_PATH", "XDG_DATA_DIRS", "XKB_CONFIG_ROOT")


class Variable(NamedTuple):
    """An environment variable that a program under a compositor gets; `reader` heeds it."""

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
"""With one of these left, a program could find the session around the test, or its X server."""


def program_environment(directory: Path, display: str) -> dict[str, str]:
    """Give the environment in which a program finds the compositor at `display` and no other.

    `directory` is its $XDG_RUNTIME_DIR. Toolkits are told to use Wayland.
    """
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    kept["XDG_RUNTIME_DIR"] = str(directory)
    kept |= {variable.name: variable.value for variable in VARIABLES}
    return {**kept, "WAYLAND_DISPLAY": display}


def private_environment(directory: Path) -> dict[str, str]:
    """Give a compositor's own environment, with nothing of a desktop session around it."""
    # HOME too, or a user's own configuration would decide what a test sees.
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"PATH": os.defpath, **kept, "HOME": str(directory), "XDG_RUNTIME_DIR": str(directory)}


def wlroots_environment(directory: Path, outputs: int) -> dict[str, str]:
    """Give the same for a compositor on wlroots, without a screen, a card or input devices."""
    return {
        **private_environment(directory),
        "WLR_BACKENDS": "headless",
        "WLR_HEADLESS_OUTPUTS": str(outputs),
        "WLR_LIBINPUT_NO_DEVICES": "1",
        "WLR_RENDERER": "pixman",
    }
