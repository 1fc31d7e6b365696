"""Come back to a compositor that was lost.

linked ──lost──▶ waiting ──due──▶ arriving ──both roundtrips──▶ linked
                    ▲                 │
                    └──refused, lost──┘  waits twice as long each time
"""

import os
import random
from collections.abc import Callable, Iterator

from wayfold.errors import ConnectionFailed
from wayfold.wayland.endpoint import Endpoint, open_endpoint
from wayfold.wayland.link import Link
from wayfold.wayland.loop import Loop, Timer
from wayfold.wayland.objects import WaylandObject

__all__ = ["Reconnect"]

_FIRST_S, _LONGEST_S = 0.02, 5.0
_AT_ONCE_S = 0.0
_ANSWER_S = 10.0


class Reconnect:
    """Makes the next link by timers of a loop; `make` opens one on an endpoint.

    A compositor that takes the connection and does not answer for `_ANSWER_S` is left again.
    """

    def __init__(self, loop: Loop, path: str, make: Callable[[Endpoint], Link]) -> None:
        self._loop = loop
        self._path = path
        self._make = make
        self._delay_s = _FIRST_S
        self._timer: Timer | None = None
        self._steps: Iterator[WaylandObject] = iter(())
        self._callback: WaylandObject | None = None
        self.is_waiting = False

    def lost(self) -> None:
        """Wait a while and come back; longer each time until it has come to something."""
        self.stop()
        self.is_waiting = True
        delay_s, self._delay_s = self._delay_s, min(self._delay_s * 2, _LONGEST_S)
        # Many clients lose a compositor at once, and should not all come back at once.
        self._timer = self._loop.call_later(delay_s * random.uniform(0.5, 1.0), self._open)

    def _open(self) -> None:
        try:
            endpoint = open_endpoint(self._path, os.environ, _AT_ONCE_S)
        except ConnectionFailed:
            self.lost()
            return
        self.is_waiting = False
        link = self._make(endpoint)
        told = f"{self._path} took the connection and did not answer within {_ANSWER_S:g} s"
        self._timer = self._loop.call_later(_ANSWER_S, lambda: link.connection.abandon(told))
        self._steps = link.first_roundtrips()
        self._callback = next(self._steps)

    def advance(self) -> None:
        """Take the next step where the roundtrip that goes on is over."""
        while self._callback is not None and not self._callback.is_alive:
            self._callback = next(self._steps, None)
            if self._callback is None:
                self.stop()
                self._delay_s = _FIRST_S

    def stop(self) -> None:
        """Neither wait nor arrive any more."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._callback = None
        self.is_waiting = False
