"""`wayfold log`: print what a recording holds."""

import argparse
import sys

import msgspec

from wayfold.cli.recording import MOMENTS, add_file, moment, open_recording
from wayfold.cli.spelling import spell_record
from wayfold.cli.terminal import columns, cut

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = f"Print the records of a recording, one a line.\n\n{MOMENTS}"
    parser.epilog = "example: wayfold log session.wayfold 'output.*' --since +2s"
    add_file(parser)
    parser.add_argument("patterns", metavar="PATTERN", nargs="*", help="records by name")
    parser.add_argument("--subject", help="records about one object, such as wl_output#7")
    parser.add_argument("--since", metavar="MOMENT", help="records behind this moment")
    parser.add_argument("--until", metavar="MOMENT", help="records up to this moment")


def run(options: argparse.Namespace) -> int:
    """Print them."""
    width = columns(sys.stdout)
    with open_recording(options.file) as log:
        after = moment(log, options.since) if options.since else 0
        until = moment(log, options.until) if options.until else None
        for record in log.records(
            after=after, until=until, name=options.patterns or None, subject=options.subject
        ):
            if options.json:
                print(msgspec.json.encode(record).decode())
            else:
                print(cut(f"{record.position:>6} {spell_record(record)}", width))
    return 0
