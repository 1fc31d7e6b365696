"""Threads that think for the parts of processes; any number, coming and going."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

__all__ = ["Worker"]


class Worker:
    """A thread that calls what it is given, in order.

    It is given pure functions and never touches the log. One that hangs or dies is told of by
    whoever notices, and its parts are given to others.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._tasks: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=f"worker {name}", daemon=True)
        self._thread.start()

    def submit(self, task: Callable[[], object]) -> None:
        """Have a function called when those before it are done."""
        self._tasks.put(task)

    def _run(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()

    def close(self) -> None:
        """Let the thread end when it has done what it was given."""
        self._tasks.put(None)
