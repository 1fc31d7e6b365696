"""`wayfold matrix`: run one program under every compositor that is installed."""

import argparse
import json
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from wayfold.cli.arguments import Command, seconds
from wayfold.cli.attend import NO_COMPOSITOR, Ending, attend
from wayfold.cli.failures import CommandFailed
from wayfold.cli.hosts import HOSTS, hosts_here, open_host, want_of_seat
from wayfold.cli.run import add_command, command_of
from wayfold.cli.terminal import Progress, columns, cut, heading, printable
from wayfold.testing.failures import HarnessError
from wayfold.testing.here import Standing
from wayfold.testing.tiers import CAPABILITIES
from wayfold.testing.written import Written

if TYPE_CHECKING:
    from wayfold.testing.compositor import Compositor

__all__ = ["Row", "add_arguments", "run"]

_TIMEOUT_S = 30.0
_INTERRUPTED = 130
_EVERYWHERE = {"windows", "display"}
_OUTPUT_LINES = 12

_ABOUT = f"""\
Run COMMAND under every compositor that is installed, one after the other, each
started for it, and print how it ended. What COMMAND prints is shown where it
ended badly. It reads from /dev/null, and has {_TIMEOUT_S:g} seconds.

weston has a seat wherever wayfold's module for it was built: many programs end
without one."""


@dataclass(frozen=True)
class Row:
    """How the program ended under one compositor; `time_ms` includes the compositor's own."""

    compositor: str
    version: str | None
    capabilities: tuple[str, ...]
    exit_code: int
    time_ms: float
    complaint: str
    output: str


def add_arguments(parser: Command) -> None:
    """Say what this command takes."""
    parser.usage = "wayfold matrix [OPTIONS] [--] COMMAND [ARGUMENTS]"
    parser.description = _ABOUT
    parser.epilog = (
        "Exit code: 0 where COMMAND ended with 0 under all of them, otherwise 1.\n"
        "In the table are the codes of `wayfold run`.\n\n"
        "example: wayfold matrix -- foot -e true"
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        metavar="S",
        default=_TIMEOUT_S,
        help="end COMMAND after S seconds",
    )
    parser.add_argument(
        "--no-seat", action="store_true", help="also under a weston that has no seat"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    add_command(parser)


def run(options: argparse.Namespace) -> int:
    """Run it everywhere and print the table."""
    command = command_of(options)
    here = hosts_here(also_without_seat=options.no_seat)
    if not here:
        raise CommandFailed(f"no compositor is installed; known here: {', '.join(HOSTS)}")
    if not options.json:
        _print_plan(command, len(here), options.timeout)
    told = _collected if options.json else _printed
    codes = {row.exit_code for row in told(_rows(here, command, options.timeout))}
    return _INTERRUPTED if _INTERRUPTED in codes else int(codes != {0})


def _print_plan(command: Sequence[str], count: int, timeout_s: float) -> None:
    among = f"{count} compositors" if count > 1 else "1 compositor"
    about = f", under {among}, up to {timeout_s:g} s each"
    width = columns(sys.stdout)
    name = cut(printable(shlex.join(command)), width and width - len(about))
    print(f"{name}{about}", flush=True)


def _rows(here: Sequence[Standing], command: Sequence[str], timeout_s: float) -> Iterator[Row]:
    for host in here:
        row = _row(host, command, timeout_s)
        yield row
        if row.exit_code == _INTERRUPTED:
            return


def _row(host: Standing, command: Sequence[str], timeout_s: float) -> Row:
    output = Written()
    start_s = time.monotonic()
    try:
        ending = _ending(host.tier.name, command, timeout_s, output.descriptor)
    finally:
        output.close()
    time_ms = round((time.monotonic() - start_s) * 1e3, 1)
    can = tuple(name for name in CAPABILITIES if name in host.capabilities - _EVERYWHERE)
    complaints = [ending.complaint, want_of_seat(host.tier.name) if ending.exit_code else ""]
    told = "\n".join(filter(None, complaints))
    return Row(host.tier.name, host.version, can, ending.exit_code, time_ms, told, output.text)


def _ending(name: str, command: Sequence[str], timeout_s: float, output: int) -> Ending:
    waiting = _Waiting(name, timeout_s)
    try:
        return attend(
            command, open_host(name, ()), timeout_s=timeout_s, output=output, lookout=waiting
        )
    except HarnessError as error:
        return Ending(NO_COMPOSITOR, str(error))
    finally:
        waiting.end()


class _Waiting:
    """Tells on a terminal what is waited for, and for how long it has been."""

    def __init__(self, name: str, timeout_s: float) -> None:
        self._progress = Progress()
        self._name = name
        self._timeout_s = timeout_s
        self._start_s = time.monotonic()
        self._tell()

    def look(self, compositor: "Compositor") -> None:
        self._tell()

    def _tell(self) -> None:
        passed_s = time.monotonic() - self._start_s
        self._progress.show(f"  {self._name}: {passed_s:.0f} of {self._timeout_s:g} s")

    def end(self) -> None:
        self._progress.clear()


def _collected(rows: Iterator[Row]) -> list[Row]:
    collected = list(rows)
    print(json.dumps([asdict(row) for row in collected], indent=2))
    return collected


def _printed(rows: Iterator[Row]) -> list[Row]:
    _print_cells("compositor", "version", "exit", "time", "can do")
    printed = []
    for row in rows:
        time_told = f"{row.time_ms:.0f} ms"
        cells = (row.compositor, row.version or "?", str(row.exit_code), time_told)
        _print_cells(*cells, " ".join(row.capabilities))
        printed.append(row)
    for row in printed:
        if row.exit_code:
            _print_output(row)
    return printed


def _print_cells(name: str, version: str, code: str, time_told: str, can: str) -> None:
    line = f"  {name:13} {version:9} {code:>4} {time_told:>9}  {can}"
    print(cut(line, columns(sys.stdout)), flush=True)


def _print_output(row: Row) -> None:
    print(f"\n{heading(f'{row.compositor}: exit code {row.exit_code}')}")
    for line in [*row.output.splitlines(), *row.complaint.splitlines()][-_OUTPUT_LINES:]:
        print(f"  {printable(line)}")
