"""What it costs to look back: a replay against a library's, and going to any position."""

import random
import time
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any

import library
from contest import Contest, percentile, timed
from report import Extra, Goal, Report
from sections import tell
from session import fill

from wayfold.log import Fact, Log
from wayfold.log.fold import Stateless
from wayfold.log.record import Run
from wayfold.model import SessionModel

__all__ = ["measure"]

_EVENTS = 20_000
_RECORDS = 1_000_000
_COLD, _WARM = 100, 2000
_REPLAYED, _SESSION = "wayfold, facts folded by a model", "wayfold, a session folded"
_RECORDS_READ = "wayfold, records read"
_REBUILT = "eventsourcing, repository.get"
_READ = "eventsourcing, notifications to events"


class Modes(Stateless):
    """The mode that each display has, from the facts that `library.Display` has as events."""

    initial: Any = MappingProxyType({})

    def fold(self, state: dict[str, Any], runs: Iterable[Run]) -> dict[str, Any]:
        """Give the modes after some more records."""
        after = dict(state)
        for run in runs:
            for data in run.data():
                after[run.subject] = (data["width"], data["height"], data["refresh"])
        return after


def measure(options: Namespace) -> Report:
    """Replay the same facts, then seek in a million records of a session."""
    replays = Contest("past, replay", _replays(), options.rounds)
    found = {kind: _seeks(kind) for kind in ("memory", "file")}
    return Report(
        f"{options.rounds} replays of {_EVENTS} records; seeks in {_RECORDS:,} records",
        goals=[
            Goal("replay / eventsourcing's", replays.ratio(_REPLAYED, _REBUILT), 10, "", True),
            *(
                Goal(f"seek in {kind}, once near, median", each["warm"], 100, "µs")
                for kind, each in found.items()
            ),
        ],
        extras=[
            Extra(f"{what} in {kind}", value, unit)
            for kind, each in found.items()
            for what, value, unit in _told(each)
        ],
        lines=replays.lines("records"),
        raw={"replays": replays.rounds, "seeks": found},
    )


def _told(each: dict[str, float]) -> list[tuple[str, float, str]]:
    return [
        ("seek, once near, p99", each["warm_p99"], "µs"),
        ("seek, first ones, median", each["cold"], "µs"),
        ("seek, first ones, p99", each["cold_p99"], "µs"),
    ]


def _replays() -> dict[str, Any]:
    return {
        _REPLAYED: _replay,
        _REBUILT: _rebuild,
        _RECORDS_READ: _read,
        _READ: _notifications,
        _SESSION: _session,
    }


def _replay(path: Path) -> float:
    with Log.open(path) as log:
        for start in range(0, _EVENTS, 100):
            log.append_facts(_fact(number) for number in range(start, start + 100))
    with Log.open(path, read_only=True, model=Modes()) as log:
        return timed(_EVENTS, lambda: log.state)


def _fact(number: int) -> Fact:
    return Fact("mode.changed", "display/1", {"width": number, "height": 1080, "refresh": 60000})


def _read(path: Path) -> float:
    with Log.open(path) as log:
        log.append_facts(map(_fact, range(_EVENTS)))
        return timed(_EVENTS, lambda: sum(1 for _ in log.records()))


def _session(path: Path) -> float:
    """Fold with the session's model what was appended without one: there are no snapshots."""
    with Log.open(path) as log:
        fill(log, _EVENTS)
    with Log.open(path, read_only=True) as log:
        return timed(log.head, lambda: log.interpret(SessionModel()) or log.state)


def _rebuild(path: Path) -> float:
    application, key = library.filled(path, _EVENTS)
    return timed(_EVENTS, lambda: application.repository.get(key))


def _notifications(path: Path) -> float:
    application, _ = library.filled(path, _EVENTS)
    mapper = application.mapper

    def read() -> None:
        for start in range(1, _EVENTS + 1, 1000):
            for each in application.recorder.select_notifications(start, 1000):
                mapper.to_domain_event(each)

    return timed(_EVENTS, read)


def _seeks(kind: str) -> dict[str, float]:
    """Seek at random: first in a log where nobody has looked yet, then near where somebody has."""
    tell(f"past: {_RECORDS:,} records in {kind}")
    found: dict[str, float] = {}

    def seek(path: Path) -> float:
        if kind == "memory":
            log = Log.memory(keep=2 * _RECORDS, model=SessionModel())
            fill(log, _RECORDS)
        else:
            with Log.open(path, model=SessionModel()) as written:
                fill(written, _RECORDS)
            log = Log.open(path, read_only=True, model=SessionModel())
        with log:
            assert log.state.outputs is not None
            cold = _took(log, _COLD, 1)
            for position in range(0, log.head, 4096):
                log.state_at(position)
            warm = _took(log, _WARM, 2)
        found.update(_percentiles("cold", cold), **_percentiles("warm", warm))
        return 1.0

    Contest(f"past, seek in {kind}", {kind: seek}, 1)
    return found


def _took(log: Log, count: int, seed: int) -> list[float]:
    chance, took = random.Random(seed), []
    for _ in range(count):
        position = chance.randint(0, log.head)
        start_s = time.perf_counter()
        log.state_at(position)
        took.append((time.perf_counter() - start_s) * 1e6)
    return took


def _percentiles(name: str, took: list[float]) -> dict[str, float]:
    return {name: median(took), f"{name}_p99": percentile(took, 99)}
