"""Keep signal handlers out of the few steps that must happen together or not at all."""

# What `signal` wraps; its conversions to enums take nine tenths of the time.
import _signal  # type: ignore[import-not-found]
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["Shield"]

_HELD_BACK = (
    signal.SIGALRM,
    signal.SIGCHLD,
    signal.SIGHUP,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGINT,  # the likeliest is replaced last and put back last
)


class Shield:
    """A context in which no signal handler of Python's runs, so that none can raise.

    What arrives meanwhile is handled right behind it. Python runs signal handlers in the main
    thread alone, so that elsewhere there is nothing to do. Blocking the signals in that thread
    would not do: another thread then takes them, and Python still runs the handler here.
    """

    __slots__ = ("_held", "_is_up", "_replaced")

    def __init__(self) -> None:
        self._held: dict[int, FrameType | None] = {}
        self._replaced: dict[int, Callable[[int, FrameType | None], Any]] = {}
        self._is_up = True

    def __enter__(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        try:
            for number in _HELD_BACK:
                handler = _signal.getsignal(number)
                if callable(handler):
                    self._replaced[number] = handler
                    _signal.signal(number, self._hold)
        except BaseException:  # of a handler that is not replaced yet
            self._lower()
            raise

    def __exit__(self, *exception: object) -> None:
        self._lower()

    def _hold(self, number: int, frame: FrameType | None) -> None:
        if self._is_up:
            self._held.setdefault(number, frame)
        else:  # left in place by a handler that raised while we were putting back
            self._replaced[number](number, frame)

    def _lower(self) -> None:
        try:
            for number, handler in self._replaced.items():
                _signal.signal(number, handler)
        finally:
            self._is_up = False
            self._deliver()

    def _deliver(self) -> None:
        if self._held:
            number, frame = self._held.popitem()
            try:
                self._replaced[number](number, frame)
            finally:
                self._deliver()
