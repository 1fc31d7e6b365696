"""Measure wayfold against C and pywayland: scripts/bench, or run.py with wayfold installed."""

import argparse
import json
import sys

from flood import Round, rounds, server
from idle import wakeups
from programs import MissingTool, build, libwayland
from report import as_json, as_text, extras, flood_goals, other_goals
from startup import connect_ms, import_ms

from wayfold.testing import Weston


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, epilog="example: scripts/bench --rounds 9 --json"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        default=7,
        help="of all clients (default 7); fewer than 5 tell little",
    )
    parser.add_argument("--events", type=positive, default=200_000, help="in one flood")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds of doing nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal is missed")
    return parser.parse_args(arguments)


def positive(text: str) -> int:
    """Read a number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def tell(what: str) -> None:
    """Say on stderr how far it is."""
    print(what, file=sys.stderr, flush=True)


def measure_flood(options: argparse.Namespace) -> list[Round]:
    """Build the programs and run all rounds."""
    programs = build()
    with server(programs["flood_server"], options.events) as path:
        return list(rounds(programs, path, options.rounds, options.events, tell))


def measure_connections(idle_s: float) -> tuple[dict[str, float], int]:
    """Under weston: the time to connect, and the wake-ups while idle."""
    tell(f"connecting to weston, then idle for {idle_s:g} s")
    with Weston(named=True) as weston:
        return connect_ms(weston.display), wakeups(weston.display, idle_s)


def main(arguments: list[str]) -> int:
    """Measure everything; the exit status depends on timings only with --check."""
    options = parse(arguments)
    try:
        measured = measure_flood(options)
    except MissingTool as error:
        tell(str(error))
        return 1
    connect, woken = measure_connections(options.idle)
    tell("importing wayfold")
    imported = import_ms()
    goals = [*flood_goals(measured), *other_goals(imported["wall"], woken)]
    others = extras(measured, imported, connect)
    about = f"{options.rounds} rounds of {options.events} wl_output.mode on {libwayland().name}"
    if options.json:
        print(json.dumps(as_json(measured, goals, others, about), indent=2))
    else:
        print(as_text(measured, goals, others, about))
    return int(options.check and not all(goal.is_met for goal in goals))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
