"""Wayland clients whose state is a fold of an event log.

Follow what a compositor tells, from a complete first state on:

    with wayfold.connect() as client:
        print(client.state.outputs)
        client.on("wl_output.mode", print)
        client.run()
"""

from typing import Any

from wayfold.client import Client, connect
from wayfold.errors import (
    ConnectionFailed,
    ConnectionLost,
    ConnectTimeout,
    DeadObject,
    JournalOverflow,
    LogConflict,
    LogDamaged,
    LogFull,
    LogInUse,
    LogTooNew,
    LogUnusable,
    MalformedEvent,
    MissingGlobal,
    NoDisplay,
    NoSuchSocket,
    NotALog,
    NotListening,
    NotWayland,
    PositionCut,
    ProtocolViolation,
    RequestRefused,
    UnsupportedRequest,
    WaitTimeout,
    WayfoldError,
)
from wayfold.log import Fact, Log, Origin, Record
from wayfold.model import State

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadObject",
    "Fact",
    "JournalOverflow",
    "Log",
    "LogConflict",
    "LogDamaged",
    "LogFull",
    "LogInUse",
    "LogTooNew",
    "LogUnusable",
    "MalformedEvent",
    "MissingGlobal",
    "NoDisplay",
    "NoSuchSocket",
    "NotALog",
    "NotListening",
    "NotWayland",
    "Origin",
    "PositionCut",
    "ProtocolViolation",
    "Record",
    "RequestRefused",
    "State",
    "UnsupportedRequest",
    "WaitTimeout",
    "WayfoldError",
    "__version__",
    "aio",
    "connect",
]


def __getattr__(name: str) -> Any:
    # asyncio takes longer to import than all of wayfold, and most programs do not need it.
    if name == "aio":
        import wayfold.aio

        return wayfold.aio
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
