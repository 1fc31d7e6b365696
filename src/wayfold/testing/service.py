"""The sockets and the thread of a scripted server; what is said is decided elsewhere."""

import os
import select
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from wayfold.testing.failures import ScriptFailed
from wayfold.testing.interfaces import Interface
from wayfold.testing.peer import Peer, Request
from wayfold.testing.transcript import Transcript
from wayfold.testing.wire_faults import WireFaults

__all__ = ["Service"]


class Service:
    """Reads what clients send and hands each request to `answer`, holding `lock`."""

    def __init__(
        self, interfaces: Mapping[str, Interface], answer: Callable[[Request], None]
    ) -> None:
        self.transcript = Transcript(interfaces)
        self.faults = WireFaults(self.transcript.note)
        self.peers: list[Peer] = []
        self.lock = threading.RLock()
        self.answered = threading.Condition(self.lock)
        self.is_frozen = False
        self._interfaces = interfaces
        self._answer = answer
        self._wake_descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._listeners: dict[int, tuple[socket.socket, str]] = {}
        self._failure: BaseException | None = None
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="scripted server", daemon=True)

    def start(self) -> None:
        """Serve from a thread from now on."""
        self._thread.start()

    def wake(self) -> None:
        """Let the thread look again at what it waits for."""
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            os.eventfd_write(self._wake_descriptor, 1)

    def accept(self, sock: socket.socket) -> None:
        """Take up a client."""
        with self.lock:
            self.peers.append(
                Peer(
                    sock,
                    self._interfaces,
                    self.lock,
                    self.wake,
                    transcript=self.transcript,
                    faults=self.faults,
                )
            )
        self.wake()

    def listen(self, path: str) -> None:
        """Take up whoever connects to this path."""
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        listener.bind(path)
        listener.listen()
        with self.lock:
            self._listeners[listener.fileno()] = (listener, path)
        self.wake()

    def process(self, timeout: float | None) -> None:
        """Serve what has come, after waiting for something for up to `timeout` seconds."""
        ready = self._ready(timeout)
        with self.lock:
            for descriptor, _ in ready:
                self._serve(descriptor)
            for peer in self.peers:
                if peer.due_s == 0.0:
                    peer.flush()

    def _ready(self, timeout: float | None) -> list[tuple[int, int]]:
        poll = select.poll()
        with self.lock:
            due_s = [peer.due_s for peer in self.peers if peer.due_s is not None]
            poll.register(self._wake_descriptor, select.POLLIN)
            for number in self._listeners:
                poll.register(number, select.POLLIN)
            for peer in self.peers:
                if peer.is_open and not self.is_frozen:
                    poll.register(peer.socket, _mask(peer))
        limits = [*due_s, *([] if timeout is None else [timeout])]
        return poll.poll(min(limits) * 1000 if limits else None)

    def _serve(self, descriptor: int) -> None:
        if descriptor == self._wake_descriptor:
            with suppress(BlockingIOError):
                os.eventfd_read(descriptor)
        elif descriptor in self._listeners:
            with suppress(BlockingIOError):
                self.accept(self._listeners[descriptor][0].accept()[0])
        else:
            self._serve_peer(descriptor)

    def _serve_peer(self, descriptor: int) -> None:
        # Whoever is gone or frozen since the poll began is not served any more.
        for peer in self.peers:
            if peer.is_open and not self.is_frozen and peer.socket.fileno() == descriptor:
                self._answer_all(peer)

    def _answer_all(self, peer: Peer) -> None:
        peer.cork()
        try:
            for request in peer.requests():
                self._answer(request)
        finally:
            peer.uncork()
            self.answered.notify_all()

    def _run(self) -> None:
        try:
            while not self._is_closing:
                self.process(None)
        except BaseException as failure:
            with self.lock:
                self._failure = failure
                for peer in self.peers:
                    peer.close()
                self.answered.notify_all()

    def raise_failure(self) -> None:
        """Raise, once, what the thread stopped at."""
        failure, self._failure = self._failure, None
        if failure is not None:
            raise ScriptFailed(f"the scripted server stopped: {failure}") from failure

    def close(self) -> None:
        """Stop the thread and hang up on everybody; safe to repeat."""
        self._is_closing = True
        if self._thread.is_alive():
            self.wake()
            self._thread.join()
        for peer in self.peers:
            peer.dispose()
        for listener, path in self._listeners.values():
            listener.close()
            with suppress(FileNotFoundError):
                os.unlink(path)
        self._listeners.clear()
        if self._wake_descriptor >= 0:
            os.close(self._wake_descriptor)
            self._wake_descriptor = -1


def _mask(peer: Peer) -> int:
    return select.POLLIN | (select.POLLOUT if peer.is_writing else 0)
