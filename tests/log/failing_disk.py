"""A disk of which one operation fails, as an SQLite VFS that counts them."""

import uuid

import apsw


class FailingDisk(apsw.VFS):
    """A VFS whose operation of a given number fails, and that counts them."""

    def __init__(self, fails_at=None):
        self.name = f"failing-{uuid.uuid4().hex}"
        self.count = 0
        self.fails_at = fails_at
        self.failed = None
        super().__init__(self.name, "")

    def may_fail(self, kind, error):
        self.count += 1
        if self.count == self.fails_at:
            self.failed = kind
            raise error("as if the disk had failed")

    def xOpen(self, name, flags):  # noqa: N802
        self.may_fail("open", apsw.CantOpenError)
        return _File(self, name, flags)

    def xDelete(self, name, sync):  # noqa: N802
        self.may_fail("delete", apsw.IOError)
        super().xDelete(name, sync)

    def xAccess(self, name, flags):  # noqa: N802
        self.may_fail("access", apsw.IOError)
        return super().xAccess(name, flags)

    def sync(self, descriptor):
        """Fail as fdatasync does."""
        self.may_fail("fdatasync", OSError)


class _File(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        self._disk = disk
        super().__init__("", name, flags)


def _failing(method, error):
    def call(self, *arguments):
        self._disk.may_fail(method, error)
        return getattr(super(_File, self), method)(*arguments)

    return call


for _method, _error in {
    "xRead": apsw.IOError,
    "xWrite": apsw.IOError,
    "xTruncate": apsw.IOError,
    "xSync": apsw.IOError,
    "xFileSize": apsw.IOError,
    "xLock": apsw.BusyError,
}.items():
    setattr(_File, _method, _failing(_method, _error))
