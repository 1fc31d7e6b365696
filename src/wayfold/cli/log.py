"""`wayfold log`: print what a recording holds."""

import argparse
import sys
import time

import msgspec

from wayfold.cli.arguments import pattern
from wayfold.cli.recording import MOMENTS, add_file, moment, open_recording
from wayfold.cli.spelling import spell_record
from wayfold.cli.terminal import columns, cut
from wayfold.log import Log

__all__ = ["add_arguments", "run"]

_POLL_S = 0.1
"""A file tells nobody that it grew."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = f"Print the records of a recording, one a line.\n\n{MOMENTS}"
    parser.epilog = "example: wayfold log session.wayfold 'output.*' --since +2s"
    add_file(parser)
    parser.add_argument(
        "patterns", metavar="PATTERN", nargs="*", default=[], type=pattern, help="records by name"
    )
    parser.add_argument("--subject", help="records about one object, such as wl_output#7")
    parser.add_argument("--since", metavar="MOMENT", help="records behind this moment")
    parser.add_argument("--until", metavar="MOMENT", help="records up to this moment")
    parser.add_argument(
        "-f", "--follow", action="store_true", help="go on with what is recorded meanwhile"
    )


def run(options: argparse.Namespace) -> int:
    """Print them."""
    with open_recording(options.file) as log:
        after = 0 if options.since is None else moment(log, options.since)
        until = None if options.until is None else moment(log, options.until)
        _print(log, options, after, until)
        while options.follow and until is None:
            after = log.head
            sys.stdout.flush()
            time.sleep(_POLL_S)
            if log.refresh() > after:
                _print(log, options, max(after, log.cut), None)
    return 0


def _print(log: Log, options: argparse.Namespace, after: int, until: int | None) -> None:
    width = columns(sys.stdout)
    for record in log.records(
        after=after, until=until, name=options.patterns or None, subject=options.subject
    ):
        if options.json:
            print(msgspec.json.encode(record).decode())
        else:
            print(cut(f"{record.position:>6} {spell_record(record)}", width))
