"""What is at the path of a log, looked at before SQLite does."""

import contextlib
import os
import stat

import apsw

from wayfold.errors import LogUnusable, NotALog
from wayfold.log.failing import FULL, told
from wayfold.log.tables import APPLICATION_ID

__all__ = ["Place"]

_MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_OPEN_HINTS = {
    FileNotFoundError: "its folder does not exist; make that, or name another file",
    PermissionError: "this user may not open it; name another file, or have its owner allow it",
}


class Place:
    """A path, with symbolic links followed, as SQLite does to find its WAL beside the file.

    The file is read through SQLite's own VFS: the kernel forgets all locks of a process on a file
    when any descriptor of it is closed, also those of a connection that is still open.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.named = os.fsdecode(path)
        self.path = os.path.realpath(self.named)
        self._found: tuple[int, int] | None = None

    def check(self, *, is_read_only: bool) -> None:
        """Raise NotALog where something else is there, or where there is nothing to read."""
        if not self.named:
            raise NotALog("''", "a file's name is needed, and this one is empty")
        try:
            found = os.stat(self.path)
        except FileNotFoundError as error:
            if is_read_only:
                raise NotALog(self.named, "there is no such file") from error
            return
        except OSError as error:
            raise self.unusable(error) from error
        if not stat.S_ISREG(found.st_mode):
            what = "a directory" if stat.S_ISDIR(found.st_mode) else "no regular file"
            raise NotALog(self.named, f"it is {what}, not a log")
        if found.st_nlink > 1 and not is_read_only:
            # The lock and the WAL are beside one name: under another, nobody would see them.
            raise LogUnusable(
                self.named,
                f"it has {found.st_nlink} names (hard links), and two writers under two of them "
                "would destroy it: remove the others, write to a copy, or read it only",
            )
        if found.st_size:
            self._check_header()
        elif is_read_only and not self._has("-journal"):
            raise NotALog(self.named, "it is empty: nothing was ever recorded to it")

    def _check_header(self) -> None:
        if self._has("-journal"):
            return  # its making was cut short; SQLite undoes that before anybody looks
        header = self._header()
        mark = int.from_bytes(header[68:72], "big")
        if not header.startswith(_MAGIC) or mark != APPLICATION_ID:
            raise NotALog(self.named, "it is no log of wayfold's, and was left as it is")

    def _header(self) -> bytes:
        flags = [apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_MAIN_DB, 0]
        try:
            file = apsw.VFSFile("", self.path, flags)
        except apsw.Error as error:
            raise self.unusable(PermissionError()) from error
        try:
            return file.xRead(_HEADER_BYTES, 0)
        except apsw.Error as error:
            if os.path.getsize(self.path) < _HEADER_BYTES:
                return b""
            raise LogUnusable(self.named, f"it cannot be read: {error}") from error
        finally:
            file.xClose()

    def _has(self, suffix: str) -> bool:
        return os.path.exists(self.path + suffix)

    def make(self) -> None:
        """Make the file where there is none, for its owner alone; raises LogUnusable."""
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC
        try:
            os.close(os.open(self.path, flags, 0o600))
        except FileExistsError:
            return
        except OSError as error:
            raise self.unusable(error) from error

    def check_beside(self) -> None:
        """Raise LogUnusable where a reader who may not write the log has left what only he may."""
        for suffix in ("-wal", "-shm"):
            beside = self.path + suffix
            if self._has(suffix) and not os.access(beside, os.R_OK | os.W_OK):
                raise LogUnusable(
                    self.named,
                    f"this user may not write {beside}, which somebody else's reading made: have "
                    "its owner allow it, or remove it if it is empty and nobody reads the log",
                )

    def unusable(self, error: OSError) -> LogUnusable:
        """Tell why a file cannot be opened, and what to do."""
        if error.errno in FULL:
            return told(self.named, error, "")
        hint = _OPEN_HINTS.get(type(error), "name another file")
        reason = error.strerror or "it may not be opened"
        return LogUnusable(self.named, f"{reason}: {hint}")

    @property
    def is_read_only(self) -> bool:
        """True where nobody can write beside the file, and nobody has."""
        return not os.access(os.path.dirname(self.path), os.W_OK) and not self._has("-wal")

    def remember(self) -> None:
        """Note which file is there now."""
        self._found = self._identity("")

    @property
    def is_known(self) -> bool:
        """True once it was noted which file is there: it is a log."""
        return self._found is not None

    def check_unmoved(self, wal: int) -> None:
        """Raise FileNotFoundError where the file or its WAL is not the one that was opened."""
        if self._identity("") != self._found or not self._is_beside(wal):
            raise FileNotFoundError("it was moved, removed or replaced while it was open")

    def is_parted(self, wal: int) -> bool:
        """True where the file is elsewhere, and its WAL is where both were."""
        try:
            is_there = self._identity("") == self._found
        except OSError:
            is_there = False
        return not is_there and self._is_beside(wal)

    def written_ns(self) -> int | None:
        """Give when the file that was opened was last written, wherever it is; None without /proc.

        By SQLite's descriptor of it, as one of our own could not be closed again.
        """
        for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd") else ():
            with contextlib.suppress(OSError):  # that of the listing itself is closed by now
                found = os.fstat(int(name))
                if (found.st_dev, found.st_ino) == self._found:
                    return found.st_mtime_ns
        return None

    def _is_beside(self, wal: int) -> bool:
        # Linux 6.13 gives a file a finer time at the first write after a stat of it, which the next
        # sync waits for: so the WAL is asked for its name.
        try:
            return os.readlink(f"/proc/self/fd/{wal}") == f"{self.path}-wal"
        except FileNotFoundError:  # there is no /proc
            opened = os.fstat(wal)
            return self._identity("-wal") == (opened.st_dev, opened.st_ino)

    def check_there(self) -> None:
        """Raise LogUnusable where the file is not, or no longer, the one that was opened."""
        try:
            is_there = self._identity("") == self._found
        except OSError as error:
            raise LogUnusable(self.named, f"it is out of reach: {error.strerror}") from error
        if not is_there:
            raise LogUnusable(self.named, "another file took its place; open it again")

    def _identity(self, suffix: str) -> tuple[int, int]:
        found = os.stat(self.path + suffix)
        return found.st_dev, found.st_ino
