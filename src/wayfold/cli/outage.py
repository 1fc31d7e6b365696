"""`wayfold outage`: watch a display, and report to a partner what stays broken."""

import argparse
import re
import shlex
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from wayfold.cli.arguments import Command, add_display, checked, seconds
from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import MOMENTS, add_file, moment
from wayfold.cli.terminal import columns, cut, printable, table
from wayfold.errors import StatementRefused
from wayfold.log import Keep, Log

if TYPE_CHECKING:
    from wayfold.reactions import PendingEffect

__all__ = ["add_arguments", "run"]

_ABOUT = """\
Run beside a display: a screen that disappears, a compositor that dies or does
not answer is an incident. One that stays open for a while is reported: POSTed
as JSON, with an Idempotency-Key, again and again until it is accepted. All of
it is in FILE, so that it goes on where it was when it is killed.

Redirects are not followed. After 302, 303 or 307, as of a network's login page,
it is tried again; after 301 or 308, and whatever else says that the address or
the report is wrong (400, 404 ...), it is given up at once and not sent again.
`list` says why, and where it was led: run it with the right --post then."""

_EXAMPLES = """\
example: wayfold outage run kiosk.wayfold --post https://partner.example/in
         wayfold outage list kiosk.wayfold
         wayfold outage pending kiosk.wayfold --at 12:03:04"""

_SPAN = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_TOLD = {None: "no", "done": "yes", "gave_up": "gave up"}


def add_arguments(parser: Command) -> None:
    """Say what this command takes."""
    parser.is_intermixed = False
    parser.description, parser.epilog = _ABOUT, _EXAMPLES
    actions = parser.add_subparsers(dest="action", required=True, parser_class=Command)
    _add_run(_action(actions, "run", "watch until Ctrl-C", _run))
    add_file(_action(actions, "list", "tell the incidents, open and past", _list))
    pending = _action(actions, "pending", "tell what would be sent, without sending it", _pending)
    pending.description = f"Tell what is to be sent, and when a report will be due.\n\n{MOMENTS}"
    add_file(pending)
    pending.add_argument("--at", metavar="MOMENT", help="as it was then (default: at the end)")


