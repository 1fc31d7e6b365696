"""Records that failed, and those of the same key behind them, waiting in order."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from wayfold.log import Log
from wayfold.log.beside import Beside

__all__ = ["Parked", "Parking", "parking_of", "parkings"]

_LOAD = "SELECT position, key, error, is_dropped FROM parked WHERE follower = ? ORDER BY position"
_FOLLOWERS = "SELECT DISTINCT follower FROM parked ORDER BY follower"
_DROPPED, _ASKED = 1, 2
"""Kept in `is_dropped`; 0 is what waits, and nobody has asked for it."""


class Parked(NamedTuple):
    """A record that waits: where it is, whose sequence it belongs to, and why."""

    position: int
    key: str
    error: str


class Parking:
    """What a view or process has parked; in the tables of the log where it has any.

    Whoever changes it writes within the transaction first and notes it here when that is over.
    """

    def __init__(self, follower: str, rows: Iterable[tuple[int, str, str, int]] = ()) -> None:
        self.follower = follower
        self.dropped: set[int] = set()
        self.asked: set[str] = set()
        """The keys that somebody has asked to be released, while the program did not run."""
        self._by_key: dict[str, dict[int, Parked]] = {}
        for position, key, error, mark in rows:
            if mark == _DROPPED:
                self.dropped.add(position)
            else:
                self.note(Parked(position, key, error))
            if mark == _ASKED:
                self.asked.add(key)

    def __contains__(self, key: str) -> bool:
        return key in self._by_key

    def __len__(self) -> int:
        return sum(map(len, self._by_key.values()))

    def __iter__(self) -> Iterator[Parked]:
        return iter(sorted(each for lot in self._by_key.values() for each in lot.values()))

    def of(self, key: str) -> list[Parked]:
        """Give what is parked of a key, in order."""
        return sorted(self._by_key.get(key, {}).values())

    @property
    def first(self) -> int | None:
        """The position of the oldest record that waits."""
        return min((min(lot) for lot in self._by_key.values()), default=None)

    def note(self, parked: Parked) -> None:
        """Know that a record waits."""
        self._by_key.setdefault(parked.key, {})[parked.position] = parked

    def forget(self, parked: Parked, *, is_dropped: bool = False) -> None:
        """Know that a record waits no longer; again it changes nothing."""
        lot = self._by_key.get(parked.key, {})
        lot.pop(parked.position, None)
        if not lot:
            self._by_key.pop(parked.key, None)
        if is_dropped:
            self.dropped.add(parked.position)

    # -- in the transaction that is going on --------------------------------------------------

    def write(self, beside: Beside, parked: Parked) -> None:
        """Park a record; again it changes nothing."""
        row = (self.follower, parked.position, parked.key, parked.error)
        beside.execute("INSERT OR REPLACE INTO parked VALUES (?, ?, ?, ?, 0)", row)
        first = self.first
        self._hold(beside, parked.position if first is None else min(first, parked.position))

    def unwrite(self, beside: Beside, parked: Parked, *, is_dropped: bool = False) -> None:
        """Take a record out, or mark it as one that is never to be tried again."""
        where = (self.follower, parked.position)
        if is_dropped:
            statement = "UPDATE parked SET is_dropped = 1 WHERE follower = ? AND position = ?"
        else:
            statement = "DELETE FROM parked WHERE follower = ? AND position = ?"
        beside.execute(statement, where)
        waiting = (at for lot in self._by_key.values() for at in lot if at != parked.position)
        self._hold(beside, min(waiting, default=None))

    def ask(self, beside: Beside, key: str) -> None:
        """Have the next start release what is parked of a key."""
        statement = "UPDATE parked SET is_dropped = ? WHERE follower = ? AND key = ?"
        beside.execute(f"{statement} AND is_dropped = 0", (_ASKED, self.follower, key))

    def _hold(self, beside: Beside, first: int | None) -> None:
        """Keep the records from the oldest parked one on from being cut."""
        beside.hold(f"{self.follower}/parked", None if first is None else first - 1)


def parking_of(log: Log, follower: str) -> Parking:
    """Give what the log's tables hold as parked by a follower."""
    rows: list[Any] = log.read(_LOAD, (follower,))
    return Parking(follower, rows)


def parkings(log: Log) -> list[Parking]:
    """Give what everybody has parked in a log."""
    return [parking_of(log, follower) for (follower,) in log.read(_FOLLOWERS)]
