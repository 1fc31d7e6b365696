"""Logs of displays with a virtual clock, and a partner that takes reports."""

import importlib.util
from pathlib import Path

import pytest

from wayfold.log import Log
from wayfold.reactions import Runner, VirtualClock

# A module of another folder; tests are no package.
_SPEC = importlib.util.spec_from_file_location(
    "partner", Path(__file__).parents[1] / "reactions" / "partner.py"
)
partner_module = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(partner_module)


class World:
    """A log, a runner on it, and a clock that goes when a test lets it."""

    def __init__(self, *processes):
        self.clock = VirtualClock()
        self.log = Log.memory(clock=self.clock.wall_ns)
        self.runner = Runner(self.log, clock=self.clock)
        for process in processes:
            self.runner.react(process)

    def tell(self, name, subject="connection", /, **data):
        self.log.append(name, subject, data)
        self.runner.settle()

    def up(self, *outputs):
        """A connection with its outputs, complete."""
        self.tell("connection.opened")
        for name in outputs:
            self.tell("output.added", f"wl_output#{name}", name=name)
        self.tell("connection.ready")

    def facts(self, pattern="error.*"):
        return [
            (record.name, record.subject.removeprefix("device/"))
            for record in self.log.records(name=pattern)
        ]


@pytest.fixture
def world():
    made = []

    def make(*processes):
        made.append(World(*processes))
        return made[-1]

    yield make
    for each in made:
        each.runner.close()


@pytest.fixture
def partner():
    """A real HTTP server; `partner(500, "hang")` says how it answers the next requests."""
    made = []

    def make(*moods):
        made.append(partner_module.Partner(*moods))
        return made[-1]

    yield make
    for each in made:
        each.close()
