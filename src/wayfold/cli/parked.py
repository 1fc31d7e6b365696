"""`wayfold parked`: tell what views and processes could not take, and mend it."""

import argparse
import sys
from functools import partial

import msgspec

from wayfold.cli.arguments import Command
from wayfold.cli.failures import CommandFailed
from wayfold.cli.terminal import columns, counted, cut, printable, table
from wayfold.log import Log
from wayfold.reactions.parking import Parked, Parking, parkings

__all__ = ["add_arguments", "run"]

_ABOUT = """\
Tell which records views and processes could not take, and what waits behind
them: a record that fails parks its key, and the other keys go on.

Once the program is mended, --release has its next start take them, in order;
with --drop they are never taken. Both need the program to have ended."""

_EXAMPLES = """\
example: wayfold parked shop.wayfold
         wayfold parked shop.wayfold --release till/3
         wayfold parked shop.wayfold --drop till/3 --of view/takings/1"""

_KINDS = ("view/", "process/")
_PARTS = ("/parked", "/state")
"""Ends of the names under which something of a view or process is kept, and not itself."""


def add_arguments(parser: Command) -> None:
    """Say what this command takes."""
    parser.description, parser.epilog = _ABOUT, _EXAMPLES
    parser.add_argument("file", metavar="FILE", help="the log that they are about")
    parser.add_argument("--json", action="store_true", help="print JSON")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--release", metavar="KEY", help="have the next start take what waits of it")
    what.add_argument("--drop", metavar="KEY", help="let what waits of it never be taken")
    parser.set_defaults(refuse=parser.error)
    parser.add_argument("--of", metavar="NAME", help="of one view or process, as it is listed")


def run(options: argparse.Namespace) -> int:
    """List, release or drop."""
    key = options.drop if options.release is None else options.release
    with Log.open(options.file, read_only=key is None) as log:
        found = _chosen(log, options)
        if key is None:
            _list(found, log, is_json=options.json)
        else:
            _mend(found, log, key, is_dropped=options.release is None)
    return 0


def _chosen(log: Log, options: argparse.Namespace) -> list[Parking]:
    """Give what everybody has parked, or one; ends the process where there is none of that name."""
    found, name = parkings(log), options.of
    if name is None:
        return found
    held = {each for each in log.holds if each.startswith(_KINDS) and not each.endswith(_PARTS)}
    known = sorted(held | {each.follower for each in found})
    if name not in known:
        told = "".join(f"\n  {printable(each)}" for each in known) or " none"
        options.refuse(f"--of: no view or process is called {name!r} here; there are:{told}")
    return [each for each in found if each.follower == name]


def _mend(found: list[Parking], log: Log, key: str, *, is_dropped: bool) -> None:
    waiting = [(parking, parked) for parking in found for parked in parking.of(key)]
    if not waiting:
        known = ", ".join(sorted({each.key for parking in found for each in parking})) or "none"
        raise CommandFailed(f"nothing of {key!r} is parked; there are: {known}")
    for parking, parked in waiting:
        if is_dropped:
            log.write(partial(parking.unwrite, parked=parked, is_dropped=True))
            parking.forget(parked, is_dropped=True)
        else:
            log.write(partial(parking.ask, key=key))
    done = "dropped" if is_dropped else "taken by the next start of the program"
    print(f"{counted(len(waiting), 'record')} of {key}: {done}")


def _list(found: list[Parking], log: Log, *, is_json: bool) -> None:
    rows = [_row(parking, parked, log) for parking in found for parked in parking]
    if is_json:
        names = ("of", "position", "record", "key", "is_released", "error")
        for row in rows:
            print(msgspec.json.encode(dict(zip(names, row, strict=True))).decode())
    elif not rows:
        print("nothing is parked")
    else:
        head = ("of", "position", "record", "key", "why")
        lines = [(row[0], str(row[1]), row[2], row[3], _why(row)) for row in rows]
        for line in table([head, *lines], indent=0):
            print(cut(line, columns(sys.stdout)))


def _row(parking: Parking, parked: Parked, log: Log) -> tuple[str, int, str, str, bool, str]:
    is_asked = parked.key in parking.asked
    name = log[parked.position].name
    return parking.follower, parked.position, name, parked.key, is_asked, parked.error


def _why(row: tuple[str, int, str, str, bool, str]) -> str:
    return f"to be taken by the next start; {row[5]}" if row[4] else row[5]
