"""Arguments that several commands take."""

import argparse
import math

__all__ = ["add_display", "seconds", "whole"]


def add_display(parser: argparse.ArgumentParser) -> None:
    """Let the user name a compositor."""
    parser.add_argument(
        "--display",
        metavar="NAME",
        help="the compositor's socket, a name or a path (default: $WAYLAND_DISPLAY)",
    )


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
