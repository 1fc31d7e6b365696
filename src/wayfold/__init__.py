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
        CommandRejected,
        ConnectionFailed,
        ConnectionLost,
        ConnectTimeout,
        DeadObject,
        JournalOverflow,
        LogBusy,
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
        PositionMoved,
        ProtocolViolation,
        ReactionFailed,
        RequestRefused,
        StatementRefused,
        UnsupportedRequest,
        UpcastFailed,
        WaitTimeout,
        WayfoldError,
    )
    from wayfold.expect.failure import ExpectationFailed
    from wayfold.expect.pattern import matching
    from wayfold.log import Decider, Fact, FactModel, Keep, Log, Origin, Record, Upcasters
    from wayfold.model import State
    from wayfold.playback import Replay, replay
    from wayfold.reactions import Effect, Process, Runner, TableView, View

__version__ = "0.1.0"

__all__ = [
    "Client",
    "CommandRejected",
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadObject",
    "Decider",
    "Effect",
    "ExpectationFailed",
    "Fact",
    "FactModel",
    "JournalOverflow",
    "Keep",
    "Log",
    "LogBusy",
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
    "PositionMoved",
    "Process",
    "ProtocolViolation",
    "ReactionFailed",
    "Record",
    "Replay",
    "RequestRefused",
    "Runner",
    "State",
    "StatementRefused",
    "TableView",
    "UnsupportedRequest",
    "UpcastFailed",
    "Upcasters",
    "View",
    "WaitTimeout",
    "WayfoldError",
    "__version__",
    "aio",
    "connect",
    "matching",
    "replay",
]


# The harness and `wayfold run` start without the client, and so without pywayland and SQLite.
_HOMES = {
    "View": "wayfold.reactions",
    "TableView": "wayfold.reactions",
    "Runner": "wayfold.reactions",
    "Process": "wayfold.reactions",
    "Effect": "wayfold.reactions",
    "Decider": "wayfold.log",
    "Client": "wayfold.client",
    "ExpectationFailed": "wayfold.expect.failure",
    "Fact": "wayfold.log",
    "FactModel": "wayfold.log",
    "Keep": "wayfold.log",
    "Log": "wayfold.log",
    "Origin": "wayfold.log",
    "Record": "wayfold.log",
    "Replay": "wayfold.playback",
    "State": "wayfold.model",
    "Upcasters": "wayfold.log",
    "connect": "wayfold.client",
    "matching": "wayfold.expect.pattern",
    "replay": "wayfold.playback",
}
_MODULES = ("aio", "client", "errors", "log", "model", "reactions")


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
