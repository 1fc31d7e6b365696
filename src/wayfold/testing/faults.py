"""What can befall a compositor: it freezes, dies, comes back, or takes no more connections."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Protocol

from wayfold.testing.compositor import Compositor
from wayfold.testing.scripted import ScriptedServer
from wayfold.testing.tap import Tap

__all__ = ["Faults"]


class _Descriptor(Protocol):
    def fileno(self) -> int: ...


class Faults:
    """Faults of one compositor; of a scripted server or a tap, those that need no process.

    What happens on the wire is damaged by `ScriptedServer.wire_faults`, and between any program and
    any compositor by `Tap.event_faults` and `Tap.request_faults`.
    """

    def __init__(self, compositor: Compositor | ScriptedServer | Tap) -> None:
        self.compositor = compositor

    def freeze(self) -> None:
        """Stop it in its tracks: it keeps its sockets, and neither reads nor answers."""
        self.compositor.freeze()

    def thaw(self) -> None:
        """Let it go on."""
        self.compositor.thaw()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Freeze it inside."""
        self.freeze()
        try:
            yield
        finally:
            self.thaw()

    @contextmanager
    def blocked_writes(self, connection: _Descriptor | int) -> Iterator[None]:
        """Freeze it inside, with next to no room on a client's connection: its writes block.

        `connection` is the client's socket, or a duplicate of it. Without this, some 170 kB go
        before a write blocks.
        """
        with ExitStack() as stack:
            number = connection if isinstance(connection, int) else connection.fileno()
            sock = stack.enter_context(socket.socket(fileno=os.dup(number)))
            room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 0)  # the kernel keeps its least
            stack.callback(sock.setsockopt, socket.SOL_SOCKET, socket.SO_SNDBUF, room // 2)
            stack.enter_context(self.frozen())
            yield

    @contextmanager
    def full_backlog(self) -> Iterator[int]:
        """Freeze it inside and fill its queue of connections: who connects waits.

        Gives the number of connections that wait. They are gone at the end.
        """
        path = self._process.display
        with ExitStack() as stack:
            stack.enter_context(self.frozen())
            number = 0
            while (waiting := _queued(path)) is not None:
                stack.enter_context(waiting)
                number += 1
            yield number

    def kill(self) -> None:
        """Kill it as a crash would; its socket stays behind, and nobody listens on it."""
        self._process.kill()

    def restart(self, *, refuses: bool = False) -> None:
        """Kill it and start it again on the same socket.

        Who connects meanwhile waits and is served; with `refuses` it is refused, as after a
        crash. Raises ValueError where the compositor can only refuse.
        """
        self._process.restart(refuses=refuses)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Kill it, and start it again on the same socket at the end; inside, it refuses all."""
        self.kill()
        try:
            yield
        finally:
            self.restart(refuses=True)

    def stale_socket(self) -> str:
        """Leave a socket on which nobody listens, as a crash does, and give its path."""
        path = self._process.runtime_directory / "stale-0"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as left:
            left.bind(str(path))
        return str(path)

    @property
    def _process(self) -> Compositor:
        if not isinstance(self.compositor, Compositor):
            kind = type(self.compositor).__name__
            raise ValueError(f"this fault needs a compositor with a process, not a {kind}")
        return self.compositor


def _queued(path: str) -> socket.socket | None:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.setblocking(False)
    try:
        sock.connect(path)
    except BlockingIOError:
        sock.close()
        return None
    except BaseException:
        sock.close()
        raise
    return sock
