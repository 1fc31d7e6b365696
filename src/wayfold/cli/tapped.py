"""Record the session of any program, by standing between it and its compositor."""

import os
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from wayfold.cli.failures import CommandFailed
from wayfold.log import Fact, Log, Origin
from wayfold.model import SessionModel
from wayfold.model.groups import ends_group
from wayfold.testing import Tap
from wayfold.testing.conversation import WireRecord
from wayfold.testing.transcript import Transcript
from wayfold.wayland.endpoint import socket_path

__all__ = ["record_any"]

_ENDED = "program.ended"
_LAST_WORDS_S = 0.5


def record_any(command: Sequence[str], display: str | None, log: Log) -> int:
    """Run a program as a client of a tap and write what passes to a log; give its exit code.

    Raises CommandFailed where it cannot be run, NoDisplay and LogUnusable.
    """
    log.interpret(SessionModel())
    named = display or os.environ.get("WAYLAND_DISPLAY")
    if not named:
        raise CommandFailed("WAYLAND_DISPLAY is not set: name the compositor's socket by --display")
    upstream = socket_path(named, os.environ)
    with (
        tempfile.TemporaryDirectory(prefix="wf-") as folder,
        Tap(upstream, listen=Path(folder) / "wayland-0") as tap,
    ):
        process = _started(command, tap.environment)
        threading.Thread(target=_tell_end, args=(process, tap.transcript), daemon=True).start()
        _copy(tap.transcript, log)
        return _exit_code(process.wait())


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(command, env=environment)
    except OSError as error:
        raise CommandFailed(f"{command[0]} cannot be run: {error.strerror}") from error


def _tell_end(process: subprocess.Popen[bytes], transcript: Transcript) -> None:
    transcript.note(_ENDED, "program", {"status": process.wait()})


def _copy(transcript: Transcript, log: Log) -> None:
    """Copy until the program has ended and what it left in its sockets has passed too."""
    position, has_ended, open_connections = 0, False, 0
    while not has_ended or open_connections:
        try:
            # A child that it leaves behind may keep a connection open: that one is let go.
            is_news = transcript.wait(_LAST_WORDS_S if has_ended else None)
        except KeyboardInterrupt:
            continue  # it is the program's to end by Ctrl-C
        if has_ended and not is_news:
            return
        until = transcript.head
        for facts in _groups(transcript.records(position, until=until)):
            # What was derived meanwhile is as late as this, and time never runs backwards.
            floor_ns = log[log.head].time_ns if log.head else 0
            log.append_facts(
                replace(fact, time_ns=max(fact.time_ns or 0, floor_ns)) for fact in facts
            )
            names = [fact.name for fact in facts]
            has_ended = has_ended or _ENDED in names
            open_connections += names.count("connection.opened") - names.count("connection.closed")
        position = until


def _groups(passed: Iterable[WireRecord]) -> Iterator[list[Fact]]:
    # Cut where something is derived, which is then right behind its cause.
    facts: list[Fact] = []
    for record in passed:
        data, origin = dict(record.data), Origin(record.origin)
        facts.append(Fact(record.name, record.subject, data, origin, record.time_ns))
        if ends_group(record.name):
            yield facts
            facts = []
    if facts:
        yield facts


def _exit_code(status: int) -> int:
    return status if status >= 0 else 128 - status
