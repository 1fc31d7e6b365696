"""Pictures that screenshots are compared with, and what is left to look at where they differ."""

import os
from dataclasses import dataclass
from pathlib import Path

from wayfold.testing.image import Image
from wayfold.testing.looking import Looks, Unsettled

__all__ = ["Goldens"]

_HOW = "if what is shown now is right, run again with --wayfold-update-goldens"


@dataclass(frozen=True, slots=True)
class Goldens:
    """Compares with files; with `is_updating` it writes them instead.

    `folder` is what relative paths start from. Where pictures differ, `NAME.actual.png` and
    `NAME.diff.png` (what differs in red) are written below `failures`.
    """

    folder: Path
    failures: Path
    is_updating: bool = False

    def assert_matches(
        self, image: Image, golden: str | os.PathLike[str], *, tolerance: int = 0, allowed: int = 0
    ) -> None:
        """Raise AssertionError where more than `allowed` pixels differ.

        A pixel differs where one of its channels, 0 to 255, is further apart than `tolerance`.
        """
        once = Looks(lambda: image, timeout=0)
        self.assert_shown(once, golden, tolerance=tolerance, allowed=allowed)

    def assert_shown(
        self, looks: Looks, golden: str | os.PathLike[str], *, tolerance: int = 0, allowed: int = 0
    ) -> None:
        """Raise AssertionError, of the last picture, where none matches.

        What is written with `is_updating`, or told where there is no golden picture, has settled.
        """
        path = self.folder / golden
        if self.is_updating:
            image = self._settled(looks, path)
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
        elif path.exists():
            self._compare(looks, path, tolerance, allowed)
        else:
            shown = self._keep(self._settled(looks, path), path, "actual")
            raise AssertionError(f"there is no {path}; what is shown is in {shown}; {_HOW}")

    def _settled(self, looks: Looks, path: Path) -> Image:
        try:
            return looks.settled()
        except Unsettled as unsettled:
            shown = self._keep(unsettled.last, path, "actual")
            raise AssertionError(
                f"what is shown does not come to rest, to be {path}: {unsettled}; "
                f"the last picture is {shown}"
            ) from None

    def _compare(self, looks: Looks, path: Path, tolerance: int, allowed: int) -> None:
        expected = Image.load(path)
        for image in looks.changes():
            difference = None
            if _size(image) == _size(expected):
                difference = expected.difference(image, tolerance)
                if difference is None or difference.count <= allowed:
                    return
        shown = self._keep(image, path, "actual")
        if difference is None:
            raise AssertionError(f"{shown} is {image!r}, but {path} {expected!r}; {_HOW}")
        marked = self._keep(difference.picture, path, "diff")
        raise AssertionError(
            f"{difference.count} pixels (allowed: {allowed}) differ from {path} by up to "
            f"{difference.largest} (tolerance: {tolerance}), the first at {difference.first}; "
            f"see {shown} and {marked}; {_HOW}"
        )

    def _keep(self, image: Image, golden: Path, kind: str) -> Path:
        self.failures.mkdir(parents=True, exist_ok=True)
        path = self.failures / f"{golden.stem}.{kind}.png"
        image.save(path)
        return path


def _size(image: Image) -> tuple[int, int]:
    return image.width, image.height
