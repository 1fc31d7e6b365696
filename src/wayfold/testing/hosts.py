"""Compositors that any program can be run under: by name, or the cheapest with what is wished."""

import shutil
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from wayfold.testing.compositor import Compositor
from wayfold.testing.failures import CompositorMissing

__all__ = ["HOSTS", "Host", "Wish", "host_by_name", "host_for"]


class Wish(NamedTuple):
    """What is wished of a compositor; None leaves it to the compositor."""

    size: tuple[int, int] | None = None
    outputs: int | None = None
    scale: float | None = None
    seat: bool | None = None
    screenshots: bool | None = None


class Host(NamedTuple):
    """A compositor, named for its program: which wishes it can grant, and how it is made."""

    grants: frozenset[str]
    make: Callable[[Wish], Compositor]


def _made(name: str, wish: Wish) -> Compositor:
    host = HOSTS[name]
    refused = sorted({field for field in wish._fields if getattr(wish, field)} - host.grants)
    try:
        if refused:
            raise ValueError(f"cannot be told its {' and '.join(refused)}")
        return host.make(wish)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _options(wish: Wish, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(wish, name)) is not None}


# Each is imported when it is made: who runs a program waits for one of them only.


def _weston(wish: Wish) -> Compositor:
    from wayfold.testing.weston import Weston

    options = _options(wish, "size", "outputs", "scale")
    if "scale" in options:
        if options["scale"] % 1:
            raise ValueError("its scale is a whole number; that of sway need not be")
        options["scale"] = int(options["scale"])
    return Weston(named=True, screenshooter=bool(wish.screenshots), **options)


def _sway(wish: Wish) -> Compositor:
    from wayfold.testing.sway import Sway

    return Sway(**_options(wish, "size", "outputs", "scale"))


def _cage(wish: Wish) -> Compositor:
    from wayfold.testing.cage import Cage

    return Cage(**_options(wish, "outputs"))


def _mutter(wish: Wish) -> Compositor:
    from wayfold.testing.mutter import Mutter

    return Mutter(**_options(wish, "size", "outputs"))


HOSTS: Mapping[str, Host] = MappingProxyType(
    {
        "weston": Host(frozenset({"size", "outputs", "scale", "screenshots"}), _weston),
        "sway": Host(frozenset(Wish._fields), _sway),
        "cage": Host(frozenset({"outputs", "seat", "screenshots"}), _cage),
        "mutter": Host(frozenset({"size", "outputs", "seat"}), _mutter),
    }
)
"""Cheapest first."""


def host_by_name(name: str, wish: Wish) -> Compositor:
    """Make this compositor; raises ValueError where there is none such, or not as wished."""
    if name not in HOSTS:
        raise ValueError(f"no compositor {name!r} is known; known: {', '.join(HOSTS)}")
    return _made(name, wish)


def host_for(wish: Wish) -> Compositor:
    """Make the cheapest compositor that is installed and can be as wished.

    Raises ValueError where none can, CompositorMissing where none of those that can is installed.
    """
    reasons, missing = [], []
    for name in HOSTS:
        try:
            made = _made(name, wish)
        except ValueError as error:
            reasons.append(str(error))
            continue
        if shutil.which(name):
            return made
        missing.append(name)
    if not missing:
        raise ValueError("; ".join(reasons))
    raise CompositorMissing(missing[0], missing[0])
