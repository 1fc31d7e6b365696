"""Pictures taken one after the other, until one is what is waited for, or nothing changes."""

import time
from collections.abc import Callable, Iterator

from wayfold.testing.image import Image

__all__ = ["Looks", "Unsettled"]

_PAUSE_S = 0.02  # between two pictures: programs need the processor more than they do
_STEADY_S = 0.2


class Unsettled(Exception):
    """What is shown went on changing; `last` is the last picture of it."""

    def __init__(self, last: Image, timeout: float) -> None:
        self.last = last
        super().__init__(f"nothing was shown unchanged for {_STEADY_S} s within {timeout} s")


class Looks:
    """What is shown, looked at by `take` for up to `timeout` seconds; once where that is 0."""

    def __init__(
        self,
        take: Callable[[], Image],
        timeout: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._take, self._timeout = take, timeout
        self._clock, self._pause = clock, pause

    def changes(self) -> Iterator[Image]:
        """Give what is shown now, and then each picture that is not like the one before."""
        last = None
        for _, image in self._pictures():
            if image != last:
                yield image
            last = image

    def settled(self) -> Image:
        """Give the first picture that has been shown for 0.2 s; raises Unsettled."""
        last, seen_s = None, 0.0
        for start_s, image in self._pictures():
            if image != last:
                last, seen_s = image, self._clock()
            elif start_s - seen_s >= _STEADY_S:
                return image
        assert last is not None, "at least one is taken"
        if self._timeout > 0:
            raise Unsettled(last, self._timeout)
        return last

    def _pictures(self) -> Iterator[tuple[float, Image]]:
        # The last one is begun when the time is over: a slow comparison takes no look away.
        end_s = self._clock() + self._timeout
        start_s = self._clock()
        while start_s < end_s:
            yield start_s, self._take()
            self._pause(max(0.0, min(_PAUSE_S, end_s - self._clock())))
            start_s = self._clock()
        yield start_s, self._take()
