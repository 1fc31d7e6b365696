"""A compositor by what is needed of it, instead of by its name."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from wayfold.testing.failures import CapabilityMissing
from wayfold.testing.here import choose, standing
from wayfold.testing.outputs import check_size
from wayfold.testing.tiers import Tier, tier

if TYPE_CHECKING:  # of these, the one that is chosen is loaded
    from wayfold.testing.compositor import Compositor
    from wayfold.testing.scripted import ScriptedServer

__all__ = ["DEFAULT_NEEDS", "KEYWORDS", "Wish", "for_programs", "open_compositor", "open_wish"]

DEFAULT_NEEDS = ("windows",)

# Most programs want a seat, and some end without; what they show is asked for by nearly all tests.
_PREFERRED_FOR_PROGRAMS = frozenset({"seat", "window-list"})

_SIZE = (1024, 640)
KEYWORDS = ("needs", "tier", "outputs", "size", "scale")
"""What can be asked of every compositor; other options are those of its class."""
T = TypeVar("T")


class Wish(NamedTuple):
    """What is wanted of a compositor; `size` is in pixels, `options` are its class's own.

    Without a size it is 1024x640, or what the compositor has where that cannot be told one. What
    is `preferred` is had beside the needs where any tier here has both.
    """

    needs: frozenset[str] = frozenset(DEFAULT_NEEDS)
    tier: str | None = None
    outputs: int = 1
    size: tuple[int, int] | None = None
    scale: float = 1.0
    options: Mapping[str, Any] = MappingProxyType({})
    preferred: frozenset[str] = frozenset()

    @property
    def pixels(self) -> tuple[int, int]:
        """Give the size for a compositor that can be told one."""
        return self.size or _SIZE

    @property
    def all_needs(self) -> frozenset[str]:
        """Give the needs, with those that outputs and scale amount to."""
        implied = {
            "multi-output": self.outputs > 1,
            "fractional-scale": self.scale != int(self.scale),
        }
        return self.needs | {need for need, is_needed in implied.items() if is_needed}

    def choose(self) -> Tier:
        """Give the tier that was asked for, or else the cheapest that serves.

        Raises CapabilityMissing, which tells what is lacking and which package brings it, and
        ValueError for what no output can be, TypeError for a size of another kind.
        """
        check_size(self.pixels)
        if self.outputs < 0 or min(*self.pixels, self.scale) <= 0:
            told = f"{self.outputs} outputs of {self.pixels} at {self.scale:g}"
            raise ValueError(f"{told}: impossible")
        if self.tier is None:
            return choose(self.all_needs, self.preferred)
        found = standing(tier(self.tier))
        refusal = found.lack or found.refusal(self.all_needs)
        if refusal:
            packages = [found.package] if found.package else []
            raise CapabilityMissing(sorted(self.all_needs) or [self.tier], [refusal], packages)
        return found.tier


def for_programs(wish: Wish) -> Wish:
    """Give the wish of somebody who runs programs: they find the compositor by its name.

    With a seat and a list of windows where it can be. A tier that was asked for stays as it is.
    """
    if wish.tier is not None or "scripting" in wish.needs:
        return wish
    return wish._replace(needs=wish.needs | {"display"}, preferred=_PREFERRED_FOR_PROGRAMS)


def open_compositor(
    needs: Iterable[str] | None = None,
    *,
    tier: str | None = None,
    outputs: int = 1,
    size: tuple[int, int] | None = None,
    scale: float = 1.0,
    **options: Any,
) -> "Compositor | ScriptedServer":
    """Give the cheapest compositor that has all that is needed, to be entered with `with`.

    `needs` are names in CAPABILITIES, by default that windows are shown. Programs find it by its
    `environment`; beside the needs it has a seat and a list of windows where that can be had.
    `tier` names one instead of having it chosen; `options` go to its class. Raises
    CapabilityMissing, and ValueError for a need that is not known.
    """
    if needs is None:
        needs = DEFAULT_NEEDS if tier is None else ()
    return open_wish(for_programs(Wish(frozenset(needs), tier, outputs, size, scale, options)))


def open_wish(wish: Wish) -> "Compositor | ScriptedServer":
    """Give the compositor for a wish, not started yet; TypeError for options that it has not."""
    return _OPENERS[wish.choose().name](wish)


def _made(kind: Callable[..., T], wish: Wish, **given: Any) -> T:
    if wish.options:
        _check_options(kind, wish)
    return kind(**(given | dict(wish.options)))


def _check_options(kind: Callable[..., object], wish: Wish) -> None:
    from inspect import signature  # takes as long to load as a compositor to start

    own = signature(kind).parameters
    for name in wish.options:
        if name not in own:
            known = ", ".join(dict.fromkeys([*KEYWORDS, *own]))
            tier = wish.choose().name
            raise TypeError(
                f"{name!r} is no option of a compositor of tier {tier}, which has {known}"
            )


def _scripted(wish: Wish) -> "ScriptedServer":
    from wayfold.testing.scripted import ScriptedServer
    from wayfold.testing.states import output_state

    server = _made(ScriptedServer, wish)
    server.on_bind("wl_output", output_state(size=wish.pixels, scale=int(wish.scale)))
    server.serve_windows()
    return server


def _weston(wish: Wish) -> "Compositor":
    from wayfold.testing.weston import Weston

    return _made(Weston, wish, **_stock(wish))


def _weston_named(wish: Wish) -> "Compositor":
    from wayfold.testing.weston import Weston

    return _made(Weston, wish, named=True, screenshooter=True, **_stock(wish))


def _stock(wish: Wish) -> dict[str, Any]:
    # weston's own options count in logical pixels.
    scale = _whole_scale(wish)
    width, height = wish.pixels
    size = (width // scale, height // scale)
    return {"outputs": wish.outputs, "size": size, "scale": scale}


def _whole_scale(wish: Wish) -> int:
    scale = int(wish.scale)
    if any(length % scale for length in wish.pixels):
        raise ValueError(
            f"size {wish.pixels} cannot be divided by scale {scale}, as weston needs it"
        )
    return scale


def _weston_seat(wish: Wish) -> "Compositor":
    from wayfold.testing.weston_seat import SeatWeston

    devices = ("pointer", "keyboard", *(["touch"] if "touch" in wish.needs else []))
    given = {"devices": devices, "scale": _whole_scale(wish)}
    return _made(SeatWeston, wish, size=wish.pixels, outputs=wish.outputs, **given)


def _sway(wish: Wish) -> "Compositor":
    from wayfold.testing.sway import Sway

    given = {"size": wish.pixels, "outputs": wish.outputs, "scale": wish.scale}
    return _made(Sway, wish, seat="seat" in wish.needs, **given)


def _cage(wish: Wish) -> "Compositor":
    from wayfold.testing.cage import Cage

    if wish.size is not None or wish.scale != 1:
        raise ValueError("cage cannot be told a size or a scale: its outputs are 1280x720")
    return _made(Cage, wish, outputs=wish.outputs)


def _mutter(wish: Wish) -> "Compositor":
    from wayfold.testing.mutter import Mutter

    if wish.scale != 1:
        raise ValueError("mutter cannot be told a scale")
    return _made(Mutter, wish, size=wish.pixels, outputs=wish.outputs)


_OPENERS: Mapping[str, Callable[[Wish], "Compositor | ScriptedServer"]] = {
    "scripted": _scripted,
    "weston": _weston,
    "weston-named": _weston_named,
    "weston-seat": _weston_seat,
    "sway": _sway,
    "cage": _cage,
    "mutter": _mutter,
}
