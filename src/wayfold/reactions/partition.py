"""Parts of a process by key: which key belongs where, and who owns a part."""

from typing import Any, NamedTuple
from zlib import crc32

from wayfold.errors import PositionMoved
from wayfold.log import Fact, Log, Origin

__all__ = ["Lease", "Part", "part_of"]


def part_of(key: str, count: int) -> int:
    """Give the part of a key: the same in every process, on every machine."""
    return crc32(key.encode()) % count


class Part(NamedTuple):
    """One of several parts of a process."""

    process: str
    number: int
    parts: int

    @property
    def subject(self) -> str:
        """What the records of its leases are about."""
        return f"partition/{self.process}/{self.number}of{self.parts}"

    @property
    def hold(self) -> str:
        """The name that its position is kept under."""
        return f"process/{self.process}/{self.number}of{self.parts}"

    def has(self, key: str) -> bool:
        """Tell whether a key belongs to it."""
        return part_of(key, self.parts) == self.number


class Lease:
    """The right to decide for a part, until somebody else takes it.

    Its epoch is the version of the record that gave it: whoever is given a later one fences this
    one off, as every write checks that it is still the last.
    """

    def __init__(self, log: Log, part: Part, worker: str) -> None:
        self.part = part
        self.worker = worker
        self._log = log
        self.epoch = log.version(part.subject) + 1
        data: dict[str, Any] = {"worker": worker, "epoch": self.epoch}
        log.append_facts((Fact("partition.leased", part.subject, data, Origin.WAYFOLD),))

    @property
    def is_held(self) -> bool:
        """False once somebody else was given the part."""
        return self._log.version(self.part.subject) == self.epoch

    def check(self) -> None:
        """Raise PositionMoved where the part is somebody else's."""
        if not self.is_held:
            actual = self._log.version(self.part.subject)
            raise PositionMoved(self.part.subject, expected=self.epoch, actual=actual)