def _action(actions: Any, name: str, line: str, function: Any) -> Command:
    made: Command = actions.add_parser(
        name,
        help=line,
        description=f"{line[0].upper()}{line[1:]}.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(act=function)
    return made


def _add_run(parser: Command) -> None:
    parser.add_argument("file", metavar="FILE", help="where incidents and reports are kept")
    parser.add_argument(
        "--post", type=_address, metavar="URL", required=True, help="where reports are POSTed"
    )
    parser.add_argument(
        "--after",
        type=span,
        default=span("15m"),
        metavar="TIME",
        help="how long an incident must stay open: 90s, 15m (default), 2h",
    )
    parser.add_argument(
        "--silent",
        type=span,
        default=span("10s"),
        metavar="TIME",
        help="how long a compositor may owe an answer (default 10s)",
    )
    parser.add_argument(
        "--expect",
        action="append",
        type=_screen,
        default=[],
        metavar="NAME",
        help="a screen that must be there, such as HDMI-A-1; others once they have been seen",
    )
    parser.add_argument("--sender", default=socket.gethostname(), help="whose display it is")
    parser.add_argument("--keep", type=_keep, metavar="BOUND", help="as for `wayfold record`")
    parser.add_argument("--for", dest="for_s", type=seconds, metavar="SECONDS", help="then end")
    add_display(parser)


def span(text: str) -> float:
    """Read a span of time such as `15m`, in seconds; more than 0."""
    found = _SPAN.fullmatch(text)
    if found is None or not float(found[1]):
        raise argparse.ArgumentTypeError(f"{text!r} is no span of time, such as 90s, 15m or 2h")
    return float(found[1]) * _UNITS[found[2]]


def _screen(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a screen has a name, such as HDMI-A-1")
    return text


def _keep(text: str) -> Keep:
    return checked(text, Keep.parse)


def _address(text: str) -> str:
    from wayfold.reactions.http import check_address

    checked(text, check_address)
    return text


def run(options: argparse.Namespace) -> int:
    """Do the one of three."""
    return int(options.act(options))


def _run(options: argparse.Namespace) -> int:
    from wayfold.outage import Reports, Watch
    from wayfold.reactions.http import library

    try:
        library()  # not only when there is something to report
    except ImportError as error:
        raise CommandFailed(str(error)) from error
    reports = Reports(options.post, options.after, sender=options.sender)
    with Log.open(options.file, keep=options.keep) as log:
        watch = Watch(
            log,
            reports,
            display=options.display,
            expected=options.expect,
            silent_s=options.silent,
            told=_say,
        )
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *told: watch.stop())
        try:
            watch.run(options.for_s)
        except KeyboardInterrupt:
            pass  # that is how a watch ends
    return 0


def _say(line: str) -> None:
    """Print to stderr; where that takes nothing, the watch goes on all the same."""
    with suppress(OSError):
        print(printable(line), file=sys.stderr, flush=True)


def _list(options: argparse.Namespace) -> int:
    from wayfold.outage.listing import incidents

    with Log.open(options.file, read_only=True) as log:
        try:
            found = incidents(log)
        except StatementRefused as error:
            raise CommandFailed(f"no outage watch has run on {options.file}") from error
    if options.json:
        for row in found:
            print(msgspec.json.encode(row).decode())
        return 0
    found.reverse()
    rows = [_line(row) for row in found]
    _print_table(("device", "since", "lasted", "reported", "what"), rows, "no incidents")
    for row in found:
        if row["error"]:
            print(cut(printable(f"{row['device']}: {row['error']}"), columns(sys.stdout)))
    return 0


def _line(row: dict[str, Any]) -> tuple[str, ...]:
    end_ns = row["resolved_ns"]
    return (
        row["device"],
        _spelled(row["since_ns"]),
        "open" if end_ns is None else _lasted(end_ns - row["since_ns"]),
        _reported(row),
        row["what"],
    )


def _lasted(span_ns: int) -> str:
    """Give a span by its two largest units: `3 s`, `12m 3s`, `1d 4h`."""
    minutes, seconds = divmod(round(span_ns / 1e9), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes}m"
    return f"{minutes}m {seconds}s" if minutes else f"{seconds} s"


def _reported(row: dict[str, Any]) -> str:
    """Give what was told of an incident, and of its end: `yes, end failed`."""
    outage, end = (_TOLD.get(row[report], row[report]) for report in ("report", "resolution"))
    return outage if row["resolution"] is None else f"{outage}, end {end}"


def _pending(options: argparse.Namespace) -> int:
    from wayfold.reactions import Runner

    with Log.open(options.file, read_only=True) as log, Runner(log) as runner:
        position = log.head if options.at is None else moment(log, options.at)
        effects, deadlines = runner.pending(position), runner.deadlines(position)
    if options.json:
        for each in (*effects, *deadlines):
            print(msgspec.json.encode(msgspec.to_builtins(each)).decode())
        return 0
    rows = [(e.name, e.key, _when(e), _target(e.arguments)) for e in effects]
    rows += [(d.name, d.key, f"due {_spelled(d.due_ns)}", "") for d in deadlines]
    _print_table(("report", "incident", "when", "to"), rows, "nothing is to be sent")
    return 0


def _when(effect: "PendingEffect") -> str:
    if effect.retry_at_ns:
        return f"attempt {effect.attempts + 1} at {_spelled(effect.retry_at_ns)}"
    return f"attempt {effect.attempts} under way" if effect.attempts else "at once"


def _target(arguments: Mapping[str, Any]) -> str:
    """Give where an effect goes: an address, or a command and its words."""
    return arguments.get("url") or shlex.join(map(str, arguments.get("argv", ())))


def _print_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]], nothing: str) -> None:
    width = columns(sys.stdout)
    for line in table([head, *rows], indent=0) if rows else [nothing]:
        print(cut(line, width))


def _spelled(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns / 1e9).isoformat(" ", timespec="seconds")
