"""What a program showed last: looked at now and then, since at its end it shows nothing."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wayfold.testing.compositor import Compositor
    from wayfold.testing.image import Image

__all__ = ["PERIOD_S", "Lookout"]

PERIOD_S = 0.1


class Lookout:
    """Keeps the last picture that is not that of the empty output."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._empty: Image | None = None
        self._shown: Image | None = None

    def look(self, compositor: "Compositor") -> None:
        """Take a picture; the first one is taken before the program starts."""
        picture = compositor.screenshot()
        if self._empty is None:
            self._empty = picture
        elif picture.pixels != self._empty.pixels:
            self._shown = picture

    def save(self) -> None:
        """Write the last picture, or the empty output's where nothing was shown; raises OSError."""
        picture = self._shown or self._empty
        if picture is not None:
            picture.save(self._path)
