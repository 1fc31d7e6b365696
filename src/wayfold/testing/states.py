"""First events of common globals, as a compositor sends them right after bind."""

from collections.abc import Callable

from wayfold.testing.peer import Resource

__all__ = ["Greeting", "output_state", "seat_state", "shm_state"]

Greeting = Callable[[Resource], None]
"""Sends an object's first events."""

_MODE_CURRENT_PREFERRED = 3


def output_state(
    name: str = "SCRIPTED-1",
    *,
    size: tuple[int, int] = (640, 480),
    position: tuple[int, int] = (0, 0),
    scale: int = 1,
    refresh_mhz: int = 60_000,
) -> Greeting:
    """Describe an output by one current mode, in what its bound version allows."""

    def greet(output: Resource) -> None:
        output.event("geometry", *position, 160, 120, 0, "wayfold", name, 0)
        output.event("mode", _MODE_CURRENT_PREFERRED, *size, refresh_mhz)
        if output.version >= 2:
            output.event("scale", scale)
        if output.version >= 4:
            output.event("name", name)
            output.event("description", f"Scripted output {name}")
        if output.version >= 2:
            output.event("done")

    return greet


def seat_state(name: str = "seat0", *, capabilities: int = 3) -> Greeting:
    """Describe a seat; capabilities are the sum of 1 pointer, 2 keyboard and 4 touch."""

    def greet(seat: Resource) -> None:
        if seat.version >= 2:
            seat.event("name", name)
        seat.event("capabilities", capabilities)

    return greet


def shm_state(formats: tuple[int, ...] = (0, 1)) -> Greeting:
    """Offer pixel formats; 0 and 1, ARGB8888 and XRGB8888, must always be there."""

    def greet(shm: Resource) -> None:
        for pixel_format in formats:
            shm.event("format", pixel_format)

    return greet
