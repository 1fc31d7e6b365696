"""`wayfold why`: the records that made a value what it is."""

import argparse
import sys

import msgspec

from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import MOMENTS, add_file, moment, open_recording, state_at
from wayfold.cli.spelling import spell_record, spell_value
from wayfold.cli.terminal import Progress, columns, cut
from wayfold.log.history import look_up

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = (
        f"Print the records that changed a value of the state, the newest first.\n\n{MOMENTS}"
    )
    parser.epilog = "example: wayfold why session.wayfold outputs.wl_output#7.scale"
    add_file(parser)
    parser.add_argument("path", metavar="PATH", help="as `wayfold diff` prints it")
    parser.add_argument("--at", metavar="MOMENT", help="up to when (default: the end)")


def run(options: argparse.Namespace) -> int:
    """Look back and print."""
    width, progress = columns(sys.stdout), Progress()
    with open_recording(options.file) as log:
        until = moment(log, options.at) if options.at else log.head
        try:
            state_at(log, until)
            found = log.why(
                options.path, until, told=lambda at: progress.show(f"back at position {at}")
            )
        except LookupError as error:
            raise CommandFailed(str(error)) from error
        finally:
            progress.clear()
        values = [look_up(log.state_at(record.position), options.path) for record in found]
    for record, value in zip(found, values, strict=True):
        if options.json:
            told = {"value": value, "record": record}
            print(msgspec.json.encode(told).decode())
        else:
            print(cut(f"{spell_value(value)}", width))
            print(cut(f"  since {record.position} {spell_record(record)}", width))
    return 0
