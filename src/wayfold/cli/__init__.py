"""The command `wayfold`: one file a command, each imported only when it is asked for."""

import argparse
import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

from wayfold import __version__
from wayfold.cli.arguments import Command
from wayfold.cli.failures import CommandFailed
from wayfold.cli.streams import flush_or_give_up, give_up_output, prepare_streams
from wayfold.errors import WayfoldError

__all__ = ["command", "main"]

_COMMANDS = {
    "demo": "show a window's session, told from its log",
    "info": "tell what the compositor offers",
    "watch": "print records as they come",
    "record": "write a session to a file",
    "log": "print what a recording holds",
    "state": "tell what was true at a moment of a recording",
    "diff": "tell what changed between two moments of a recording",
    "why": "tell what made a value of the state what it is",
    "timeline": "draw a recording over time",
    "verify": "check that a recording is what was written",
    "parked": "tell what views and processes could not take, and mend it",
    "outage": "watch a display, and report what stays broken",
    "run": "run any program under a headless compositor of its own",
    "matrix": "run a program under every compositor that is installed",
    "doctor": "tell what is installed and what is missing",
}
_DONE, _FAILED, _INTERRUPTED = 0, 1, 130


def command() -> None:
    """Be the program `wayfold`: do what its arguments say, and end the process.

    Where no other thread is left, the interpreter is not taken apart module by module: that would
    be a seventh of `wayfold run`. What was to be done at exit is done, and output written.
    """
    status = main()
    threads = sys.modules.get("threading")
    if threads is not None and threads.active_count() > 1:
        sys.exit(status)
    atexit._run_exitfuncs()
    flush_or_give_up()
    os._exit(status)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and give its exit code: 0 done, 1 failed, 130 interrupted.

    Wrong use raises SystemExit with code 2, `--help` and `--version` with 0.
    """
    prepare_streams()
    name = "wayfold"
    try:
        options = _options(list(sys.argv[1:] if argv is None else argv))
        name = f"wayfold {options.command}"
        status = int(options.run(options))
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        return _leave_pipe()
    except Exception as error:
        if not _is_told(error):
            raise
        with suppress(OSError):  # where complaints cannot be written either
            print(f"{name}: {error}", file=sys.stderr)
        flush_or_give_up()
        return _FAILED
    return status


def _options(arguments: list[str]) -> argparse.Namespace:
    try:
        return _parser(arguments).parse_args(arguments)
    finally:
        sys.stdout.flush()  # of `--help`, which ends the process


def _parser(arguments: list[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wayfold",
        description="Wayland clients whose state is a fold of an event log.",
        epilog="example: wayfold watch 'output.*' --json",
    )
    parser.add_argument("--version", action="version", version=f"wayfold {__version__}")
    commands = parser.add_subparsers(
        dest="command", metavar="COMMAND", required=True, parser_class=Command
    )
    wanted = next((word for word in arguments if not word.startswith("-")), None)
    # The others are made for their names alone, in the help and in what is said of a wrong one.
    names = [wanted] if wanted in _COMMANDS else list(_COMMANDS)
    for name in names:
        line = _COMMANDS[name]
        command = commands.add_parser(
            name,
            help=line,
            description=f"{line[0].upper()}{line[1:]}.",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        if name == wanted:
            module = import_module(f"wayfold.cli.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    return parser


def _leave_pipe() -> int:
    # Whoever read us had enough.
    give_up_output()
    return _DONE


def _is_told(error: Exception) -> bool:
    """Tell whether the message of an error says all that a user needs."""
    if isinstance(error, (WayfoldError, CommandFailed, OSError)):
        return True
    harness = sys.modules.get("wayfold.testing.failures")
    return harness is not None and isinstance(error, harness.HarnessError)
