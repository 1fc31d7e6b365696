"""Let one writer at a time have a log."""

import errno
import fcntl
import os

from wayfold.errors import LogInUse

__all__ = ["WriterLock"]


class WriterLock:
    """Holds the file PATH.lock, which names its owner; the kernel lets go when that one ends.

    A lock of its own, since SQLite's last only for a transaction. Raises LogInUse.
    """

    def __init__(self, path: str) -> None:
        self._path = f"{path}.lock"
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            owner = os.read(self._descriptor, 32).strip()
            os.close(self._descriptor)
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise LogInUse(path, int(owner) if owner.isdigit() else None) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in. The file stays: taking it away could take away another's."""
        os.ftruncate(self._descriptor, 0)
        os.close(self._descriptor)
