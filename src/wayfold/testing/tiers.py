"""The kinds of compositor that tests can have: what each one can do, and which packages bring it.

Plain data, cheapest first; `wayfold.testing.here` tells what of it is to be had on this machine.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

__all__ = ["CAPABILITIES", "MODULE_PACKAGES", "TIERS", "Tier", "tier"]

CAPABILITIES: Mapping[str, str] = MappingProxyType(
    {
        "scripting": "the test decides what is answered, and when, also nonsense",
        "windows": "windows are shown and get frames",
        "display": "any number of clients and programs find it by its name",
        "screencopy": "what an output shows is had as a picture",
        "window-list": "the test is told which windows are shown, where, and whose they are",
        "seat": "a pointer and a keyboard, moved and typed on by the test",
        "touch": "a touch screen, touched by the test",
        "devices": "pointer, keyboard, touch screen and seat come and go",
        "multi-output": "more than one output from the start",
        "outputs": "outputs are added, and change size, scale and transform",
        "hotplug": "outputs are added and removed",
        "output-names": "an output that is added has the name that the test gives it",
        "frame-clock": "frames end when the test says so",
        "fractional-scale": "outputs have scales such as 1.5",
        "toplevels": "clients are told of each other's windows (wlr-foreign-toplevel)",
        "virtual-input": "clients make pointers and keyboards (wlr, zwp)",
        "layer-shell": "clients make panels and backgrounds (wlr-layer-shell)",
    }
)

MODULE_PACKAGES: Mapping[int, str] = MappingProxyType(
    {10: "libweston-10-dev", 14: "libweston-14-dev"}
)
"""What the weston module is built from when wayfold is installed, by weston's major version."""


class Tier(NamedTuple):
    """One kind of compositor.

    `program` is None where none is run. `since` names the first version of the program that has a
    capability, where not every one has it. `has_module`: wayfold's weston module is loaded.
    """

    name: str
    told: str
    capabilities: frozenset[str]
    program: str | None = None
    package: str | None = None
    has_module: bool = False
    since: Mapping[str, str] = MappingProxyType({})
    version_option: str = "--version"


_WESTON = frozenset({"windows"})
_NAMED = _WESTON | {"display", "screencopy"}
_INPUT = frozenset({"window-list", "seat", "multi-output", "outputs", "hotplug"})

TIERS: Sequence[Tier] = (
    Tier(
        "scripted",
        "a server in the test's own process; shows nothing",
        frozenset({"scripting"}),
    ),
    Tier("weston", "headless weston for one client", _WESTON, "weston", "weston"),
    Tier("weston-named", "headless weston for many clients", _NAMED, "weston", "weston"),
    Tier(
        "weston-seat",
        "headless weston with wayfold's module",
        _NAMED | _INPUT | {"touch", "devices", "output-names", "frame-clock"},
        "weston",
        "weston",
        has_module=True,
    ),
    Tier(
        "sway",
        "headless sway, on wlroots",
        _NAMED | _INPUT | {"fractional-scale", "toplevels", "virtual-input", "layer-shell"},
        "sway",
        "sway",
        since=MappingProxyType({"hotplug": "1.8"}),
    ),
    Tier(
        "cage",
        "headless cage, a kiosk on wlroots",
        _NAMED | {"multi-output"},
        "cage",
        "cage",
        version_option="-v",
    ),
    Tier(
        "mutter",
        "headless mutter, GNOME's, with a session bus",
        _WESTON | {"display", "multi-output"},
        "mutter",
        "mutter",
    ),
)
"""Cheapest first."""


def tier(name: str) -> Tier:
    """Find a tier by name; raises ValueError."""
    for known in TIERS:
        if known.name == name:
            return known
    raise ValueError(f"no tier is called {name!r}; known: {', '.join(t.name for t in TIERS)}")
