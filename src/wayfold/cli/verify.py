"""`wayfold verify`: check that a recording is what was written."""

import argparse

import msgspec

from wayfold.cli.recording import add_file
from wayfold.cli.terminal import Progress
from wayfold.errors import LogDamaged
from wayfold.log import Log

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = "Check every record of a recording against its chain of hashes."
    parser.epilog = (
        "Exits with 1 and the first position that does not fit.\n\n"
        "example: wayfold verify session.wayfold"
    )
    add_file(parser)


def run(options: argparse.Namespace) -> int:
    """Check and tell."""
    progress = Progress()
    failure: LogDamaged | None = None
    count = 0
    try:
        with Log.open(options.file, read_only=True) as log:
            for count in log.verified():
                progress.show(f"{count} of {log.head} records fit")
    except LogDamaged as error:
        failure = error
    progress.clear()
    if options.json:
        told = {
            "is_intact": failure is None,
            "records": count,
            "position": failure.position if failure else None,
            "reason": str(failure) if failure else None,
        }
        print(msgspec.json.encode(told).decode())
    elif failure is None:
        whole = "the 1 record is" if count == 1 else f"all {count} records are"
        print(f"{options.file}: {whole} what was written")
    if failure is not None and not options.json:
        raise failure
    return int(failure is not None)
