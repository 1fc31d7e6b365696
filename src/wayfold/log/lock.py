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
        self._owner = os.getpid()
        self._path = f"{path}.lock"
        self._descriptor = _locked(self._path, path)
        # Its last owner may take the file away between our opening it and our locking it.
        while not self._is_there():
            os.close(self._descriptor)
            self._descriptor = _locked(self._path, path)
        try:
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{self._owner}\n".encode(), 0)
        except BaseException:
            self.release()
            raise

    def _is_there(self) -> bool:
        try:
            found = os.stat(self._path, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(found, os.fstat(self._descriptor))

    def release(self) -> None:
        """Let the next writer in, and take the file away while it is ours: nobody's else goes."""
        try:
            if self._owner == os.getpid() and self._is_there():  # and not a fork, which shares it
                os.unlink(self._path)
        except OSError:
            os.ftruncate(self._descriptor, 0)  # where nothing can be removed any more
        finally:
            os.close(self._descriptor)


def _locked(lock: str, path: str) -> int:
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(lock, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner = os.pread(descriptor, 32, 0).strip()
        os.close(descriptor)
        raise LogInUse(path, int(owner) if owner.isdigit() else None) from error
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor
