"""Open a recording, and find a moment in it by what a person types."""

import argparse
import re
from datetime import datetime, timedelta
from typing import Any

from wayfold.cli.failures import CommandFailed
from wayfold.log import Log
from wayfold.model import SessionModel

__all__ = ["MARK", "MOMENTS", "add_file", "moment", "open_recording"]

MARK = "mark"
"""Name of the records that a person sets while recording; `text` says why."""

MOMENTS = """\
A moment is a position (17), a time of day (12:03:04.120), a date and time
(2026-11-24T12:03:04), a time from the start (+1.5s), or a mark's text."""

_OFFSET = re.compile(r"\+(\d+(?:\.\d+)?)s?")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,9})?)?")


def add_file(parser: argparse.ArgumentParser) -> None:
    """Take a recording and the choice of JSON."""
    parser.add_argument("file", metavar="FILE", help="what `wayfold record` wrote")
    parser.add_argument("--json", action="store_true", help="print JSON")


def open_recording(path: str) -> Log:
    """Give a log for reading; raises LogUnusable."""
    return Log.open(path, read_only=True, model=SessionModel())


def moment(log: Log, text: str) -> int:
    """Give the position that a person means; raises CommandFailed where there is none."""
    if text.isdecimal():
        return _within(log, int(text))
    if found := _OFFSET.fullmatch(text):
        return _at(log, _start(log) + timedelta(seconds=float(found[1])))
    if _TIME.fullmatch(text):
        return _at(log, _time_of_day(log, text))
    for record in log.records(name=MARK):
        if record.data.get("text") == text:
            return record.position
    try:
        return _at(log, datetime.fromisoformat(text).astimezone())
    except ValueError:
        raise CommandFailed(f"{text!r} is no moment of this recording.\n{MOMENTS}") from None


def _within(log: Log, position: int) -> int:
    if log.cut <= position <= log.head:
        return position
    raise CommandFailed(
        f"there is no position {position}: the recording has {log.cut} to {log.head}"
    )


def _start(log: Log) -> datetime:
    for record in log.records():
        return datetime.fromtimestamp(record.time_ns / 1e9).astimezone()
    raise CommandFailed("the recording is empty")


def _time_of_day(log: Log, text: str) -> datetime:
    start = _start(log)
    parts = text.split(":")
    seconds = float(parts[2]) if len(parts) == 3 else 0.0
    day = start.replace(hour=int(parts[0]), minute=int(parts[1]), second=0, microsecond=0)
    meant = day + timedelta(seconds=seconds)
    # Past midnight it is the next day that is meant.
    return meant if meant >= start.replace(microsecond=0) else meant + timedelta(days=1)


def _at(log: Log, when: datetime) -> int:
    until_ns = int(when.timestamp() * 1e9)
    return log.position_at(until_ns)


def as_plain(state: Any) -> dict[str, Any]:
    """Give a state's fields without what serves the fold only."""
    return {name: getattr(state, name) for name in state.__struct_fields__ if name != "pending"}
