"""The time by which something must have come."""

import time

from wayfold.errors import WaitTimeout

__all__ = ["Deadline"]


class Deadline:
    """A time by which `what` should have come; None never ends."""

    def __init__(self, what: str, timeout_s: float | None) -> None:
        if timeout_s is not None and not timeout_s >= 0:
            raise ValueError(f"a timeout is 0 s or more, or None for no end, not {timeout_s}")
        self._what = what
        self._timeout_s = timeout_s
        self._end_s = None if timeout_s is None else time.monotonic() + timeout_s

    def left_s(self) -> float | None:
        """Give the seconds left, 0 when it is over."""
        return None if self._end_s is None else max(self._end_s - time.monotonic(), 0.0)

    @property
    def is_over(self) -> bool:
        """True once no time is left."""
        return self.left_s() == 0.0

    def check(self) -> None:
        """Raise WaitTimeout once no time is left."""
        if self.is_over and self._timeout_s is not None:
            raise WaitTimeout(self._what, self._timeout_s)
