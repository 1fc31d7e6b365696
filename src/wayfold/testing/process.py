"""A compositor's process: start it, wait for it, stop it, and keep its log."""

import ctypes
import os
import select
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from threading import Lock
from typing import NamedTuple

from wayfold.testing.written import Written

__all__ = ["Command", "CompositorProcess", "User", "how_it_ended", "own_user", "unprivileged"]

_PR_SET_CHILD_SUBREAPER = 36
# Whatever ours is: what a compositor makes for another user to use must be usable. All of it is in
# a directory that is closed to others.
_UMASK = 0o022


class User(NamedTuple):
    """Whom a compositor runs as."""

    user_id: int
    group_id: int

    @property
    def is_other(self) -> bool:
        """True where privileges must be dropped to become this user."""
        return self.user_id != os.geteuid()


def own_user() -> User:
    """Give the user of the test process."""
    return User(os.geteuid(), os.getegid())


def unprivileged() -> User:
    """Give whom a compositor runs as that refuses root: `nobody` where we are root."""
    if os.geteuid() != 0:
        return own_user()
    import pwd  # not needed by others, and they are in a hurry

    nobody = pwd.getpwnam("nobody")
    return User(nobody.pw_uid, nobody.pw_gid)


class Command(NamedTuple):
    """What is run, with the whole environment it gets; without a user as our own.

    `passed` keep their numbers in the new process, `listener` becomes its standard input.
    """

    arguments: Sequence[str]
    environment: Mapping[str, str]
    user: User | None = None
    passed: tuple[socket.socket, ...] = ()
    listener: socket.socket | None = None


def how_it_ended(status: int | None) -> str:
    """Tell an exit status as Popen has it; signals by their names."""
    if status is None:
        return "it hung up"
    if status < 0:
        return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"


class CompositorProcess:
    """A running compositor in a session of its own, which ends with all its helpers."""

    def __init__(self, command: Command) -> None:
        self._written = Written()
        self._stopping = Lock()
        try:
            self._process = _started(command, self._written.descriptor)
            self.descriptor = os.pidfd_open(self._process.pid)
        except BaseException:
            self._written.close()
            raise

    @property
    def pid(self) -> int:
        """Give the process's number."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Give what it has written so far; of very much, the end."""
        return self._written.text

    @property
    def has_ended(self) -> bool:
        """True once it is dead, reaped or not."""
        return self.descriptor < 0 or self.wait(0.0)

    @property
    def exit_status(self) -> int | None:
        """Give its exit status, or minus the signal; None until it was reaped by `stop`."""
        return self._process.returncode

    def wait(self, timeout: float) -> bool:
        """Wait for its end, without reaping it; False where it still runs."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLIN)
        return bool(poll.poll(timeout * 1000))

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens once it is dead."""
        if self.descriptor >= 0:
            signal.pidfd_send_signal(self.descriptor, number)

    def stop(self) -> None:
        """Kill it and its helpers and reap it; safe to repeat, and from any thread."""
        with self._stopping:
            if self.descriptor < 0:
                return
            _adopt_orphans(True)
            try:
                self._kill_group()
            finally:
                _adopt_orphans(False)
            self._release()

    def _kill_group(self) -> None:
        # Unreaped, it keeps its number, so that the group cannot be somebody else's.
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        with suppress(ChildProcessError):
            while True:
                os.waitpid(-self.pid, 0)

    def _release(self) -> None:
        self._written.close()
        os.close(self.descriptor)
        self.descriptor = -1


def _adopt_orphans(is_wanted: bool) -> None:
    # weston's helpers outlive it by a moment. In a container whose first process reaps nobody
    # each would stay as a zombie, so they become our children while the group is killed.
    _library().prctl(_PR_SET_CHILD_SUBREAPER, int(is_wanted), 0, 0, 0)


@cache
def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None)


def _started(command: Command, log: int) -> subprocess.Popen[bytes]:
    passed = [each.fileno() for each in command.passed]
    user = command.user or own_user()
    listener = command.listener
    return subprocess.Popen(
        command.arguments,
        env=command.environment,
        stdin=subprocess.DEVNULL if listener is None else listener.fileno(),
        stdout=log,
        stderr=log,
        cwd="/",
        pass_fds=passed,
        start_new_session=True,
        umask=_UMASK,
        user=user.user_id if user.is_other else None,
        group=user.group_id if user.is_other else None,
        extra_groups=[] if user.is_other else None,
    )
