"""What looks wrong in a recording: what was never answered, what came late, when all was quiet."""

from collections.abc import Iterator
from itertools import pairwise

import msgspec

from wayfold.timeline.chains import STEPS, Chain, Kind, Outcome, Step

__all__ = ["BACK", "LOST", "PAUSE", "PAUSE_NS", "TITLES", "Finding", "stalls"]

_LATE_NS = 100_000_000
"""What takes longer than this is felt by who waits for it."""

PAUSE_NS = 1_000_000_000
"""Time without a record that is worth a look."""

_LATE = {
    (Kind.CONFIGURE, "ack_configure"): "configure acknowledged late",
    (Kind.CONFIGURE, "commit"): "acknowledged configure committed late",
    (Kind.FRAME, "commit"): "frame committed late",
    (Kind.FRAME, "done"): "frame callback late",
    (Kind.ROUNDTRIP, "done"): "roundtrip slow",
    (Kind.PING, "pong"): "ping answered late",
}
_NEVER = {
    (Kind.CONFIGURE, "ack_configure"): "configure never acknowledged",
    (Kind.CONFIGURE, "commit"): "acknowledged configure never committed",
    (Kind.FRAME, "commit"): "frame never committed",
    (Kind.FRAME, "done"): "frame callback never came",
    (Kind.ROUNDTRIP, "done"): "roundtrip never answered",
    (Kind.PING, "pong"): "ping never answered",
}
PAUSE, LOST, BACK = "no records", "connection lost", "clock set back"

TITLES = (*_NEVER.values(), LOST, *_LATE.values(), BACK, PAUSE)
"""Every title that a finding can have, the gravest first."""


class Finding(msgspec.Struct, frozen=True):
    """Something to look at, from a record on, for a time."""

    title: str
    subject: str
    position: int
    time_ns: int
    duration_ns: int

    @property
    def is_pause(self) -> bool:
        """True where nothing is wrong and nothing happened."""
        return self.title == PAUSE


def stalls(chain: Chain) -> Iterator[Finding]:
    """Give the steps of a chain that took too long, and the one that never came."""
    steps, names = chain.steps, STEPS[chain.kind]
    for (before, after), name in zip(pairwise(steps), names[1:], strict=False):
        if after.time_ns - before.time_ns > _LATE_NS:
            yield from _finding(_LATE.get((chain.kind, name)), chain, before, after.time_ns)
    is_left = chain.outcome in (Outcome.OPEN, Outcome.ABANDONED) and len(steps) < len(names)
    if is_left and chain.ended_ns - steps[-1].time_ns > _LATE_NS:
        title = _NEVER.get((chain.kind, names[len(steps)]))
        yield from _finding(title, chain, steps[-1], chain.ended_ns)


def _finding(title: str | None, chain: Chain, since: Step, until_ns: int) -> Iterator[Finding]:
    if title is not None:  # a configure's frame is told once, as the frame's
        waited = until_ns - since.time_ns
        yield Finding(title, chain.subject, since.position, since.time_ns, waited)
