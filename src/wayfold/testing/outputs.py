"""Outputs as a test uses them: listed, plugged in and out, changed.

Sizes are in pixels of the mode, as in wl_output.mode; transforms are named as wl_output.transform
names them.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple, Protocol, Self, SupportsIndex

__all__ = ["TRANSFORMS", "Output", "Outputs", "Shape", "Sockets", "check_size"]

TRANSFORMS = (
    *("normal", "90", "180", "270"),
    *("flipped", "flipped-90", "flipped-180", "flipped-270"),
)
"""In the order of their numbers on the wire."""

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,31}")


def check_size(size: object, hint: str = "") -> None:
    """Raise TypeError on what is not two whole numbers."""
    is_pair = isinstance(size, tuple | list) and len(size) == 2
    if not is_pair or not all(isinstance(length, SupportsIndex) for length in size):  # type: ignore[attr-defined]
        told = "size must be (width, height) in pixels, such as (800, 600)"
        raise TypeError(f"{told}, not {size!r:.80}{hint}")


class _Shape(NamedTuple):
    size: tuple[int, int]
    scale: float
    transform: str


class Shape(_Shape):
    """What an output shows: pixels of its mode, scale, transform."""

    __slots__ = ()

    def __new__(
        cls, size: tuple[int, int] = (1024, 640), scale: float = 1.0, transform: str = "normal"
    ) -> Self:
        """Raise ValueError for what no output can show, TypeError for a size of another kind."""
        check_size(size)
        if min(*size, scale) <= 0:
            raise ValueError(f"size {size} and scale {scale:g} must be positive")
        if transform not in TRANSFORMS:
            raise ValueError(f"transform {transform!r} is none of {', '.join(TRANSFORMS)}")
        return super().__new__(cls, size, scale, transform)


class Output(NamedTuple):
    """An output as it is now; x and y are logical."""

    name: str
    x: int
    y: int
    shape: Shape
    refresh_mhz: int

    @property
    def size(self) -> tuple[int, int]:
        """Give the pixels of its mode."""
        return self.shape.size

    @property
    def scale(self) -> float:
        """Give its scale."""
        return self.shape.scale

    @property
    def transform(self) -> str:
        """Name its transform."""
        return self.shape.transform


class Sockets(Protocol):
    """What plugs outputs into one kind of compositor."""

    def list(self) -> list[Output]:
        """Tell what is plugged in, in order."""

    def add(self, shape: Shape, name: str | None) -> str:
        """Plug one in and give its name, which is the compositor's choice where none is given."""

    def remove(self, name: str) -> None:
        """Plug one out."""

    def change(self, name: str, shape: Shape) -> None:
        """Give one another shape."""


class Outputs:
    """A compositor's outputs, as they are whenever they are looked at."""

    def __init__(self, sockets: Sockets) -> None:
        if hasattr(type(sockets), "outputs"):
            raise TypeError("a compositor's outputs are its attribute: compositor.outputs")
        self._sockets = sockets

    def __iter__(self) -> Iterator[Output]:
        return iter(self._sockets.list())

    def __len__(self) -> int:
        return len(self._sockets.list())

    def __getitem__(self, name: str) -> Output:
        found = self._sockets.list()
        for output in found:
            if output.name == name:
                return output
        raise KeyError(f"no output {name!r}; there are: {', '.join(o.name for o in found)}")

    @property
    def names(self) -> tuple[str, ...]:
        """Name them in order."""
        return tuple(output.name for output in self)

    def add(
        self,
        size: tuple[int, int] = (1024, 640),
        scale: float = 1.0,
        transform: str = "normal",
        *,
        name: str | None = None,
    ) -> Output:
        """Plug one in and give it.

        With the `name` of one that was removed it is as if the same screen came back. Raises
        CapabilityMissing for a name where the compositor chooses them all, and ValueError for
        one that has anything but letters, digits and _.- in it, or more than 31 characters.
        """
        check_size(size, "; a name is given as `name=`" if isinstance(size, str) else "")
        if name is not None and not _NAME.fullmatch(name):
            told = "an output's name has 1 to 31 letters, digits and _.-"
            raise ValueError(f"{told}, such as HDMI-A-1, not {name!r}")
        return self[self._sockets.add(Shape(size, scale, transform), name)]

    def remove(self, name: str) -> None:
        """Plug one out; raises KeyError for a name that is not there."""
        self._sockets.remove(self[name].name)

    def change(
        self,
        name: str,
        *,
        size: tuple[int, int] | None = None,
        scale: float | None = None,
        transform: str | None = None,
    ) -> Output:
        """Change what is given of one, and give it as it is then."""
        asked = {"size": size, "scale": scale, "transform": transform}
        wanted = {name: value for name, value in asked.items() if value is not None}
        self._sockets.change(name, Shape(**(self[name].shape._asdict() | wanted)))
        return self[name]
