"""A program that is run in our place: our descriptors, our terminal, the signals that we get."""

import os
import signal
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from wayfold.cli.failures import CommandFailed

__all__ = ["Child", "run_child", "started"]

_FORWARDED = {
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
}
_TAKEN = _FORWARDED | {signal.SIGCHLD}
_BY_KERNEL = 0x80  # SI_KERNEL: typed at a terminal, whose whole foreground group has it already
_GRACE_S = 2.0


class Child:
    """Waited for by signals that are blocked meanwhile, so that none is lost or ends us first.

    At a terminal it stays in our process group, or it could not read from there. Elsewhere it gets
    a group of its own: a signal to ours would reach it twice, once directly and once from us.
    """

    def __init__(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: int | None = None
    ) -> None:
        self.exit_status: int | None = None
        self._has_group = not _has_terminal()
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _TAKEN)
        try:
            self.pid = self._spawned(arguments, environment, output)
        except BaseException:
            self._unblock()
            raise

    def _spawned(
        self, arguments: Sequence[str], environment: Mapping[str, str], output: int | None
    ) -> int:
        return os.posix_spawnp(
            arguments[0],
            list(arguments),
            environment,
            file_actions=_redirected(output),
            setsigmask=self._mask,
            # Python ignores these two, and what is ignored stays so in a new program.
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),
            setpgroup=0 if self._has_group else os.getpgrp(),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()
        self._unblock()

    @property
    def has_ended(self) -> bool:
        """True once it has ended; `exit_status` is then set, 128 and more for a signal."""
        if self.exit_status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.exit_status = code if code >= 0 else 128 - code
        return self.exit_status is not None

    def await_change(self, timeout: float | None) -> None:
        """Wait until a child of ours has ended or a signal was passed on, or for the time-out."""
        if timeout is None:
            received: signal.struct_siginfo | None = signal.sigwaitinfo(_TAKEN)
        else:
            received = signal.sigtimedwait(_TAKEN, max(0.0, timeout))
        if received is not None and _is_for_child(received):
            self._signal(signal.Signals(received.si_signo))

    def wait(self, timeout: float) -> bool:
        """Wait for its end for up to `timeout` seconds and tell whether it came."""
        moment = time.monotonic() + timeout
        while not self.has_ended and (left := moment - time.monotonic()) > 0:
            self.await_change(left)
        return self.has_ended

    def end(self) -> None:
        """Ask it to end, wait a little, and kill it; nothing happens once it has ended."""
        if self.has_ended:
            return
        self._signal(signal.SIGTERM)
        if not self.wait(_GRACE_S):
            self._signal(signal.SIGKILL)
            while not self.has_ended:
                self.await_change(None)

    def _signal(self, number: signal.Signals) -> None:
        # It was not reaped, so that neither number can be somebody else's.
        if self._has_group:
            os.killpg(self.pid, number)
        else:
            os.kill(self.pid, number)

    def _unblock(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)


def started(command: Sequence[str], environment: Mapping[str, str]) -> Child:
    """Start a program; raises CommandFailed where it cannot be run."""
    try:
        return Child(command, environment)
    except OSError as error:
        raise CommandFailed(f"{command[0]} cannot be run: {error.strerror}") from error


def run_child(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program to its end and give its exit status; raises CommandFailed as `started`."""
    with started(command, environment) as child:
        while not child.has_ended:
            child.await_change(None)
    assert child.exit_status is not None
    return child.exit_status


def _redirected(output: int | None) -> list[tuple[Any, ...]]:
    if output is None:
        return []
    # Who is not heard is not asked either: several programs would take input from each other.
    closed = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    return [closed, *((os.POSIX_SPAWN_DUP2, output, to) for to in (1, 2))]


def _is_for_child(received: signal.struct_siginfo) -> bool:
    return received.si_signo in _FORWARDED and received.si_code != _BY_KERNEL


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
