"""`wayfold record`: write a session to a file."""

import argparse
import errno
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import wayfold
from wayfold.cli.arguments import Command, add_display, checked, pattern, seconds
from wayfold.cli.child import run_child
from wayfold.cli.failures import CommandFailed
from wayfold.cli.tapped import record_any
from wayfold.cli.terminal import Progress, counted
from wayfold.errors import LogUnusable
from wayfold.log import Keep, Log
from wayfold.wayland.deadline import Deadline
from wayfold.wayland.registry import BOUND_BY_DEFAULT

__all__ = ["add_arguments", "run"]

_ABOUT = """\
Record to a file what the compositor tells, until Ctrl-C; behind what is there,
if FILE is a recording already. With a command, record
instead the session of that program, if it is written with wayfold: it is run
with WAYFOLD_LOG set to the file. With --any it may be written with anything:
what it says to the compositor and hears is read on the way.

Keys and text typed are masked: the records stay, what was typed is null."""


def add_arguments(parser: Command) -> None:
    """Say what this command takes."""
    parser.is_intermixed = False
    parser.set_defaults(refuse=parser.error)
    parser.description = _ABOUT
    parser.epilog = "example: wayfold record -o session.wayfold -- wayfold demo"
    parser.add_argument("-o", "--output", metavar="FILE", help="default: a name with date and time")
    parser.add_argument("--for", dest="for_s", type=seconds, metavar="SECONDS", help="then end")
    parser.add_argument(
        "--until", type=pattern, metavar="PATTERN", help="end with such a record: 'output.*'"
    )
    parser.add_argument(
        "--mark-on-enter",
        action="store_true",
        help="each line typed here becomes a mark in the recording",
    )
    parser.add_argument("--any", action="store_true", help="record a program of any kind")
    parser.add_argument(
        "--keep",
        type=_keep,
        metavar="BOUND",
        help="drop the oldest beyond 500000 (records), 7d (age) or 2G (size)",
    )
    parser.add_argument("--include-input", action="store_true", help="do not mask what is typed")
    parser.add_argument(
        "command_line", nargs="*", metavar="COMMAND", help="-- and a program to run"
    )
    add_display(parser)


def _keep(text: str) -> str:
    checked(text, Keep.parse)
    return text


def run(options: argparse.Namespace) -> int:
    """Record until the end, and say where it is."""
    _check(options)
    path = options.output
    if path is None:
        path = f"wayfold-{datetime.now():%Y%m%d-%H%M%S}.wayfold"
    if not Path(path).absolute().parent.is_dir():
        raise CommandFailed(f"{path} cannot be made: there is no such folder")
    status = _run_command(options, path) if options.command_line else _record(options, path)
    _tell(path, status)
    return status


def _check(options: argparse.Namespace) -> None:
    """End the process where an option says nothing of what is to be recorded."""
    if options.output == "":
        options.refuse("--output needs a file's name")
    if not options.command_line:
        if options.any:
            options.refuse("--any needs a COMMAND, which is recorded whatever it is written in")
        return
    without = {
        "--for": options.for_s is not None,
        "--until": options.until is not None,
        "--mark-on-enter": options.mark_on_enter,
    }
    for name, is_given in without.items():
        if is_given:
            told = "with one, the recording ends as that does, and the terminal is its own"
            options.refuse(f"{name} is for a recording without a COMMAND: {told}")


def _run_command(options: argparse.Namespace, path: str) -> int:
    program = options.command_line[0]
    if shutil.which(program) is None:  # found out before there is a file
        raise CommandFailed(f"{program} cannot be run: {os.strerror(errno.ENOENT)}")
    if not options.any:
        return _run_told(options, path)
    with _opened(options, path) as log:
        return record_any(options.command_line, options.display, log)


def _run_told(options: argparse.Namespace, path: str) -> int:
    """Run a program that is written with wayfold, and told by its environment to record itself."""
    environment = {**os.environ, "WAYFOLD_LOG": os.path.abspath(path)}
    if options.include_input:
        environment["WAYFOLD_LOG_INPUT"] = "1"
    if options.keep:
        environment["WAYFOLD_LOG_KEEP"] = options.keep
    if options.display:
        environment["WAYLAND_DISPLAY"] = options.display
    return run_child(options.command_line, environment)


def _record(options: argparse.Namespace, path: str) -> int:
    deadline = Deadline("the end of the recording", options.for_s)
    progress = Progress()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with _opened(options, path) as log:
        before = log.head
        with wayfold.connect(options.display, log=log, bind=BOUND_BY_DEFAULT) as client:
            if options.mark_on_enter:
                _listen_for_marks(client)
            try:
                while not deadline.is_over and not _is_reached(log, options.until, before):
                    before = log.head
                    progress.show(f"{log.head} records in {path}; Ctrl-C ends it")
                    client.dispatch(deadline.left_s())
            except KeyboardInterrupt:
                pass  # that is how a recording ends
            finally:
                progress.clear()
    return 0


@contextmanager
def _opened(options: argparse.Namespace, path: str) -> Iterator[Log]:
    """Give the log; where nothing comes into a new one, no file is left."""
    keep = Keep.parse(options.keep) if options.keep else None
    is_new = not os.path.exists(path)
    log = Log.open(path, keep=keep, include_input=options.include_input)
    try:
        with log:
            yield log
    finally:
        if is_new and not log.head:
            Path(path).resolve().unlink(missing_ok=True)


def _is_reached(log: Log, pattern: str | None, after: int) -> bool:
    return pattern is not None and any(log.records(after=after, name=pattern))


def _listen_for_marks(client: wayfold.Client) -> None:
    source = sys.stdin.fileno()

    def read_marks() -> None:
        typed = os.read(source, 4096)
        if not typed:
            client.loop.remove(source)
        for line in typed.decode("utf-8", "replace").splitlines():
            client.mark(line)

    try:
        client.loop.add(source, read_marks)
    except PermissionError:  # a file, or /dev/null: there is nothing to wait for
        for line in sys.stdin.buffer.read().decode("utf-8", "replace").splitlines():
            client.mark(line)


def _tell(path: str, status: int) -> None:
    if not Path(path).exists():
        why = (
            f"it ended with {status} before it connected, or is not written with wayfold"
            if status
            else "it has not connected, or is not written with wayfold: --any records any program"
        )
        raise CommandFailed(f"nothing was recorded to {path} of the program: {why}")
    with _settled(path) as log:
        print(f"{counted(log.head, 'record')} in {path}", file=sys.stderr)


def _settled(path: str) -> Log:
    """Open what was recorded as its next writer would: where the last was killed, it is mended."""
    try:
        return Log.open(path)
    except LogUnusable:  # such as one that a program still writes to, which was left running
        return Log.open(path, read_only=True)
