"""Run a program under a compositor that is there for it alone, and tell how it ended."""

import errno
import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from wayfold.cli.child import Child
from wayfold.cli.lookout import PERIOD_S
from wayfold.testing.compositor import Compositor
from wayfold.testing.failures import HarnessError, log_tail

__all__ = ["NO_COMPOSITOR", "Ending", "Onlooker", "attend"]

TIMED_OUT, NO_COMPOSITOR, NOT_EXECUTABLE, NOT_FOUND = 124, 125, 126, 127
_GRACE_S = 2.0


class Ending(NamedTuple):
    """An exit code as shells have it, and what is to be said beside what the program said."""

    exit_code: int
    complaint: str = ""


class Onlooker(Protocol):
    """What looks at a compositor before its program starts and then again and again."""

    def look(self, compositor: Compositor) -> None:
        """Look once."""


def attend(
    command: Sequence[str],
    compositor: Compositor,
    *,
    timeout_s: float | None = None,
    output: int | None = None,
    lookout: Onlooker | None = None,
) -> Ending:
    """Start the compositor, run the program, end both.

    `output` is the descriptor that gets the program's output and errors instead of our own.
    """
    try:
        with compositor:
            if lookout is not None:
                lookout.look(compositor)
            try:
                child = Child(command, compositor.environment, output)
            except OSError as error:
                return _not_started(command[0], error)
            with child:
                return _attended(child, compositor, timeout_s, lookout)
    except HarnessError as error:
        return Ending(NO_COMPOSITOR, str(error))


def _not_started(name: str, error: OSError) -> Ending:
    code = NOT_FOUND if error.errno == errno.ENOENT else NOT_EXECUTABLE
    return Ending(code, f"{name} cannot be run: {error.strerror}")


def _attended(
    child: Child, compositor: Compositor, timeout_s: float | None, lookout: Onlooker | None
) -> Ending:
    end_s = None if timeout_s is None else time.monotonic() + timeout_s
    while not child.has_ended and compositor.is_running:
        left_s = None if end_s is None else end_s - time.monotonic()
        if lookout is not None:
            lookout.look(compositor)
        if left_s is not None and left_s <= 0:
            return Ending(TIMED_OUT, f"not ended after {timeout_s:g} s, and so ended")
        child.await_change(_sooner(left_s, None if lookout is None else PERIOD_S))
    if not child.wait(_GRACE_S):
        return Ending(NO_COMPOSITOR, f"{compositor.name} ended first\n{log_tail(compositor.log)}")
    assert child.exit_status is not None
    # A program sees that its compositor dies, and may end of it, before the compositor has died.
    if not compositor.answers():
        _await_end(child, compositor)
    return Ending(child.exit_status)


def _sooner(*times_s: float | None) -> float | None:
    return min((each for each in times_s if each is not None), default=None)


def _await_end(child: Child, compositor: Compositor) -> None:
    end_s = time.monotonic() + _GRACE_S
    while compositor.is_running and (left_s := end_s - time.monotonic()) > 0:
        child.await_change(left_s)
