"""A picture of an output: its pixels, its PNG file, and how it differs from another."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wayfold.testing.png import decode_png, encode_png

__all__ = ["Difference", "Image", "from_shm"]

_OPAQUE = 255
_SHM_FORMATS: dict[int, tuple[int, int, int]] = {
    # Places of red, green and blue in a pixel; codes of wl_shm.format, and of drm_fourcc.h.
    **dict.fromkeys((0, 1, 0x34325241, 0x34325258), (2, 1, 0)),  # ARGB8888, XRGB8888
    **dict.fromkeys((0x34324241, 0x34324258), (0, 1, 2)),  # ABGR8888, XBGR8888
}


@dataclass(frozen=True, slots=True)
class Difference:
    """How far two pictures of one size are apart: pixels beyond the tolerance, and a picture."""

    count: int
    largest: int
    first: tuple[int, int]
    picture: "Image"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture: `pixels` are rows of R G B A from the top left on, a byte each, without padding.

    `memoryview(image.pixels)` and `numpy.asarray(image)` share them without a copy.
    """

    width: int
    height: int
    pixels: bytes

    def __post_init__(self) -> None:
        if len(self.pixels) != self.width * self.height * 4:
            raise ValueError(f"{len(self.pixels)} bytes are not {self.width}x{self.height} pixels")

    def __repr__(self) -> str:
        return f"Image({self.width}x{self.height})"

    def __getitem__(self, place: tuple[int, int]) -> tuple[int, int, int, int]:
        """Give red, green, blue and alpha at (x, y); raises IndexError outside."""
        x, y = place
        if not (0 <= x < self.width and 0 <= y < self.height):
            raise IndexError(f"({x}, {y}) is outside {self.width}x{self.height} pixels")
        start = (y * self.width + x) * 4
        red, green, blue, alpha = self.pixels[start : start + 4]
        return red, green, blue, alpha

    def __buffer__(self, flags: int, /) -> memoryview:
        return self.view

    @property
    def view(self) -> memoryview:
        """Give the pixels as an array of height, width and channel."""
        return memoryview(self.pixels).cast("B", (self.height, self.width, 4))

    @property
    def __array_interface__(self) -> dict[str, Any]:
        shape = (self.height, self.width, 4)
        return {"version": 3, "shape": shape, "typestr": "|u1", "data": self.pixels}

    @property
    def colours(self) -> frozenset[tuple[int, ...]]:
        """Give every colour in it, as red, green, blue and alpha."""
        words = set(memoryview(self.pixels).cast("I"))
        return frozenset(tuple(word.to_bytes(4, "little")) for word in words)

    @property
    def png(self) -> bytes:
        """Give its PNG file."""
        return encode_png(self.width, self.height, self.pixels)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write its PNG file; raises OSError."""
        Path(path).write_bytes(self.png)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Image":
        """Read a PNG file; raises OSError, or ValueError for one that cannot be read."""
        return cls(*decode_png(Path(path).read_bytes()))

    def crop(self, x: int, y: int, width: int, height: int) -> "Image":
        """Give a part of it; raises ValueError where that is not inside."""
        if min(x, y) < 0 or min(width, height) < 1:
            raise ValueError(f"{width}x{height} at ({x}, {y}) is no part of {self!r}")
        if x + width > self.width or y + height > self.height:
            raise ValueError(f"{width}x{height} at ({x}, {y}) is not inside {self!r}")
        starts = ((row * self.width + x) * 4 for row in range(y, y + height))
        return Image(width, height, b"".join(self.pixels[s : s + width * 4] for s in starts))

    def difference(self, other: "Image", tolerance: int = 0) -> Difference | None:
        """Tell where a channel of a pixel is further apart than `tolerance` (0 to 255), or None.

        Raises ValueError for pictures of unequal size.
        """
        if (self.width, self.height) != (other.width, other.height):
            raise ValueError(f"{self!r} and {other!r} are not of one size")
        if self.pixels == other.pixels:
            return None
        apart = list(self._apart(other, tolerance))
        if not apart:
            return None
        first = apart[0][0]
        place = (first % self.width, first // self.width)
        marked = _marked(other, [number for number, _ in apart])
        return Difference(len(apart), max(by for _, by in apart), place, marked)

    def _apart(self, other: "Image", tolerance: int) -> list[tuple[int, int]]:
        mine, theirs = (memoryview(each.pixels).cast("I") for each in (self, other))
        found = []
        for number, (one, two) in enumerate(zip(mine, theirs, strict=True)):
            if one != two:
                pairs = zip(one.to_bytes(4, "little"), two.to_bytes(4, "little"), strict=True)
                by = max(abs(a - b) for a, b in pairs)
                if by > tolerance:
                    found.append((number, by))
        return found


def _marked(image: Image, numbers: list[int]) -> Image:
    """Pale, with these pixels in red."""
    pale = bytes(170 + value // 3 for value in range(256))
    pixels = bytearray(image.pixels.translate(pale))
    pixels[3::4] = bytes([_OPAQUE]) * (len(pixels) // 4)
    for number in numbers:
        pixels[number * 4 : number * 4 + 4] = b"\xff\x00\x00\xff"
    return Image(image.width, image.height, bytes(pixels))


def from_shm(
    size: tuple[int, int], stride: int, code: int, data: bytes, *, is_upside_down: bool = False
) -> Image:
    """Take over a wl_buffer's bytes, opaque; raises ValueError for a format that is not known."""
    if code not in _SHM_FORMATS:
        raise ValueError(f"pictures in format {code:#010x} are not known here")
    width, height = size
    rows = [data[start : start + width * 4] for start in range(0, height * stride, stride)]
    told = b"".join(reversed(rows) if is_upside_down else rows)
    pixels = bytearray(bytes([_OPAQUE]) * len(told))
    for channel, place in enumerate(_SHM_FORMATS[code]):
        pixels[channel::4] = told[place::4]
    return Image(width, height, bytes(pixels))
