"""`wayfold diff`: what changed between two moments of a recording."""

import argparse
import sys

import msgspec

from wayfold.cli.recording import MOMENTS, add_file, moment, open_session, state_at
from wayfold.cli.spelling import spell_value
from wayfold.cli.terminal import columns, counted, cut

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = f"Print what differs between the states at two moments.\n\n{MOMENTS}"
    parser.epilog = "example: wayfold diff session.wayfold +1s +2s"
    add_file(parser)
    parser.add_argument("before", metavar="A", help="a moment")
    parser.add_argument("after", metavar="B", help="another moment")


def run(options: argparse.Namespace) -> int:
    """Compare and print."""
    width = columns(sys.stdout)
    with open_session(options.file) as log:
        before, after = moment(log, options.before), moment(log, options.after)
        state_at(log, before)
        state_at(log, after)
        found = log.diff(before, after)
    if options.json:
        told = [change._asdict() for change in found]
        print(msgspec.json.format(msgspec.json.encode(told), indent=2).decode())
        return 0
    count = counted(len(found), "change") if found else "no changes"
    print(f"from position {before} to {after}: {count}")
    for path, was, became in found:
        print(cut(f"  {path}: {spell_value(was)} → {spell_value(became)}", width))
    return 0
