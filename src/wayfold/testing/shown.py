"""A window as a compositor shows it."""

from typing import NamedTuple

__all__ = ["Window"]


class Window(NamedTuple):
    """A toplevel that is mapped: its place and size in logical coordinates, and whose it is."""

    title: str
    app_id: str
    x: float
    y: float
    width: int
    height: int
    pid: int
    is_focused: bool

    @property
    def middle(self) -> tuple[float, float]:
        """Give the place of its middle, to point at."""
        return self.x + self.width / 2, self.y + self.height / 2
