"""`wayfold matrix`: run one program under every compositor that is installed."""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from wayfold.cli.arguments import Command, seconds
from wayfold.cli.attend import NO_COMPOSITOR, Ending, attend
from wayfold.cli.failures import CommandFailed
from wayfold.cli.hosts import HOSTS, hosts_here, open_host
from wayfold.cli.run import add_command, command_of
from wayfold.cli.terminal import columns, cut, heading, printable
from wayfold.testing.failures import HarnessError
from wayfold.testing.here import Standing
from wayfold.testing.tiers import CAPABILITIES

__all__ = ["Row", "add_arguments", "run"]

_TIMEOUT_S = 60.0
_EVERYWHERE = {"windows", "display"}
_OUTPUT_BYTES = 1 << 16
_OUTPUT_LINES = 12

_ABOUT = f"""\
Run COMMAND under every compositor that is installed, one after the other, each
started for it, and print how it ended. What COMMAND prints is shown where it
ended badly. It reads from /dev/null, and has {_TIMEOUT_S:g} seconds."""


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
    parser.add_argument("--json", action="store_true", help="print one JSON list")
    add_command(parser)


def run(options: argparse.Namespace) -> int:
    """Run it everywhere and print the table."""
    command = command_of(options)
    here = hosts_here()
    if not here:
        raise CommandFailed(f"no compositor is installed; known here: {', '.join(HOSTS)}")
    told = _collected if options.json else _printed
    rows = told(_row(each, command, options.timeout) for each in here)
    return int(any(row.exit_code for row in rows))


def _row(host: Standing, command: Sequence[str], timeout_s: float) -> Row:
    output = os.memfd_create("output", os.MFD_CLOEXEC)
    start_s = time.monotonic()
    try:
        ending = _ending(host.tier.name, command, timeout_s, output)
        time_ms = round((time.monotonic() - start_s) * 1e3, 1)
        written = _written(output)
    finally:
        os.close(output)
    can = tuple(name for name in CAPABILITIES if name in host.capabilities - _EVERYWHERE)
    return Row(
        host.tier.name, host.version, can, ending.exit_code, time_ms, ending.complaint, written
    )


def _ending(name: str, command: Sequence[str], timeout_s: float, output: int) -> Ending:
    try:
        return attend(command, open_host(name, ()), timeout_s=timeout_s, output=output)
    except HarnessError as error:
        return Ending(NO_COMPOSITOR, str(error))


def _written(descriptor: int) -> str:
    size = os.fstat(descriptor).st_size
    start = max(0, size - _OUTPUT_BYTES)
    return os.pread(descriptor, size - start, start).decode(errors="replace")


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
