"""Numbers and texts as a page holds them: packed, deflated, in base64."""

import sys
import zlib
from array import array
from base64 import b64encode
from collections.abc import Iterable

__all__ = ["Chunks", "Interned", "pack_numbers", "pack_text"]


class Interned(dict[str, int]):
    """Texts that are written once and then meant by number, in the order they came."""

    def __missing__(self, text: str) -> int:
        self[text] = number = len(self)
        return number


class Chunks:
    """Lines of text, packed by `size` or as `end` says, so that any few can be unpacked alone."""

    def __init__(self, size: int | None = None) -> None:
        self.size = size
        self._lines: list[str] = []
        self._packed: list[str] = []

    def append(self, line: str) -> None:
        """Add a line; it must hold no line break."""
        self._lines.append(line)
        if len(self._lines) == self.size:
            self.end()

    def end(self) -> None:
        """Pack the lines that have gathered; the next one begins another chunk."""
        if self._lines:
            self._packed.append(pack_text(self._lines))
            self._lines = []

    def packed(self) -> list[str]:
        """Give every chunk."""
        self.end()
        return self._packed


def pack_numbers(numbers: "array[int]") -> str:
    """Pack unsigned integers, first the lowest byte of each, then the next, little end first.

    Bytes of one place are alike where whole numbers are not, and deflate to little.
    """
    if sys.byteorder == "big":
        numbers = array(numbers.typecode, numbers)
        numbers.byteswap()
    held, width = numbers.tobytes(), numbers.itemsize
    return _deflated(b"".join(held[place::width] for place in range(width)))


def pack_text(lines: Iterable[str]) -> str:
    """Pack lines of text; lone surrogates, which only hand-made records hold, become `?`."""
    return _deflated("\n".join(lines).encode("utf-8", "replace"))


def _deflated(held: bytes) -> str:
    return b64encode(zlib.compress(held, 6)).decode()
