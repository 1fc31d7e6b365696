"""Write for a terminal or a pipe: width, colour, tables, a line that changes."""

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

__all__ = ["Progress", "columns", "counted", "cut", "heading", "is_coloured", "printable", "table"]

_BOLD, _PLAIN, _ERASE_LINE = "\x1b[1m", "\x1b[0m", "\r\x1b[K"


def is_coloured(stream: TextIO) -> bool:
    """Tell whether escape sequences are welcome (NO_COLOR: https://no-color.org)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return stream.isatty() and not plain


def columns(stream: TextIO) -> int | None:
    """Width of a terminal, None of a pipe, which has no end."""
    return shutil.get_terminal_size().columns if stream.isatty() else None


def cut(line: str, width: int | None) -> str:
    """Shorten a line to a width; an ellipsis says that there was more."""
    return line if width is None or len(line) <= width else f"{line[: width - 1]}…"


def printable(text: str) -> str:
    """Give text with every character that a terminal might obey as its escape."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def counted(number: int, name: str) -> str:
    """Give a number of things: `1 record`, `2 records`."""
    return f"{number} {name}{'s' * (number != 1)}"


def heading(text: str) -> str:
    """Give a line that stands out on a terminal."""
    plain = printable(text)
    return f"{_BOLD}{plain}{_PLAIN}" if is_coloured(sys.stdout) else plain


def table(rows: Iterable[Sequence[str]], *, indent: int = 2) -> list[str]:
    """Align the columns of rows of equal length."""
    held = [tuple(map(printable, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(*held, strict=True)]
    lines = ("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) for row in held)
    return [" " * indent + line.rstrip() for line in lines]


class Progress:
    """One line on stderr that is written again and again, on a terminal only."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def show(self, text: str) -> None:
        """Replace the line."""
        if self._is_shown:
            sys.stderr.write(_ERASE_LINE + cut(text, shutil.get_terminal_size().columns - 1))
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        self.show("")
