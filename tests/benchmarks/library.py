"""The `eventsourcing` library doing what is compared: it is installed for the bench only."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import StoredEvent

__all__ = ["Display", "Displays", "filled", "opened", "recording", "saving"]


class Display(Aggregate):
    """An output with its mode."""

    def __init__(self) -> None:
        self.mode = (0, 0, 0)

    @event("ModeChanged")
    def change_mode(self, width: int, height: int, refresh: int) -> None:
        """Take another mode."""
        self.mode = (width, height, refresh)


class Displays(Application[UUID]):
    """Displays in a file."""


def opened(path: Path) -> Displays:
    """Give an application over a file, as the library's manual says: synchronous=FULL, WAL."""
    settings = {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": os.fspath(path)}
    return Displays(env=settings)


def filled(path: Path, count: int, at_once: int = 100) -> tuple[Displays, Any]:
    """Give an application with one display of so many events, and the display's id."""
    application, display = opened(path), Display()
    for start in range(0, count, at_once):
        _change(display, start, at_once)
        application.save(display)
    return application, display.id


def _change(display: Display, start: int, count: int) -> None:
    for number in range(start, start + count):
        display.change_mode(width=number, height=1080, refresh=60000)


def saving(path: Path, transactions: int, at_once: int) -> Callable[[], None]:
    """Give what saves so many transactions of so many events."""
    application, display = opened(path), Display()
    application.save(display)

    def save() -> None:
        for number in range(transactions):
            _change(display, number, at_once)
            application.save(display)

    return save


def recording(path: Path, transactions: int, at_once: int) -> Callable[[], None]:
    """Give what hands events to the recorder that were made and encoded before."""
    application, key = opened(path), uuid4()
    made = [
        StoredEvent(key, number, "Display.ModeChanged", _STATE)
        for number in range(1, transactions * at_once + 1)
    ]

    def record() -> None:
        for start in range(0, len(made), at_once):
            application.recorder.insert_events(made[start : start + at_once])

    return record


_STATE = b'{"width":1920,"height":1080,"refresh":60000,"_":1}'
