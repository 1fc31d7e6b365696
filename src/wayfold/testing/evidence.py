"""What a failed test had in hand: its compositors, taps, clients and logs, as sections of text."""

import asyncio
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CoroutineType, FrameType, TracebackType
from typing import Any

from wayfold.expect.pattern import Source
from wayfold.expect.story import last_records
from wayfold.testing.compositor import Compositor
from wayfold.testing.failures import HarnessError
from wayfold.testing.launching import Launched

__all__ = ["Section", "held", "held_by_main_thread", "pictures", "sections"]

Section = tuple[str, str]
"""A title and a text."""

_LAST = 30
_OURS = ("wayfold.log", "wayfold.session", "wayfold.aio", "wayfold.testing")


def sections(named: Iterable[tuple[str, Any]]) -> list[Section]:
    """Give the last records of each log, and the log of each compositor and program, once each.

    Only objects of wayfold's own classes are looked into: others may do anything when asked.
    """
    found: dict[int, Section] = {}
    for name, value in named:
        if not _is_ours(value):
            continue
        for what, told in _evidence(value):
            if id(told) not in found:
                found[id(told)] = _section(name, what, told)
    return [section for section in found.values() if section[1]]


def pictures(compositors: Iterable[Any], folder: Path) -> list[Section]:
    """Save what each compositor shows, where it shows anything, and give the paths as sections."""
    found = []
    for made in compositors:
        if not isinstance(made, Compositor) or not made.is_running or made.is_frozen:
            continue
        try:
            image = made.screenshot()
        except (HarnessError, LookupError, OSError):
            continue  # it gives no pictures, or is not well; its log is there all the same
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{made.name}.png"
        image.save(path)
        found.append((f"{made.name} picture", str(path)))
    return found


def _is_ours(value: object) -> bool:
    return any(kind.__module__.startswith(_OURS) for kind in type(value).__mro__)


def _evidence(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (Compositor, Launched)):
        yield f"{value.name} log", value
    elif _holds_records(log := getattr(value, "log", None)):
        yield "", log
    if _holds_records(transcript := getattr(value, "transcript", None)):
        yield "transcript", transcript
    if _holds_records(value):
        yield "", value


def _holds_records(value: object) -> bool:
    return _is_ours(value) and all(hasattr(value, name) for name in ("records", "head", "cut"))


def _section(name: str, what: str, told: Any) -> Section:
    if not _holds_records(told):
        return what, told.log
    title = f"{name} {what}".rstrip()
    try:
        return _records(title, told)
    except Exception as error:  # a log that is closed, or that another thread has in hand
        return title, f"(its records cannot be read: {error})"


def _records(title: str, source: Source) -> Section:
    first = max(source.head - _LAST, source.cut)
    start = next(iter(source.records(source.cut, until=source.cut + 1)), None)
    text = last_records(source.records(first), start.time_ns if start else 0)
    return f"{title}: last {source.head - first} of {source.head} records", text


def held(traceback: TracebackType | None) -> Iterator[tuple[str, Any]]:
    """Give what the functions of a traceback had in hand, by name, the outermost first."""
    while traceback is not None:
        yield from _locals(traceback.tb_frame)
        traceback = traceback.tb_next


def held_by_main_thread() -> Iterator[tuple[str, Any]]:
    """Give what the main thread has in hand just now, in coroutines that it waits for too."""
    ident = threading.main_thread().ident
    frame = sys._current_frames().get(ident) if ident is not None else None
    while frame is not None:
        yield from _locals(frame)
        frame = frame.f_back


def _locals(frame: FrameType) -> Iterator[tuple[str, Any]]:
    if frame.f_globals.get("__name__", "").startswith("wayfold."):
        return  # what ours have in hand is known by its user's names
    values: Mapping[str, Any] = dict(frame.f_locals)
    yield from values.items()
    for value in values.values():
        if isinstance(value, asyncio.Task):
            yield from _awaited(value.get_coro())
    if "self" in values and hasattr(values["self"], "__dict__"):
        yield from list(vars(values["self"]).items())


def _awaited(coroutine: Any) -> Iterator[tuple[str, Any]]:
    while isinstance(coroutine, CoroutineType) and coroutine.cr_frame is not None:
        yield from _locals(coroutine.cr_frame)
        coroutine = coroutine.cr_await
