"""Compositors for tests: a scripted one, and real ones that run headless and leave nothing."""

from importlib import import_module

TYPE_CHECKING = False  # typing itself would be half of what this import costs
if TYPE_CHECKING:
    from typing import Any

    from wayfold.testing.failures import (
        CapabilityMissing,
        CommandRefused,
        CompositorFailed,
        CompositorMissing,
        CompositorTimeout,
        FuzzFailed,
        HarnessError,
        RequestTimeout,
        ScriptFailed,
    )
    from wayfold.testing.faults import Faults
    from wayfold.testing.frame_clock import FrameClock
    from wayfold.testing.fuzz import fuzz, replay
    from wayfold.testing.here import Standing, choose, standings
    from wayfold.testing.image import Image
    from wayfold.testing.launching import Launched, Launcher
    from wayfold.testing.opening import open_compositor
    from wayfold.testing.outputs import Output, Outputs
    from wayfold.testing.peer import Peer, Request, Resource
    from wayfold.testing.scripted import ScriptedServer
    from wayfold.testing.seat import Seat
    from wayfold.testing.shown import Window
    from wayfold.testing.sway import Sway
    from wayfold.testing.tap import Tap
    from wayfold.testing.tiers import CAPABILITIES, TIERS, Tier
    from wayfold.testing.weston import Weston
    from wayfold.testing.weston_seat import SeatWeston

__all__ = [
    "CAPABILITIES",
    "TIERS",
    "CapabilityMissing",
    "CommandRefused",
    "CompositorFailed",
    "CompositorMissing",
    "CompositorTimeout",
    "Faults",
    "FrameClock",
    "FuzzFailed",
    "HarnessError",
    "Image",
    "Launched",
    "Launcher",
    "Output",
    "Outputs",
    "Peer",
    "Request",
    "RequestTimeout",
    "Resource",
    "ScriptFailed",
    "ScriptedServer",
    "Seat",
    "SeatWeston",
    "Standing",
    "Sway",
    "Tap",
    "Tier",
    "Weston",
    "Window",
    "choose",
    "fuzz",
    "open_compositor",
    "replay",
    "standings",
]

# Whoever needs one compositor does not load the others and the scripted server.
_HOMES = {
    "CAPABILITIES": "tiers",
    "TIERS": "tiers",
    "Faults": "faults",
    "FrameClock": "frame_clock",
    "Image": "image",
    "Launched": "launching",
    "Launcher": "launching",
    "Output": "outputs",
    "Outputs": "outputs",
    "Peer": "peer",
    "Request": "peer",
    "Resource": "peer",
    "ScriptedServer": "scripted",
    "Seat": "seat",
    "SeatWeston": "weston_seat",
    "Standing": "here",
    "Sway": "sway",
    "Tap": "tap",
    "Tier": "tiers",
    "Weston": "weston",
    "Window": "shown",
    "choose": "here",
    "fuzz": "fuzz",
    "open_compositor": "opening",
    "replay": "fuzz",
    "standings": "here",
}


def __getattr__(name: str) -> "Any":
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'failures')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
