"""When outputs paint: by weston's own clock, so many times a second, or when the test says so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

__all__ = ["FrameClock"]

_TIMEOUT_S = 5.0


class _Ask(Protocol):
    def __call__(self, command: str, *, timeout: float | None = None) -> str: ...


class FrameClock:
    """The clock of all outputs of one weston."""

    def __init__(self, ask: _Ask) -> None:
        if not callable(ask):
            raise TypeError("a compositor's clock is its attribute: compositor.frame_clock")
        self._ask = ask
        self.is_manual = False

    def real(self) -> None:
        """Leave it to weston, which paints up to 60 times a second, often less."""
        self._ask("clock real")
        self.is_manual = False

    def rate(self, hz: int) -> None:
        """Paint up to `hz` times a second, from 1 to 1000; outputs tell it as their refresh."""
        self._ask(f"clock rate {hz}")
        self.is_manual = False

    def manual(self) -> None:
        """Paint nothing until `tick`, or for a screenshot, which paints one frame."""
        self._ask("clock manual")
        self.is_manual = True

    def tick(self, frames: int = 1, *, timeout: float = _TIMEOUT_S) -> None:
        """Paint one frame after the other, waiting for each until there is something to paint.

        When it returns, frame callbacks are on their way to clients. A client in the test's own
        thread must have been dispatched before, since nothing else does it meanwhile. Raises
        CompositorTimeout where no client draws within `timeout` seconds, CommandRefused where the
        clock is not manual.
        """
        for _ in range(frames):
            self._ask("tick wait", timeout=timeout)

    def tick_now(self) -> int:
        """Paint what there is to be painted now; tell on how many outputs that was."""
        return int(self._ask("tick now"))

    @contextmanager
    def held(self) -> Iterator[Callable[..., None]]:
        """Have it manual inside, and weston's own again behind; gives `tick`."""
        self.manual()
        try:
            yield self.tick
        finally:
            self.real()
