"""A disk that remembers every write and sync, and what a loss of power may leave of them.

What was written since a file's last sync may be there, or not, or in part: any 512 bytes of it. A
file that was made or taken away may be there or not until its folder was synced, which SQLite does
with a journal's or WAL's first sync, and with some deletions; what became of a folder's files is
kept in order, as journaling file systems do.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import apsw

SECTOR = 512
ROOM = 8 * SECTOR
JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL


@dataclass
class Operation:
    """What was done to a file; `promised` is what the log had called durable by then."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""
    promised: int = 0


@dataclass
class Disk(apsw.VFS):
    """An SQLite VFS that writes through and remembers.

    `held` are files that were there before, `operations` what another disk remembers of before.
    """

    name: str
    held: dict[str, bytes] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    promised: int = 0

    def __post_init__(self) -> None:
        super().__init__(self.name, "")

    def note(self, kind: str, path: str, offset: int = 0, data: bytes = b"") -> None:
        file = os.path.basename(path)
        if not file.endswith("-shm"):
            self.operations.append(Operation(kind, file, offset, data, self.promised))

    def xOpen(self, name, flags):  # noqa: N802
        return _File(self, name, flags)

    def xDelete(self, name, sync):  # noqa: N802
        super().xDelete(name, sync)
        self.note("delete", name)
        if sync:
            self.note("sync folder", name)

    def syncing(self, path: str) -> Callable[[int], None]:
        """Give what a store may call instead of fdatasync on its WAL."""

        def sync(descriptor: int) -> None:
            os.fdatasync(descriptor)
            self.note("sync", f"{path}-wal")

        return sync

    def making_room(self, path: str) -> Callable[[int, int], None]:
        """Give what a store may call to make its WAL longer; by little, for the sake of time."""

        def make_room(descriptor: int, size: int) -> None:
            os.pwrite(descriptor, bytes(ROOM), size)
            self.note("write", f"{path}-wal", size, bytes(ROOM))

        return make_room

    def images(self, seeds: int, step: int = 1) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Give what may be left after each operation, and the position promised by then.

        Of each, one without anything that was not synced, and one with all of it.
        """
        left = _Left(self.held)
        for count, operation in enumerate(self.operations):
            left.take(operation)
            for seed in range(seeds if count % step == 0 else 0):
                chance = random.Random(count * 31 + seed)
                yield operation.promised, left.image(chance, {0: 0.0, 1: 1.0}.get(seed, 0.6))


class _Left:
    """What is on a disk: files by name, as of the last sync of their folder and as of now."""

    def __init__(self, held: dict[str, bytes]) -> None:
        self._folder = {name: _Content(bytearray(content)) for name, content in held.items()}
        self._now = dict(self._folder)
        self._changes: list[tuple[str, _Content | None]] = []

    def take(self, operation: Operation) -> None:
        file = operation.file
        match operation.kind:
            case "make":
                self._change(file, _Content(bytearray()))
            case "delete":
                self._change(file, None)
            case "sync folder":
                self._folder, self._changes = dict(self._now), []
            case "sync":
                self._now[file].sync()
            case _:
                self._now[file].waiting.append(operation)

    def _change(self, file: str, content: "_Content | None") -> None:
        self._changes.append((file, content))
        _set(self._now, file, content)

    def image(self, chance: random.Random, share: float) -> dict[str, bytes]:
        folder = dict(self._folder)
        for file, content in self._changes:
            if chance.random() >= share:
                break
            _set(folder, file, content)
        return {name: content.image(chance, share) for name, content in folder.items()}


def _set(folder: dict[str, "_Content"], file: str, content: "_Content | None") -> None:
    if content is None:
        folder.pop(file, None)
    else:
        folder[file] = content


@dataclass
class _Content:
    synced: bytearray
    waiting: list[Operation] = field(default_factory=list)

    def sync(self) -> None:
        for operation in self.waiting:
            _apply(self.synced, operation)
        self.waiting = []

    def image(self, chance: random.Random, share: float) -> bytes:
        content = bytearray(self.synced)
        for operation in self.waiting:
            for piece in _pieces(operation):
                if chance.random() < share:
                    _apply(content, piece)
        return bytes(content)


def _pieces(operation: Operation) -> Iterator[Operation]:
    if operation.kind == "truncate":
        yield operation
    for start in range(0, len(operation.data), SECTOR):
        data = operation.data[start : start + SECTOR]
        yield Operation("write", operation.file, operation.offset + start, data)


def _apply(content: bytearray, operation: Operation) -> None:
    if operation.kind == "truncate":
        del content[operation.offset :]
        return
    end = operation.offset + len(operation.data)
    if len(content) < end:
        content.extend(bytes(end - len(content)))
    content[operation.offset : end] = operation.data


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: object, flags: list[int]) -> None:
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name or "")
        is_new = not os.path.exists(self._path) or not os.path.getsize(self._path)
        super().__init__("", name, flags)
        made = is_new and flags[0] & apsw.SQLITE_OPEN_CREATE
        if made:
            disk.note("make", self._path)
        self._syncs_folder = bool(made and flags[0] & JOURNALS)

    def xWrite(self, data, offset):  # noqa: N802
        super().xWrite(data, offset)
        self._disk.note("write", self._path, offset, bytes(data))

    def xTruncate(self, size):  # noqa: N802
        super().xTruncate(size)
        self._disk.note("truncate", self._path, size)

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self._disk.note("sync", self._path)
        if self._syncs_folder:
            self._disk.note("sync folder", self._path)
            self._syncs_folder = False
