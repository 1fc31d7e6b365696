"""`wayfold state`: what was true at a moment of a recording."""

import argparse
import sys
from collections.abc import Iterator
from typing import Any

import msgspec

from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import MOMENTS, add_file, as_plain, moment, open_session, state_at
from wayfold.cli.spelling import spell_time, spell_value
from wayfold.cli.terminal import columns, cut
from wayfold.log import Log
from wayfold.log.compare import changes
from wayfold.log.history import look_up
from wayfold.model.enums import ConnectionStatus
from wayfold.model.state import State

__all__ = ["add_arguments", "run"]

_MISSING = object()
_NAMES = 12
_UNDER_WAY = {ConnectionStatus.NONE, ConnectionStatus.OPEN}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = f"Print the state at a moment, by default at the end.\n\n{MOMENTS}"
    parser.epilog = "example: wayfold state session.wayfold outputs --at 12:03:04.120"
    add_file(parser)
    parser.add_argument("path", metavar="PATH", nargs="?", help="outputs.wl_output#3.scale")
    parser.add_argument("--at", metavar="MOMENT", help="when (default: at the end)")


def run(options: argparse.Namespace) -> int:
    """Fold and print."""
    with open_session(options.file) as log:
        position = log.head if options.at is None else moment(log, options.at)
        state = state_at(log, position)
        where = _where(log, position, state)
    value = as_plain(state)
    if options.path is not None:
        value = look_up(state, options.path, _MISSING)
        if value is _MISSING:
            raise CommandFailed(_missing(state, options.path, position))
    if options.json:
        encoded = msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
        print(encoded)
    else:
        width = columns(sys.stdout)
        print(where)
        for line in _lines(value, options.path or ""):
            print(cut(line, width))
    return 0


def _missing(state: State, path: str, position: int) -> str:
    """Say that there is nothing, and what there is as far as the path goes."""
    value, known = as_plain(state), "the state"
    for number, name in enumerate(path.split("."), 1):
        inside = look_up(value, name, _MISSING)
        if inside is _MISSING:
            break
        value, known = inside, ".".join(path.split(".")[:number])
    names = list(value if isinstance(value, dict) else getattr(value, "__struct_fields__", ()))
    more = ["…"] if len(names) > _NAMES else []
    told = ", ".join([*map(str, names[:_NAMES]), *more]) or "nothing"
    return f"at position {position} there is nothing at {path!r}; in {known} there is: {told}"


def _where(log: Log, position: int, state: State) -> str:
    """Say which moment it is, and why there is little where the session was over by then."""
    when = f", {spell_time(log[position].time_ns)}" if position > log.cut else ""
    over = "" if state.connection.status in _UNDER_WAY else ": the session was over by then"
    return f"at position {position} of {log.head}{when}{over}"


def _lines(value: Any, path: str) -> Iterator[str]:
    found = list(changes({}, value, path)) if isinstance(value, dict) else []
    if not found:
        yield f"{path} = {spell_value(value)}"
    for change in found:
        yield from _deep(change.after, change.path)


def _deep(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _deep(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, dict) and value:
        for name, each in value.items():
            yield from _deep(each, f"{path}.{name}")
    else:
        yield f"{path} = {spell_value(value)}"
