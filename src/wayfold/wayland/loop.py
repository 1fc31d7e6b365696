"""Wait for descriptors, timers, other threads and signal handlers; use no processor meanwhile."""

import heapq
import itertools
import os
import select
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Loop", "Timer"]

T = TypeVar("T")
_LONGEST_S = 86_400.0
"""A wait ends at the latest now, with nothing; epoll_wait counts milliseconds in an int."""


class Timer:
    """A function to be called once, at a time of the monotonic clock."""

    def __init__(self, at_s: float, function: Callable[[], object]) -> None:
        self.at_s = at_s
        self._function: Callable[[], object] | None = function

    def cancel(self) -> None:
        """Call nothing; harmless when it was called or cancelled already."""
        self._function = None

    @property
    def is_waiting(self) -> bool:
        """False once it was called or cancelled."""
        return self._function is not None

    def fire(self) -> None:
        """Call the function now, unless cancelled."""
        function, self._function = self._function, None
        if function is not None:
            function()


class Loop:
    """Waits on one epoll descriptor, so that any other loop can wait on it too.

    `wake` and `call` may be used by any thread, `wake` by signal handlers as well; everything
    else belongs to the thread that waits.
    """

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._closing = Lock()
        self._is_wake_due = False
        self._waiting_thread: int | None = None
        self._callbacks: dict[int, Callable[[], object]] = {}
        self._writing: set[int] = set()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._calls: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def fileno(self) -> int:
        """Give the descriptor that becomes readable when there is something to do."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Close the loop's own descriptors; `wake` then does nothing, calls are cancelled.

        Nothing is called any more.
        """
        with self._closing:
            if not self._epoll.closed:
                self._epoll.close()
                os.close(self._wake)
            self._callbacks.clear()
            self._timers.clear()
            while self._calls:
                self._calls.popleft()[0].cancel()

    def __del__(self) -> None:
        if hasattr(self, "_closing"):
            self.close()

    @property
    def is_awaited_elsewhere(self) -> bool:
        """True while another thread waits, which closing would leave waiting for ever."""
        return self._waiting_thread not in (None, get_ident())

    # -- from anywhere ------------------------------------------------------------------------

    def wake(self) -> None:
        """End the wait that is going on, or the next one."""
        # A signal handler may have interrupted whoever holds the lock, so that it is not waited
        # for: whoever holds it looks again behind its release.
        self._is_wake_due = True
        while self._is_wake_due and self._closing.acquire(blocking=False):
            try:
                self._is_wake_due = False
                if not self._epoll.closed:
                    os.eventfd_write(self._wake, 1)
            finally:
                self._closing.release()

    def call(self, function: Callable[[], T]) -> "Future[T]":
        """Have the waiting thread call a function; the future gives its result or exception.

        It is cancelled where the loop is closed before its turn.
        """
        # Not at the top: it brings logging, a seventh of what `import wayfold` takes.
        from concurrent.futures import Future

        future: Future[T] = Future()
        with self._closing:
            if self._epoll.closed:
                future.cancel()
            else:
                self._calls.append((future, function))
        self.wake()
        return future

    # -- by the thread that waits -------------------------------------------------------------

    def add(self, descriptor: int, callback: Callable[[], object]) -> None:
        """Call a function whenever a descriptor is readable, closed or broken."""
        if descriptor in self._callbacks:
            raise ValueError(f"descriptor {descriptor} is already waited for; remove it first")
        self._epoll.register(descriptor, select.EPOLLIN)
        self._callbacks[descriptor] = callback

    def remove(self, descriptor: int) -> None:
        """Wait for a descriptor no longer; it may have been closed before."""
        if self._callbacks.pop(descriptor, None) is not None:
            self._writing.discard(descriptor)
            with suppress(FileNotFoundError):  # of another that has its number now
                self._epoll.unregister(descriptor)

    def want_write(self, descriptor: int, wanted: bool) -> None:
        """Also wait for a descriptor to become writable, or no longer."""
        if wanted == (descriptor in self._writing) or descriptor not in self._callbacks:
            return
        (self._writing.add if wanted else self._writing.discard)(descriptor)
        events = select.EPOLLIN | (select.EPOLLOUT if wanted else 0)
        self._epoll.modify(descriptor, events)

    def call_later(self, delay_s: float, function: Callable[[], object]) -> Timer:
        """Call a function once, `delay_s` seconds from now."""
        if not delay_s >= 0:
            raise ValueError(f"a delay is 0 s or more, not {delay_s}")
        timer = Timer(time.monotonic() + delay_s, function)
        heapq.heappush(self._timers, (timer.at_s, next(self._order), timer))
        return timer

    def due_s(self) -> float | None:
        """Give the seconds until something must be done without any descriptor; None for never."""
        if self._calls:
            return 0.0
        while self._timers and not self._timers[0][2].is_waiting:
            heapq.heappop(self._timers)
        return max(self._timers[0][0] - time.monotonic(), 0.0) if self._timers else None

    def wait(self, timeout_s: float | None) -> list[int]:
        """Wait until something is ready or due; give the descriptors with a callback.

        None waits for ever. Ends with KeyboardInterrupt, or what else a signal handler raises.
        """
        due = self.due_s()
        waits = [each for each in (timeout_s, due) if each is not None]
        self._waiting_thread = get_ident()
        try:
            ready = self._epoll.poll(min(*waits, _LONGEST_S) if waits else None)
        finally:
            self._waiting_thread = None
        found = [descriptor for descriptor, _ in ready if descriptor != self._wake]
        if len(found) < len(ready):
            self._drain_wake()
        return found

    def _drain_wake(self) -> None:
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            pass

    def run_ready(self, ready: list[int]) -> None:
        """Call what the ready descriptors, the timers and other threads ask for."""
        for descriptor in ready:
            if callback := self._callbacks.get(descriptor):
                callback()
        for _ in range(len(self._calls)):
            if self._calls:  # one that dispatches makes the others, one that closes cancels them
                _settle(*self._calls.popleft())
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2].fire()


def _settle(future: "Future[Any]", function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:
        future.set_exception(error)
        if not isinstance(error, Exception):
            raise
    else:
        future.set_result(result)
