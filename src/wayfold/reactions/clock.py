"""Time, handed in: what the wall says, what has passed, and one alarm."""

import ctypes
import os
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock", "VirtualClock"]

_REALTIME = 0  # linux/time.h
_ABSTIME, _CANCEL_ON_SET = 1, 2  # linux/timerfd.h


class Clock(Protocol):
    """Deadlines are due by the wall, pauses by what has passed."""

    def wall_ns(self) -> int:
        """Give Unix time in nanoseconds; it may jump either way."""
        ...

    def elapsed_s(self) -> float:
        """Give seconds that only grow, those that the machine slept included."""
        ...

    def fileno(self) -> int:
        """Give what becomes readable when the alarm rings or the wall clock was set."""
        ...

    def arm(self, wall_ns: int | None) -> None:
        """Ring at a time of the wall clock; None: not at all."""
        ...

    def quiet(self) -> None:
        """Take note that it rang."""
        ...

    def close(self) -> None:
        """Let go of the descriptor."""
        ...


class _Moment(ctypes.Structure):
    _fields_ = (("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long))


class _Alarm(ctypes.Structure):
    _fields_ = (("interval", _Moment), ("value", _Moment))


class SystemClock:
    """The machine's. Its alarm is a timerfd on the wall clock (Python has it from 3.13 on).

    The kernel compares it with the wall on waking from sleep, and ends the wait when somebody sets
    the clock (TFD_TIMER_CANCEL_ON_SET): no alarm is slept through, and none is waited for in vain.
    """

    def __init__(self) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        flags = os.O_CLOEXEC | os.O_NONBLOCK
        self._descriptor: int = self._checked(self._library.timerfd_create(_REALTIME, flags))
        self._armed: int | None = None

    def wall_ns(self) -> int:
        """Give CLOCK_REALTIME."""
        return time.time_ns()

    def elapsed_s(self) -> float:
        """Give CLOCK_BOOTTIME."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def fileno(self) -> int:
        """Give the timerfd."""
        return self._descriptor

    def arm(self, wall_ns: int | None) -> None:
        """Set the timerfd, unless it is set so already."""
        if wall_ns == self._armed:
            return
        seconds, nanoseconds = divmod(max(wall_ns, 1), 10**9) if wall_ns is not None else (0, 0)
        alarm = _Alarm(_Moment(0, 0), _Moment(seconds, nanoseconds))
        flags = _ABSTIME | _CANCEL_ON_SET
        descriptor, settime = self._descriptor, self._library.timerfd_settime
        self._checked(settime(descriptor, flags, ctypes.byref(alarm), None))
        self._armed = wall_ns

    def _checked(self, result: int) -> int:
        if result < 0:
            number = ctypes.get_errno()
            raise OSError(number, f"no timer could be set: {os.strerror(number)}")
        return result

    def quiet(self) -> None:
        """Read the timerfd: it has rung, or the clock was set (ECANCELED)."""
        self._armed = None
        try:
            os.read(self._descriptor, 8)
        except OSError:
            pass  # nothing to read, or the clock was set: in both cases somebody looks now

    def close(self) -> None:
        """Close the timerfd; again it does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class VirtualClock:
    """A clock that stands until it is moved, for tests; `armed` is when it would ring."""

    def __init__(self, wall_ns: int = 1_700_000_000 * 10**9) -> None:
        self._wall_ns = wall_ns
        self._elapsed_s = 0.0
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self.armed: int | None = None

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self._elapsed_s += seconds
        self.set_wall(seconds)

    def set_wall(self, seconds: float) -> None:
        """Set the wall clock forth, or back, without time passing."""
        self._wall_ns += round(seconds * 10**9)
        self._ring()

    def _ring(self) -> None:
        if self.armed is not None and self.armed <= self._wall_ns:
            self.armed = None
            os.eventfd_write(self._descriptor, 1)

    def wall_ns(self) -> int:
        """Give the time it was set to."""
        return self._wall_ns

    def elapsed_s(self) -> float:
        """Give the seconds that have passed since it was made."""
        return self._elapsed_s

    def fileno(self) -> int:
        """Give what is readable once the clock was moved past its alarm."""
        return self._descriptor

    def arm(self, wall_ns: int | None) -> None:
        """Note when it would ring; as with a timerfd, that an earlier alarm rang is forgotten."""
        self.quiet()
        self.armed = wall_ns
        self._ring()

    def quiet(self) -> None:
        """Take note that it rang."""
        try:
            os.eventfd_read(self._descriptor)
        except BlockingIOError:
            pass

    def close(self) -> None:
        """Close the descriptor; again it does nothing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
