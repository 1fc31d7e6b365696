"""Record the session of any program, by standing between it and its compositor."""

import os
import signal
import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from wayfold.cli.child import started
from wayfold.cli.failures import CommandFailed
from wayfold.log import Fact, Log, Origin
from wayfold.model import SessionModel
from wayfold.model.groups import ends_group
from wayfold.testing import Tap
from wayfold.testing.conversation import WireRecord
from wayfold.testing.transcript import Transcript
from wayfold.wayland.endpoint import open_endpoint, socket_path

__all__ = ["record_any"]

_ENDED = "program.ended"
_LAST_WORDS_S = 0.5
_CONNECT_S = 10.0


def record_any(command: Sequence[str], display: str | None, log: Log) -> int:
    """Run a program as a client of a tap and write what passes to a log; give its exit code.

    Signals that we get are the program's. Raises CommandFailed where it cannot be run,
    ConnectionFailed where no compositor takes connections, and LogUnusable.
    """
    log.interpret(SessionModel())
    named = display or os.environ.get("WAYLAND_DISPLAY")
    if not named:
        raise CommandFailed("WAYLAND_DISPLAY is not set: name the compositor's socket by --display")
    upstream = socket_path(named, os.environ)
    open_endpoint(upstream, os.environ, _CONNECT_S).descriptor.close()  # or the tap would find out
    with (
        tempfile.TemporaryDirectory(prefix="wf-") as folder,
        Tap(upstream, listen=Path(folder) / "wayland-0") as tap,
    ):
        copying = _Copying(tap.transcript, log)
        with started(command, tap.environment) as child:
            copying.start()
            while not child.has_ended and copying.failure is None:
                child.await_change(None)
        tap.transcript.note(_ENDED, "program", {"status": child.exit_status})
        copying.join()
    if copying.failure is not None:
        raise copying.failure
    assert child.exit_status is not None
    return child.exit_status


class _Copying(threading.Thread):
    """Copies while the main thread attends to the program and to signals; it has the log alone."""

    def __init__(self, transcript: Transcript, log: Log) -> None:
        super().__init__(name="wayfold record", daemon=True)
        self._transcript = transcript
        self._log = log
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            _copy(self._transcript, self._log)
        except BaseException as failure:
            self.failure = failure
            os.kill(os.getpid(), signal.SIGCHLD)  # wakes who waits for the program


def _copy(transcript: Transcript, log: Log) -> None:
    """Copy until the program has ended and what it left in its sockets has passed too."""
    position, has_ended, open_connections = 0, False, 0
    while not has_ended or open_connections:
        # A child that it leaves behind may keep a connection open: that one is let go.
        is_news = transcript.wait(_LAST_WORDS_S if has_ended else None)
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
