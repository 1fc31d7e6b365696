"""What `scripts/bench` can measure; a new section is a module with `measure` and a line here."""

import sys
from argparse import Namespace
from importlib import import_module

from report import Report

__all__ = ["SECTIONS", "measure", "tell"]

SECTIONS = {
    "flood": "what an event costs, against C and pywayland",
    "durable": "a record in a file, against SQLite alone and the eventsourcing library",
    "past": "a replay, and going to any position of a long log",
    "startup": "the import, the connection, and waiting",
    "timeline": "the page that draws a recording, in a headless Chromium",
    "harness": "what a test costs with each compositor",
    "headless": "`wayfold run -- true`, against xvfb-run and wlheadless-run",
    "reactions": "commands, views, processes and deadlines, against bare SQLite",
}
"""By the name of its module: what a section is about. `measure(options)` gives its report."""


def measure(section: str, options: Namespace) -> Report:
    """Run one section; what only it needs is imported by it alone."""
    report: Report = import_module(section).measure(options)
    return report


def tell(what: str) -> None:
    """Say on stderr how far it is."""
    print(what, file=sys.stderr, flush=True)
