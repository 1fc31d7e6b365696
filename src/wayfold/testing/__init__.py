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
        HarnessError,
        RequestTimeout,
        ScriptFailed,
    )
    from wayfold.testing.here import Standing, choose, standings
    from wayfold.testing.peer import Peer, Request, Resource
    from wayfold.testing.scripted import ScriptedServer
    from wayfold.testing.sway import Sway
    from wayfold.testing.tiers import CAPABILITIES, TIERS, Tier
    from wayfold.testing.weston import Weston

__all__ = [
    "CAPABILITIES",
    "TIERS",
    "CapabilityMissing",
    "CommandRefused",
    "CompositorFailed",
    "CompositorMissing",
    "CompositorTimeout",
    "HarnessError",
    "Peer",
    "Request",
    "RequestTimeout",
    "Resource",
    "ScriptFailed",
    "ScriptedServer",
    "Standing",
    "Sway",
    "Tier",
    "Weston",
    "choose",
    "standings",
]

# Whoever needs one compositor does not load the others and the scripted server.
_HOMES = {
    "CAPABILITIES": "tiers",
    "TIERS": "tiers",
    "Peer": "peer",
    "Request": "peer",
    "Resource": "peer",
    "ScriptedServer": "scripted",
    "Standing": "here",
    "Sway": "sway",
    "Tier": "tiers",
    "Weston": "weston",
    "choose": "here",
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
