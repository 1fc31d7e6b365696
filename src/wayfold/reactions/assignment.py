"""A process, and what it is to work on."""

from collections.abc import Collection
from typing import Any, NamedTuple

from wayfold.log import Log
from wayfold.reactions.agenda import Agenda
from wayfold.reactions.clock import Clock
from wayfold.reactions.process import Process

__all__ = ["Assignment"]


class Assignment(NamedTuple):
    """What a runner gives to whoever runs a process, whole or in parts."""

    process: Process[Any]
    log: Log
    agenda: Agenda
    """What is open of all processes; whoever appends to the log has it catch up."""
    actions: Collection[str]
    """The names of what can be done outside, now: effects of others fail when they are required."""
    clock: Clock
