"""Keep signals out of the few steps that must happen together or not at all."""

import signal
import threading

__all__ = ["Shield"]

_HELD_BACK = frozenset(
    (
        signal.SIGALRM,
        signal.SIGCHLD,
        signal.SIGHUP,
        signal.SIGINT,
        signal.SIGTERM,
        signal.SIGUSR1,
        signal.SIGUSR2,
    )
)


class Shield:
    """A context in which no signal handler of Python's runs, so that none can raise.

    What arrives meanwhile is handled right behind it. Python runs signal handlers in the main
    thread alone, so that elsewhere there is nothing to do.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        self._before = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)

    def __exit__(self, *exception: object) -> None:
        if self._before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._before)
