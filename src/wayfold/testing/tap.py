"""Stand between any program and a compositor, forward everything, and write it down."""

import errno
import os
import select
import signal
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path

from wayfold.expect.expectations import Expectations
from wayfold.testing.closing import Closing
from wayfold.testing.compositor import Compositor
from wayfold.testing.failures import ScriptFailed
from wayfold.testing.interfaces import Interface, known_interfaces
from wayfold.testing.link import Link
from wayfold.testing.transcript import Transcript
from wayfold.testing.wire_faults import WireFaults

__all__ = ["Tap"]

_BACKLOG = 128


class Tap(Closing):
    """Forwards bytes and descriptors between programs and a compositor, both ways.

    `transcript` holds every message of every connection, whatever the program is written in;
    `event_faults` and `request_faults` damage what the compositor and the programs send. Programs
    find it by `display` or `environment`, a client in this process by `new_client()`. Messages of
    protocols that wayfold does not know are forwarded too, as `wire.unknown`. To the compositor
    every client is this process, by its number and user.
    """

    def __init__(
        self,
        compositor: Compositor | str | os.PathLike[str],
        *,
        listen: str | os.PathLike[str] | None = None,
        interfaces: Mapping[str, Interface] | None = None,
    ) -> None:
        """Stand before a compositor of the harness, or before the one whose socket has this path.

        `listen` is the path of the tap's own socket; without it one beside the compositor's.
        """
        self._compositor = compositor if isinstance(compositor, Compositor) else None
        self._upstream = os.fspath(
            compositor.display if isinstance(compositor, Compositor) else compositor
        )
        self._listener, self.display = _listening(Path(self._upstream).parent, listen)
        self.transcript = Transcript(known_interfaces(interfaces))
        self.event_faults = WireFaults(self.transcript.note)
        self.request_faults = WireFaults(self.transcript.note)
        self._links: list[Link] = []
        self._lock = threading.RLock()
        self._failure: BaseException | None = None
        self._is_closing = self._is_frozen = False
        self._wake_descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._thread = threading.Thread(target=self._run, name="wayfold tap", daemon=True)
        self._thread.start()

    @property
    def expect(self) -> Expectations:
        """What is expected of the transcript, as `Log.expect`."""
        return self.transcript.expect

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the environment in which a program finds this tap and no compositor."""
        around = os.environ if self._compositor is None else self._compositor.environment
        kept = {name: value for name, value in around.items() if name != "WAYLAND_SOCKET"}
        return {**kept, "WAYLAND_DISPLAY": self.display}

    def new_client(self) -> socket.socket:
        """Give the client's end of a new connection; whoever takes it owns it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with self._lock:
            self._connect(ours)
        self._wake()
        return theirs

    def freeze(self) -> None:
        """Forward nothing, and take no connection, until `thaw`."""
        self._is_frozen = True
        self._wake()

    def thaw(self) -> None:
        """Go on."""
        self._is_frozen = False
        self._wake()

    def close(self) -> None:
        """Hang up on everybody; safe to repeat. Raises ScriptFailed if forwarding had failed."""
        self._is_closing = True
        if self._thread.is_alive():
            self._wake()
            self._thread.join()
        for link in self._links:
            link.close()
        if self._wake_descriptor >= 0:
            self._listener.close()
            with suppress(FileNotFoundError):
                os.unlink(self.display)
            os.close(self._wake_descriptor)
            self._wake_descriptor = -1
        failure, self._failure = self._failure, None
        if failure is not None:
            raise ScriptFailed(f"the tap stopped: {failure}") from failure

    # -- in the thread ------------------------------------------------------------------------

    def _wake(self) -> None:
        os.eventfd_write(self._wake_descriptor, 1)

    def _run(self) -> None:
        # Signals are for who knows of them: here they would wake nobody that waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            while not self._is_closing:
                self._turn()
        except BaseException as failure:
            self._failure = failure
            for link in self._links:
                link.close()

    def _turn(self) -> None:
        ready = self._ready()
        with self._lock:
            for descriptor in ready:
                if descriptor == self._wake_descriptor:
                    os.eventfd_read(descriptor)
                elif descriptor == self._listener.fileno():
                    self._accept()
                else:
                    self._serve(descriptor)
            for link in self._open_links():
                if link.due_s == 0.0:
                    link.flush_due()

    def _ready(self) -> list[int]:
        poll = select.poll()
        poll.register(self._wake_descriptor, select.POLLIN)
        with self._lock:
            if not self._is_frozen:
                poll.register(self._listener, select.POLLIN)
            for link in self._open_links():
                for descriptor, mask in link.waits(self._is_frozen):
                    poll.register(descriptor, mask)
            due = [link.due_s for link in self._open_links() if link.due_s is not None]
        return [found for found, _ in poll.poll(min(due) * 1000 if due else None)]

    def _open_links(self) -> list[Link]:
        return [link for link in self._links if link.is_open]

    def _serve(self, descriptor: int) -> None:
        for link in self._open_links():
            link.serve(descriptor)

    def _accept(self) -> None:
        with suppress(BlockingIOError):
            self._connect(self._listener.accept()[0])

    def _connect(self, program: socket.socket) -> None:
        upstream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        upstream.setblocking(False)
        try:
            upstream.connect(self._upstream)
        except OSError as error:
            upstream.close()
            program.close()
            data = {"reason": error.strerror, "path": self._upstream}
            self.transcript.note("connection.refused", "tap", data)
            return
        link = Link(
            program,
            upstream,
            self.transcript,
            event_faults=self.event_faults,
            request_faults=self.request_faults,
        )
        self._links.append(link)
        self.transcript.note("connection.opened", link.subject)


def _listening(directory: Path, wanted: str | os.PathLike[str] | None) -> tuple[socket.socket, str]:
    paths = [os.fspath(wanted)] if wanted else (str(directory / f"tap-{k}") for k in count(1))
    for path in paths:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        try:
            listener.bind(path)
        except OSError as error:
            listener.close()
            if wanted or error.errno != errno.EADDRINUSE:
                raise
            continue
        listener.listen(_BACKLOG)
        return listener, path
    raise AssertionError("there is always another number")
