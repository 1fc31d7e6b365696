"""The compositors that a program of any kind can be run under: the named one, or a good one."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from wayfold.testing.failures import CapabilityMissing
from wayfold.testing.here import Standing, standing
from wayfold.testing.opening import Wish, open_wish
from wayfold.testing.tiers import TIERS, tier

if TYPE_CHECKING:
    from wayfold.testing.compositor import Compositor

__all__ = ["HOSTS", "NAMES", "PREFERRED", "hosts_here", "open_host", "want_of_seat"]

HOSTS: Sequence[str] = tuple(each.name for each in TIERS if "display" in each.capabilities)
"""Tiers that a program finds by its environment, cheapest first."""

# Most programs want a seat, and some crash without; the cheapest compositor has none.
PREFERRED: Sequence[str] = ("weston-seat", "sway", "weston-named", "cage", "mutter")

_WESTON, _WITH_SEAT, _WITHOUT_SEAT = "weston", "weston-seat", "weston-named"
NAMES: Sequence[str] = (_WESTON, *HOSTS)
"""What can be asked for by name; weston alone is with a seat where it can be."""


def open_host(name: str | None, needs: Iterable[str], **wishes: Any) -> "Compositor":
    """Give the named compositor, or the first preferred one, that has what is needed.

    Raises CapabilityMissing, and ValueError where the compositor cannot be told a wish.
    """
    refusals: list[CapabilityMissing] = []
    for candidate in _candidates(name):
        try:
            return cast("Compositor", open_wish(Wish(frozenset(needs), candidate, **wishes)))
        except CapabilityMissing as missing:
            refusals.append(missing)
    reasons = [reason for missing in refusals for reason in missing.reasons]
    packages = [package for missing in refusals for package in missing.packages]
    raise CapabilityMissing(refusals[0].needs, reasons, packages)


def _candidates(name: str | None) -> Sequence[str]:
    if name is None:
        return PREFERRED
    return (_WITH_SEAT, _WITHOUT_SEAT) if name == _WESTON else (name,)


def hosts_here(*, also_without_seat: bool = False) -> Sequence[Standing]:
    """Look for every one, and give those that are here, each compositor once.

    weston is the one with a seat where there is one; the other one too if that is wanted.
    """
    looked = (standing(tier(name)) for name in HOSTS)
    here = [found for found in looked if found.lack is None]
    if also_without_seat or _WITH_SEAT not in {found.tier.name for found in here}:
        return here
    return [found for found in here if found.tier.name != _WITHOUT_SEAT]


def want_of_seat(name: str) -> str:
    """Tell what would give this one a seat that has none; empty of the others."""
    if name != _WITHOUT_SEAT:
        return ""
    lack = standing(tier(_WITH_SEAT)).lack
    return f"it has no seat, without which some programs end{f'; {lack}' if lack else ''}"
