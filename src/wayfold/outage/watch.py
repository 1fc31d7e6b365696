"""The edge of the outage watch: connects, probes, and lets the processes act."""

import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wayfold.client import Client, connect
from wayfold.errors import ConnectionFailed, ConnectionLost, JournalOverflow, ProtocolViolation
from wayfold.log import Fact, Log, Record
from wayfold.log.batch import Batch
from wayfold.log.plain import spelled
from wayfold.outage.display import COMPOSITOR, Incidents
from wayfold.outage.listing import IncidentList
from wayfold.outage.story import is_told, line
from wayfold.reactions import Process, Runner
from wayfold.wayland.endpoint import Display

__all__ = ["Watch"]

_AGAIN_S = 1.0
_BOUND = ("wl_output", "zxdg_output_manager_v1", "wl_fixes")


class Watch:
    """Watches the compositor at `display` and writes to `log` what becomes of it.

    A compositor that does not answer a roundtrip within `silent_s` seconds counts as broken, and
    so does one that cannot be reached or is lost. `reporting` decides what is made of incidents:
    `Reports`, or a process of yours. `told` hears a line whenever something changes: of the
    compositor, of an incident, of what became of a report.

    What is in the log is taken up before anything is done, and the compositor is asked before
    anything is reported: what was mended while no watch ran is not.
    """

    def __init__(
        self,
        log: Log,
        reporting: Process[Any],
        *,
        display: Display = None,
        expected: Iterable[str] = (),
        silent_s: float = 10.0,
        told: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._log = log
        self._reporting = reporting
        self._incidents = Incidents(expected)
        self._display = display
        self._silent_s = silent_s
        self._told = told
        self._noted: str | None = None
        self._untold: deque[str] = deque()
        self._is_stopping = False
        self._client: Client | None = None
        self._runner: Runner | None = None

    def run(self, timeout: float | None = None, until: Callable[[], object] | None = None) -> bool:
        """Watch until `stop`, until `until()` is true, or for some seconds; False on time-out.

        Raises LogUnusable where the log can no longer be written.
        """
        end_s = None if timeout is None else time.monotonic() + timeout

        def is_over() -> bool:
            self._tell()
            return bool(until and until())

        self._log.listen(self._hear)
        try:
            while not self._is_stopping and not is_over():
                if end_s is not None and time.monotonic() >= end_s:
                    return False
                self._watch(end_s, is_over)
        finally:
            self._log.unlisten(self._hear)
            self._is_stopping = False
        return True

    def _hear(self, first: int, batch: Batch, derived: Sequence[Record]) -> None:
        # Told later: what goes wrong with the telling is no fault of who appends.
        for record in batch.records(0, len(batch), first, is_told):
            self._untold.append(line(record))

    def _tell(self) -> None:
        while self._untold:
            self._told(self._untold.popleft())

    def stop(self) -> None:
        """End `run`, or the next one; from any thread and any signal handler."""
        self._is_stopping = True
        for running in (self._client, self._runner):
            if running is not None:
                running.stop()

    def _watch(self, end_s: float | None, until: Callable[[], object]) -> None:
        try:
            client = self._connected()
        except (ConnectionFailed, ProtocolViolation) as error:
            self._note("display.unreachable", reason=spelled(str(error)))
            self._wait(end_s, until)
            return
        self._noted = None
        with client:
            self._client = client
            self._start(client.runner)
            probe = Probe(client, self._silent_s, self._note)
            try:
                client.run(_left_s(end_s), lambda state: until())
            except (ConnectionLost, ProtocolViolation, JournalOverflow) as error:
                self._told(str(error))
            finally:
                probe.stop()
                self._client = None

    def _connected(self) -> Client:
        can_return = not isinstance(self._display, int | socket.socket)
        return connect(
            self._display,
            log=self._log,
            bind=_BOUND,
            timeout=self._silent_s,
            reconnect=can_return,
        )

    def _start(self, runner: Runner) -> None:
        runner.follow(IncidentList(self._reporting.name))
        runner.react(self._incidents)
        runner.react(self._reporting)

    def _wait(self, end_s: float | None, until: Callable[[], object]) -> None:
        """Let the processes act for a while, without a compositor."""
        left_s = _left_s(end_s)
        with Runner(self._log) as runner:
            self._runner = runner
            self._start(runner)
            try:
                runner.run(_AGAIN_S if left_s is None else min(left_s, _AGAIN_S), until)
            finally:
                self._runner = None

    def _note(self, name: str, **data: str) -> None:
        """Write down a change; what was said already is not said again."""
        if name != self._noted:
            self._noted = name
            self._log.append_facts((Fact(name, COMPOSITOR, data),))
            self._told(": ".join((name, *data.values())))


def _left_s(end_s: float | None) -> float | None:
    return None if end_s is None else max(end_s - time.monotonic(), 0.0)


class Probe:
    """Asks a compositor for an answer now and then, and says when it owes one for too long."""

    def __init__(self, client: Client, silent_s: float, note: Callable[..., None]) -> None:
        self._client = client
        self._silent_s = silent_s
        self._note = note
        self._callback: Any = None
        self._is_silent = False
        self._timer = client.loop.call_later(silent_s, self._look)
        client.on("wl_callback.done", self._answered)

    def _look(self) -> None:
        if self._client.is_open:
            self._ask()
        else:
            self._callback, self._is_silent = None, False
        self._timer = self._client.loop.call_later(self._silent_s, self._look)

    def _ask(self) -> None:
        if self._callback is not None and self._callback.is_alive:
            if not self._is_silent:
                self._is_silent = True
                self._note("display.silent", reason=f"no answer within {self._silent_s:g} s")
        else:
            self._is_silent = False  # what it owed was owed by a compositor that is gone
            self._callback = self._client.display.sync()

    def _answered(self, record: Record) -> None:
        if self._callback is not None and record.subject == self._callback.subject:
            self._callback = None
            if self._is_silent:
                self._is_silent = False
                self._note("display.answered")

    def stop(self) -> None:
        """Ask no more."""
        self._timer.cancel()
