"""Open a recording, and find a moment in it by what a person types."""

import argparse
import re
from datetime import datetime, time, timedelta
from itertools import chain
from typing import Any

from wayfold.cli.failures import CommandFailed
from wayfold.cli.terminal import Progress
from wayfold.log import Log
from wayfold.log.moments import unix_ns
from wayfold.model import SessionModel

__all__ = [
    "MARK",
    "MOMENTS",
    "add_file",
    "as_plain",
    "moment",
    "open_recording",
    "open_session",
    "state_at",
]

MARK = "mark"
"""Name of the records that a person sets while recording; `text` says why."""

MOMENTS = """\
A moment is a position (17), a time of day (12:03:04.120), a date and time
(2026-11-24T12:03:04), a time from the start (+1.5s), or a mark's text."""

_POSITION = re.compile(r"[0-9]{1,19}")
_LONGEST_S = 1e10
_OFFSET = re.compile(r"\+(\d+(?:\.\d+)?)s?")
_MILLISECONDS = re.compile(r":\d{2}\.\d{3}$")
_TIME = re.compile(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?")


def add_file(parser: argparse.ArgumentParser) -> None:
    """Take a recording and the choice of JSON."""
    parser.add_argument("file", metavar="FILE", help="what `wayfold record` wrote")
    parser.add_argument("--json", action="store_true", help="print JSON")


def open_recording(path: str) -> Log:
    """Give a log for reading; raises LogUnusable."""
    return Log.open(path, read_only=True, model=SessionModel())


def open_session(path: str) -> Log:
    """Give a log whose state this command can tell; raises LogUnusable, and CommandFailed.

    Facts of an application amount to what its own model says, which is in its program only.
    """
    log = open_recording(path)
    if log.head and not log.cut and not _has_session(log):
        log.close()
        raise CommandFailed(
            f"{path} has facts of an application and no session with a compositor: open it in "
            "Python by wayfold.Log.open, with the model that its program gives it, for state_at, "
            "diff and why; wayfold log prints its records"
        )
    return log


def _has_session(log: Log) -> bool:
    told = chain(log.records(origin="compositor"), log.records(name="connection.*"))
    return next(told, None) is not None


def moment(log: Log, text: str) -> int:
    """Give the position that a person means; raises CommandFailed where there is none."""
    if _POSITION.fullmatch(text):
        return _within(log, int(text))
    if found := _OFFSET.fullmatch(text):
        return log.position_at(_start_ns(log) + round(min(float(found[1]), _LONGEST_S) * 1e9))
    for record in log.records(name=MARK):
        if record.data.get("text") == text:
            return record.position
    try:
        when = _time_of_day(log, text) if _TIME.fullmatch(text) else datetime.fromisoformat(text)
        when_ns = unix_ns(when)
    except (ValueError, OverflowError):
        raise CommandFailed(f"{text!r} is no moment of this recording.\n{MOMENTS}") from None
    # A millisecond as it is printed means all of it.
    rest_ns = 999_999 if _MILLISECONDS.search(text) else 0
    return log.position_at(when_ns + rest_ns)


def state_at(log: Log, position: int) -> Any:
    """Give the state at a position; says on stderr how far it is, where that takes long."""
    progress = Progress()
    for reached in log.folded(position):
        progress.show(f"folded {reached} of {position} records")
    progress.clear()
    return log.state_at(position)


def _within(log: Log, position: int) -> int:
    if log.cut <= position <= log.head:
        return position
    raise CommandFailed(
        f"there is no position {position}: the recording has {log.cut} to {log.head}"
    )


def _start_ns(log: Log) -> int:
    for record in log.records():
        return record.time_ns
    raise CommandFailed("the recording is empty")


def _time_of_day(log: Log, text: str) -> datetime:
    start = datetime.fromtimestamp(_start_ns(log) // 10**9).astimezone()
    end = datetime.fromtimestamp(log[log.head].time_ns / 1e9).astimezone()
    meant = datetime.combine(start.date(), time.fromisoformat(text.zfill(5))).astimezone()
    following = meant + timedelta(days=1)
    # Past midnight it is the next day that is meant, unless that is further from the recording.
    return following if meant < start and following - end < start - meant else meant


def as_plain(state: Any) -> dict[str, Any]:
    """Give a state's fields without what serves the fold only."""
    return {name: getattr(state, name) for name in state.__struct_fields__ if name != "pending"}
