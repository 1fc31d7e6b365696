"""`wayfold why`: the records that made a value what it is."""

import argparse
import sys
from typing import Any

import msgspec

from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import MOMENTS, add_file, moment, open_session, state_at
from wayfold.cli.spelling import spell_record, spell_value
from wayfold.cli.terminal import Progress, columns, cut
from wayfold.log import Record
from wayfold.log.history import look_up

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = (
        "Print the records that brought a value of the state, the newest first. What\n"
        f"comes in a group counts from its end on, which is told too.\n\n{MOMENTS}"
    )
    parser.epilog = "example: wayfold why session.wayfold outputs.wl_output#7.scale"
    add_file(parser)
    parser.add_argument("path", metavar="PATH", help="as `wayfold diff` prints it")
    parser.add_argument("--at", metavar="MOMENT", help="up to when (default: the end)")


def run(options: argparse.Namespace) -> int:
    """Look back and print."""
    progress = Progress()
    with open_session(options.file) as log:
        until = log.head if options.at is None else moment(log, options.at)
        try:
            state_at(log, until)
            found = log.why(
                options.path, until, told=lambda at: progress.show(f"back at position {at}")
            )
        except LookupError as error:
            raise CommandFailed(str(error)) from error
        finally:
            progress.clear()
        for record in found:
            value = look_up(log.state_at(record.position), options.path)
            carrier = log.carrier(options.path, record.position)
            if options.json:
                told = {"value": value, "record": record, "carrier": carrier}
                print(msgspec.json.encode(told).decode())
            else:
                _print(value, carrier, record)
    return 0


def _print(value: Any, carrier: Record, counted: Record) -> None:
    width = columns(sys.stdout)
    print(cut(spell_value(value), width))
    print(cut(f"  brought by {carrier.position} {spell_record(carrier)}", width))
    if carrier.position != counted.position:
        print(cut(f"  counted by {counted.position} {spell_record(counted)}", width))
