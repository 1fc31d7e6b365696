"""Measure wayfold against what else there is: scripts/bench, or run.py with wayfold installed."""

import argparse
import json
import sys

from programs import MissingTool
from report import as_json, as_text
from sections import SECTIONS, measure, tell


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=f"sections:\n{listed()}\n\nexample: scripts/bench flood --rounds 9 --json",
    )
    parser.add_argument(
        "section", nargs="*", type=known, help="what to measure; all where none is named"
    )
    parser.add_argument(
        "--rounds",
        type=positive,
        default=7,
        help="of what is compared (default 7); fewer than 5 tell little",
    )
    parser.add_argument("--events", type=positive, default=200_000, help="in one flood")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds of doing nothing")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--check", action="store_true", help="exit 1 where a goal is missed")
    return parser.parse_args(arguments)


def listed() -> str:
    """Give the sections, one a line."""
    return "\n".join(f"  {name:<12}{about}" for name, about in SECTIONS.items())


def known(text: str) -> str:
    """Read the name of a section."""
    if text not in SECTIONS:
        raise argparse.ArgumentTypeError(f"there is no {text}, only {', '.join(SECTIONS)}")
    return text


def positive(text: str) -> int:
    """Read a number from 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def main(arguments: list[str]) -> int:
    """Measure everything; the exit status depends on timings only with --check."""
    options = parse(arguments)
    reports = {}
    for section in options.section or SECTIONS:
        try:
            reports[section] = measure(section, options)
        except MissingTool as error:
            tell(str(error))
            return 1
        if not options.json:
            print(f"{section}: {as_text(reports[section])}\n", flush=True)
    if options.json:
        print(json.dumps({name: as_json(each) for name, each in reports.items()}, indent=2))
    is_met = all(goal.is_met for report in reports.values() for goal in report.goals)
    return int(options.check and not is_met)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
