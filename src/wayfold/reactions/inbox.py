"""The one way from other threads to the thread that a log belongs to."""

import os
from collections import deque
from collections.abc import Callable
from threading import RLock

__all__ = ["Inbox"]


class Inbox:
    """Functions that are to be called by the log's thread, and a descriptor that says so."""

    def __init__(self) -> None:
        self._calls: deque[Callable[[], object]] = deque()
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        # Whoever rings while another does must wait for it and not pass: its ring may be over by
        # now. A signal handler that interrupts either of them in the same thread goes through.
        self._closing = RLock()
        self._is_rung = False

    def fileno(self) -> int:
        """Give what is readable while there is something to do."""
        return self._descriptor

    def put(self, call: Callable[[], object]) -> None:
        """Have a function called; from any thread. Once closed, nothing happens."""
        self._calls.append(call)
        self.ring()

    def ring(self) -> None:
        """Have somebody look; from any thread and any signal handler."""
        if self._is_rung:
            return
        with self._closing:
            if self._descriptor >= 0:
                self._is_rung = True
                os.eventfd_write(self._descriptor, 1)

    def empty(self) -> None:
        """Call what came in, each once; where one raises, the next time the rest."""
        try:
            os.eventfd_read(self._descriptor)
        except BlockingIOError:
            pass
        # Only then: whoever rings before this is seen now, whoever rings after it rings anew.
        self._is_rung = False
        count = len(self._calls)
        try:
            while count and self._calls:  # one that is called may empty it, too
                count -= 1
                self._calls.popleft()()
        finally:
            if self._calls:
                self.ring()

    def close(self) -> None:
        """Let go of the descriptor; again it does nothing."""
        with self._closing:
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                os.close(descriptor)
