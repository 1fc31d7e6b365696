"""Programs that a test runs under its compositor: ended with the test, whatever happens in it."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, Self

from wayfold.testing.process import how_it_ended
from wayfold.testing.written import Written

__all__ = ["Launched", "Launcher"]

_GRACE_S = 2.0


class Host(Protocol):
    """What programs are run under."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the environment in which a program finds it."""


class Launched(subprocess.Popen[bytes]):
    """A running program in a process group of its own; `wait`, `poll` and so on are Popen's.

    Leaving its `with` ends it, where Popen would wait for it. What it writes is kept in memory.
    """

    def __init__(self, command: tuple[str, ...], hint: str = "", **options: Any) -> None:
        self.name = Path(command[0]).name
        self._hint = hint
        self._is_over = False
        self._output, self._error_output = Written(), Written()
        kept = {"stdout": self._output.descriptor, "stderr": self._error_output.descriptor}
        given = {"stdin": subprocess.DEVNULL, **kept, **options, "start_new_session": True}
        try:
            super().__init__(command, **given)
        except BaseException:
            self._close()
            raise

    @property
    def output(self) -> str:
        """Give what it has written so far; of very much, the end."""
        return self._output.text

    @property
    def error_output(self) -> str:
        """Give what it has written to its standard error so far; of very much, the end."""
        return self._error_output.text

    @property
    def log(self) -> str:
        """Tell how it goes and all that it has written, for a report."""
        status = self.poll()
        told = ["still running" if status is None else how_it_ended(status)]
        if status and self._hint:
            told.append(self._hint)
        return "\n".join([*told, *filter(None, (self.output, self.error_output))])

    def __exit__(self, *ending: object) -> None:
        self.end()

    def ask_to_end(self) -> None:
        """Send SIGTERM to it and to what it has started, unless it has ended."""
        if self.poll() is None:
            self._signal(signal.SIGTERM)

    def end(self, *, grace: float = _GRACE_S) -> None:
        """End it with what it has started: asked first, killed after `grace` seconds."""
        if self._is_over:
            return
        self.ask_to_end()
        with suppress(subprocess.TimeoutExpired):
            self.wait(grace)
        # Where it has ended, what it started may not have; their group keeps its number till then.
        self._signal(signal.SIGKILL)
        self.wait()
        self._is_over = True
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()
        self._close()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def _close(self) -> None:
        self._output.close()
        self._error_output.close()


class Launcher:
    """Starts programs under a compositor or a tap, and ends them.

    `launched` is told of each one. Without pytest: `with Launcher(compositor) as launch:`.
    """

    def __init__(self, host: Host, launched: Callable[[Launched], None] | None = None) -> None:
        self._host = host
        self._tell = launched
        self._running: list[Launched] = []

    def __call__(
        self, *command: str, env: Mapping[str, str] | None = None, **options: Any
    ) -> Launched:
        """Start a program with its arguments; `env` is added to the compositor's environment.

        Without input, in a group of its own, its output and errors kept; `options` such as `cwd`
        and `stdin` are those of Popen. Raises OSError where it cannot be run, TypeError on a list.
        """
        if not command:
            raise ValueError("a program is needed, and its arguments as words of their own")
        for word in command:
            if not isinstance(word, str | bytes | os.PathLike):
                told = 'each word is an argument of its own, as in launch("foot", "-e", "true")'
                raise TypeError(f"{told}, and {word!r:.80} is none; of a list, launch(*words)")
        environment = {**self._host.environment, **(env or {})}
        made = Launched(command, self._hint(), env=environment, **options)
        self._running.append(made)
        if self._tell is not None:
            self._tell(made)
        return made

    def _hint(self) -> str:
        if getattr(self._host, "offers_seat", True):
            return ""
        return 'its compositor has no seat, and some programs end without one: needs=["seat"]'

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *ending: object) -> None:
        self.end()

    def end(self) -> None:
        """End every program that still runs; all are asked before the first one is waited for."""
        for each in self._running:
            each.ask_to_end()
        moment = time.monotonic() + _GRACE_S
        while self._running:
            self._running.pop().end(grace=max(0.0, moment - time.monotonic()))
