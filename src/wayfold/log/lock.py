"""Let one writer at a time have a log."""

import fcntl
import os

from wayfold.errors import LogInUse

__all__ = ["WriterLock"]


class WriterLock:
    """Holds the file PATH.lock, which names its owner; the kernel lets go when that one ends.

    A lock of its own, since SQLite's last only for a transaction. A symbolic link is not followed:
    what is emptied must be ours. Raises LogInUse, OSError.
    """

    def __init__(self, path: str) -> None:
        flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        self._owner = os.getpid()
        self._descriptor = os.open(f"{path}.lock", flags, 0o600)
        try:
            self._take(path)
        except BaseException:
            os.close(self._descriptor)
            raise

    def _take(self, path: str) -> None:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(self._descriptor, 32, 0).strip()
            raise LogInUse(path, int(owner) if owner.isdigit() else None) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{self._owner}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in. The file stays: taking it away could take away another's."""
        try:
            if self._owner == os.getpid():  # and not a fork, which shares the lock
                os.ftruncate(self._descriptor, 0)
        finally:
            os.close(self._descriptor)
