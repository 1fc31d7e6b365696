"""Leaves nothing behind when the test process dies: a watcher outside it, and its directories."""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from itertools import count
from pathlib import Path

from wayfold.testing import sweep as sweeper
from wayfold.testing.sweep import sweep

__all__ = ["Guardian", "guardian"]

# Waits until the test process has swept or is gone, however it went; a shell starts sooner.
_WATCH = """
trap '' HUP INT TERM
read -r told
[ "$told" = swept ] || exec "$2" -I -S "$3" "$1"
"""
# Embedded in another program, Python does not know its own.
_SWEEPER = (sys.executable or "python3", sweeper.__file__)


class Guardian:
    """Owns one process's runtime directories, below a short path of their own."""

    def __init__(self) -> None:
        # Short, since a socket's path must fit into 108 bytes; and others must pass through it,
        # since a compositor may run as another user. What lies below is closed to them.
        parent = "/tmp" if os.access("/tmp", os.W_OK) else None
        self._root = Path(tempfile.mkdtemp(prefix="wf-", dir=parent))
        self._root.chmod(0o711)
        self._numbers = count(1)
        self._pipe_in, self._pipe_out = os.pipe()
        self._watcher = subprocess.Popen(
            ["/bin/sh", "-c", _WATCH, "wayfold-guardian", self._root, *_SWEEPER],
            stdin=self._pipe_in,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": f"{os.defpath}:{os.environ.get('PATH', '')}"},
            start_new_session=True,
        )
        os.close(self._pipe_in)
        atexit.register(self._finish)
        os.register_at_fork(after_in_child=self._disown)

    def make_directory(self, user_id: int, group_id: int) -> Path:
        """Make a runtime directory for a user, mode 0700."""
        directory = self._root / str(next(self._numbers))
        directory.mkdir(0o700)
        if user_id != os.geteuid():
            os.chown(directory, user_id, group_id)
        return directory

    def remove_directory(self, directory: Path) -> None:
        """Remove a runtime directory with all that is in it."""
        shutil.rmtree(directory, ignore_errors=True)

    def _finish(self) -> None:
        # After a fork the child has let go, and the watcher is not its to wait for.
        if self._pipe_out < 0:
            return
        # Who is interrupted now has waited long enough; the watcher does the work all the same.
        with suppress(KeyboardInterrupt, BrokenPipeError):
            sweep(self._root)
            os.write(self._pipe_out, b"swept\n")
            self._let_go()
            self._watcher.wait()

    def _disown(self) -> None:
        self._let_go()
        # Said to have ended, or its Popen would warn in the child that it still runs.
        self._watcher.returncode = 0

    def _let_go(self) -> None:
        if self._pipe_out >= 0:
            os.close(self._pipe_out)
            self._pipe_out = -1
            atexit.unregister(self._finish)


@cache
def _guardian_of(process_id: int) -> Guardian:
    return Guardian()


def guardian() -> Guardian:
    """Give this process's guardian, started at the first call and again after a fork."""
    return _guardian_of(os.getpid())
