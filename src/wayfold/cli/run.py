"""`wayfold run`: run any program under a headless compositor of its own."""

import argparse
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from wayfold.cli.arguments import Command, seconds, whole
from wayfold.cli.attend import NO_COMPOSITOR, Ending, attend
from wayfold.cli.hosts import NAMES, PREFERRED, open_host
from wayfold.cli.lookout import Lookout
from wayfold.testing.environment import VARIABLES
from wayfold.testing.failures import HarnessError

if TYPE_CHECKING:
    from wayfold.testing.compositor import Compositor

__all__ = ["add_arguments", "add_command", "command_of", "run"]

_ABOUT = """\
Run COMMAND under a headless compositor that is started for it, in milliseconds,
and ended with it, together with whatever COMMAND has left running. COMMAND
has our input, output, terminal and signals; nothing is printed beside what it
prints, unless something fails."""

_EPILOG = """\
Exit code: COMMAND's own; 128 and the signal's number where a signal ended it;
124 after --timeout; 125 if the compositor did not start or died under COMMAND;
126 if COMMAND cannot be executed; 127 if there is none; 2 for wrong use.

COMMAND's environment has WAYLAND_DISPLAY and a private XDG_RUNTIME_DIR, nothing
of the session around, and for its toolkit:
{variables}

example: wayfold run --timeout 60 -- foot -e true"""


def add_arguments(parser: Command) -> None:
    """Say what this command takes."""
    parser.usage = "wayfold run [OPTIONS] [--] COMMAND [ARGUMENTS]"
    parser.description = _ABOUT
    parser.epilog = _EPILOG.format(variables="\n".join(_variables()))
    parser.add_argument(
        "-c",
        "--compositor",
        choices=NAMES,
        metavar="NAME",
        help=f"one of {', '.join(NAMES)} (default: the first of "
        f"{', '.join(PREFERRED)} that is here and can do what is asked for)",
    )
    parser.add_argument("--seat", action="store_true", help="with a seat, or not at all")
    parser.add_argument("--outputs", type=whole, default=1, metavar="N", help="with N outputs")
    parser.add_argument("--size", type=_size, metavar="WxH", help="pixels of each output")
    parser.add_argument("--scale", type=_scale, default=1, metavar="S", help="of each output")
    parser.add_argument("--timeout", type=seconds, metavar="S", help="end COMMAND after S seconds")
    parser.add_argument(
        "--screenshot",
        type=_writable,
        metavar="FILE",
        help="write what COMMAND showed last to a PNG file; it is looked at ten times a second",
    )
    parser.add_argument(
        "--keep-log",
        action="store_true",
        help="write what the compositor says to wayfold-COMPOSITOR.log here",
    )
    parser.add_argument(
        "-a",
        "--auto-servernum",
        action="store_true",
        help="does nothing: xvfb-run needs it, here no two runs share a name",
    )
    add_command(parser)


def add_command(parser: Command) -> None:
    """Take whatever follows as a program with its arguments, also what looks like our options."""
    parser.is_intermixed = False
    parser.add_argument("command_line", nargs=argparse.REMAINDER, metavar="COMMAND")
    parser.set_defaults(refuse=parser.error)


def _variables() -> list[str]:
    return [f"  {each.name}={each.value}".ljust(40) + each.reader for each in VARIABLES]


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    try:
        return whole(width), whole(height)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 800x600") from None


def _scale(text: str) -> float:
    with suppress(argparse.ArgumentTypeError):
        if (scale := seconds(text)) > 0:
            return scale
    raise argparse.ArgumentTypeError(f"{text!r} is not a scale such as 1, 2 or 1.5")


def _writable(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text} cannot be written")
    return path


def command_of(options: argparse.Namespace) -> list[str]:
    """Give the program to be run, with its arguments; ends the process where there is none."""
    words: list[str] = options.command_line
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        options.refuse("a COMMAND is needed")
    return words


def run(options: argparse.Namespace) -> int:
    """Run the program and give its exit code."""
    command = command_of(options)
    try:
        compositor = _compositor(options)
    except ValueError as error:
        options.refuse(str(error))
    except HarnessError as error:
        return _told(Ending(NO_COMPOSITOR, str(error)))
    lookout = Lookout(options.screenshot) if options.screenshot else None
    try:
        return _told(attend(command, compositor, timeout_s=options.timeout, lookout=lookout))
    finally:
        if lookout is not None:
            lookout.save()
        if options.keep_log:
            Path(f"wayfold-{compositor.name}.log").write_text(compositor.log, encoding="utf-8")


def _compositor(options: argparse.Namespace) -> "Compositor":
    asked = {"seat": options.seat, "screencopy": options.screenshot}
    needs = [need for need, is_asked in asked.items() if is_asked]
    wishes = {name: getattr(options, name) for name in ("outputs", "size", "scale")}
    return open_host(options.compositor, needs, **wishes)


def _told(ending: Ending) -> int:
    if ending.complaint:
        print(f"wayfold run: {ending.complaint}", file=sys.stderr)
    return ending.exit_code
