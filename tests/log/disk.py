"""A disk that remembers every write and sync, and what a loss of power may leave of them.

What was written since a file's last sync may be there, or not, or in part: any 512 bytes of it.
That a file was made or taken away is taken as durable at once.
"""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512


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
    """An SQLite VFS that writes through and remembers."""

    name: str
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

    def syncing(self, path: str) -> Callable[[int], None]:
        """Give what a store may call instead of fdatasync on its WAL."""

        def sync(descriptor: int) -> None:
            os.fdatasync(descriptor)
            self.note("sync", f"{path}-wal")

        return sync

    def images(self, seeds: int) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Give what may be left after each operation, and the position promised by then."""
        for count in range(1, len(self.operations) + 1):
            for seed in range(seeds):
                yield self._promised_by(count), self._image(count, random.Random(count * 31 + seed))

    def _promised_by(self, count: int) -> int:
        return self.operations[count - 1].promised

    def _image(self, count: int, chance: random.Random) -> dict[str, bytes]:
        held: dict[str, bytearray] = {}
        waiting: dict[str, list[Operation]] = {}
        for operation in self.operations[:count]:
            file = operation.file
            if operation.kind == "delete":
                held.pop(file, None)
                waiting.pop(file, None)
                continue
            held.setdefault(file, bytearray())
            if operation.kind == "sync":
                for each in waiting.pop(file, ()):
                    _apply(held[file], each)
            else:
                waiting.setdefault(file, []).append(operation)
        for file, unsynced in waiting.items():
            for each in unsynced:
                for piece in _pieces(each):
                    if chance.random() < 0.6:
                        _apply(held[file], piece)
        return {file: bytes(content) for file, content in held.items()}


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
        super().__init__("", name, flags)
        if not Path(self._path).stat().st_size:
            disk.note("make", self._path)

    def xWrite(self, data, offset):  # noqa: N802
        super().xWrite(data, offset)
        self._disk.note("write", self._path, offset, bytes(data))

    def xTruncate(self, size):  # noqa: N802
        super().xTruncate(size)
        self._disk.note("truncate", self._path, size)

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self._disk.note("sync", self._path)
