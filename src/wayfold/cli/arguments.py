"""Arguments that several commands take."""

import argparse
import math
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["Command", "add_display", "checked", "pattern", "seconds", "whole"]

T = TypeVar("T")


class Command(argparse.ArgumentParser):
    """A command's arguments, with options before, between and behind what has no name.

    argparse itself refuses `log FILE --since 10 PATTERN`. Not where `--` ends the options. What is
    not known is refused here, with the command's own usage, and not by `wayfold` with its own.
    """

    is_intermixed = True
    _is_inside = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as parse_known_intermixed_args does, which comes back here."""
        if self._is_inside:
            return super().parse_known_args(args, namespace)
        self._is_inside = True
        try:
            plain, intermixed = super().parse_known_args, self.parse_known_intermixed_args
            parse = intermixed if self.is_intermixed else plain
            namespace, unknown = parse(args, namespace)
        finally:
            self._is_inside = False
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return namespace, unknown


def add_display(parser: argparse.ArgumentParser) -> None:
    """Let the user name a compositor."""
    parser.add_argument(
        "--display",
        metavar="NAME",
        help="the compositor's socket, a name or a path (default: $WAYLAND_DISPLAY)",
    )


def checked(text: str, read: Callable[[str], T]) -> T:
    """Read an argument by a function whose ValueError says what is wrong with it."""
    try:
        return read(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def pattern(text: str) -> str:
    """Read a pattern for the names of records."""
    if not text:
        raise argparse.ArgumentTypeError("a pattern must not be empty; '*' matches every name")
    return text


def seconds(text: str) -> float:
    """Read a number of seconds, 0 or more."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 <= number < math.inf):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return number


def whole(text: str) -> int:
    """Read a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)
