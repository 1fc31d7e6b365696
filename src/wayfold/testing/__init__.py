"""Compositors for tests: a scripted one, and real ones that run headless and leave nothing."""

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
