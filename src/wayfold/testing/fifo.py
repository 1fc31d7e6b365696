"""How a compositor without any notion of readiness tells that it is ready, and its display."""

import os
from pathlib import Path
from typing import Self

from wayfold.testing.process import User
from wayfold.testing.readiness import Deadline

__all__ = ["READY_NAME", "TELL_DISPLAY", "Fifo"]

READY_NAME = "ready"

# For /bin/sh in a compositor's own child; it gets the name and stays until it is killed, since
# some compositors end with the program that they started.
TELL_DISPLAY = 'echo "$WAYLAND_DISPLAY" >"$XDG_RUNTIME_DIR/ready"; exec tail -f /dev/null'


class Fifo:
    """Receives one line from a process that knows the path, and waits for it instead of polling."""

    def __init__(self, path: Path, user: User) -> None:
        path.unlink(missing_ok=True)  # of a run before this one
        os.mkfifo(path, 0o600)
        if user.is_other:
            os.chown(path, user.user_id, user.group_id)
        # Open for writing too, so that there is always a writer and never an early end of file.
        self._descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._descriptor)

    def line(self, ended: int, deadline: Deadline) -> str:
        """Wait for the line; raises HungUp once `ended` is readable, TimedOut at the end."""
        received = b""
        while not received.endswith(b"\n"):
            deadline.wait(self._descriptor, ended)
            received += os.read(self._descriptor, 4096)
        return received.decode().strip()
