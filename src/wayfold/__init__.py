"""Wayland clients whose state is a fold of an event log.

Follow what a compositor tells, from a complete first state on:

    with wayfold.connect() as client:
        print(client.state.outputs)
        client.on("wl_output.mode", print)
        client.run()
"""

from importlib import import_module

TYPE_CHECKING = False  # typing itself would be half of what this import costs
if TYPE_CHECKING:
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
        UpcastFailed,
        WaitTimeout,
        WayfoldError,
    )
    from wayfold.log import Fact, Keep, Log, Origin, Record, Upcasters
    from wayfold.model import State
    from wayfold.playback import Replay, replay

__version__ = "0.1.0"

__all__ = [
    "Client",
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadObject",
    "Fact",
    "JournalOverflow",
    "Keep",
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
    "Replay",
    "RequestRefused",
    "State",
    "UnsupportedRequest",
    "UpcastFailed",
    "Upcasters",
    "WaitTimeout",
    "WayfoldError",
    "__version__",
    "aio",
    "connect",
    "replay",
]


# The harness and `wayfold run` start without the client, and so without pywayland and SQLite.
_HOMES = {
    "Client": "wayfold.client",
    "Fact": "wayfold.log",
    "Keep": "wayfold.log",
    "Log": "wayfold.log",
    "Origin": "wayfold.log",
    "Record": "wayfold.log",
    "Replay": "wayfold.playback",
    "State": "wayfold.model",
    "Upcasters": "wayfold.log",
    "connect": "wayfold.client",
    "replay": "wayfold.playback",
}
_MODULES = ("aio", "client", "errors", "log", "model")


def __getattr__(name: str) -> "Any":
    if name in _MODULES:
        return import_module(f"wayfold.{name}")
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES.get(name, "wayfold.errors")), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
