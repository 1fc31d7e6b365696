"""A process in parts, each owned by one worker at a time; order within a key is kept."""

from collections.abc import Callable, Iterable
from typing import Any

from wayfold.expect.names import Names
from wayfold.log import Log, Record
from wayfold.reactions.agenda import OpenDeadline
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.follower import Follower
from wayfold.reactions.parking import Parked
from wayfold.reactions.part_home import PartHome
from wayfold.reactions.partition import Lease, Part, part_of
from wayfold.reactions.process import Process
from wayfold.reactions.process_home import hearing, key_of
from wayfold.reactions.take_over import take_over
from wayfold.reactions.worker import Worker

__all__ = ["Partitioned"]


class Partitioned:
    """What a runner runs in place of a whole process.

    A part is leased to a worker by a record, whose version is the lease's epoch. Joining, leaving
    and dying hand parts over: the new owner folds the part's states from their snapshot and the
    records behind it before it decides, and what the old one still writes is refused.
    """

    def __init__(self, assignment: Assignment, count: int, ring: Callable[[], None]) -> None:
        if count < 1:
            raise ValueError(f"a process has 1 part or more, not {count}")
        self.process, self._log, self._agenda, *_ = assignment
        self._assignment = assignment
        self._ring = ring
        self._parts = [Part(self.process.name, number, count) for number in range(count)]
        self._workers: dict[str, Worker] = {}
        self._owners: dict[int, str] = {}
        self._followers: dict[int, Follower] = {}
        self._pages = _Pages(self._log, self.process, count)
        take_over(self._log, self.process.name, self._parts)

    # -- workers ------------------------------------------------------------------------------

    def join(self, name: str) -> None:
        """Let a worker take its share of the parts; raises ValueError on a name that is taken."""
        if name in self._workers:
            raise ValueError(f"a worker {name!r} is there already; give each its own name")
        self._workers[name] = Worker(name)
        self._spread()

    def leave(self, name: str) -> None:
        """Let a worker go, whether it ends in good order, hangs or has died."""
        self._workers.pop(name).close()
        for number in [n for n, owner in self._owners.items() if owner == name]:
            del self._owners[number]
        self._spread()

    @property
    def owners(self) -> dict[int, str]:
        """Which worker owns which part."""
        return dict(self._owners)

    def _spread(self) -> None:
        """Give every part an owner, none more than one part over its share; move few."""
        most = -(-len(self._parts) // max(len(self._workers), 1))
        owned: dict[str, list[int]] = {name: [] for name in self._workers}
        homeless = []
        for part in self._parts:
            mine = owned.get(self._owners.get(part.number, ""))
            if mine is None or len(mine) >= most:
                homeless.append(part)
            else:
                mine.append(part.number)
        for part in homeless:
            if owned:
                name = min(owned, key=lambda each: len(owned[each]))
                owned[name].append(part.number)
                self._give(part, name)
            else:
                self._followers.pop(part.number, None)
        self._ring()

    def _give(self, part: Part, name: str) -> None:
        if (former := self._followers.get(part.number)) and isinstance(former.home, PartHome):
            former.home.hand_over()
        self._agenda.catch_up(self._log)
        home = PartHome(
            self._assignment,
            lease=Lease(self._log, part, name),
            worker=self._workers[name],
            ring=self._ring,
        )
        self._followers[part.number] = Follower(
            self._log,
            self.process,
            home,
            self._assignment.clock,
            hears=hearing(self.process),
            key=home.key,
            source=lambda after, until: self._pages.read(part.number, after, until),
        )
        self._owners[part.number] = name

    # -- as a process -------------------------------------------------------------------------

    def _home(self, key: str) -> PartHome | None:
        follower = self._followers.get(part_of(key, len(self._parts)))
        return follower.home if follower and isinstance(follower.home, PartHome) else None

    def state(self, key: str) -> Any:
        """Give the state of a key; the initial one where nothing is open."""
        home = self._home(key)
        return home.states.get(key, self.process.initial) if home else self.process.initial

    @property
    def states(self) -> dict[str, Any]:
        """The states of all keys that have one."""
        homes = [follower.home for follower in self._followers.values()]
        found = [home.states for home in homes if isinstance(home, PartHome)]
        return {key: state for states in found for key, state in states.items()}

    @property
    def position(self) -> int:
        """Where the part is that is furthest behind; 0 while nobody owns one."""
        if len(self._followers) < len(self._parts):
            return 0
        return min(follower.position for follower in self._followers.values())

    @property
    def lag(self) -> int:
        """How many records it is behind the log."""
        return self._log.head - self.position

    @property
    def failure(self) -> Exception | None:
        """What made one of its parts stand; None while all go on."""
        found = (follower.failure for follower in self._followers.values())
        return next((failure for failure in found if failure is not None), None)

    @property
    def parked(self) -> list[Parked]:
        """The records that wait, in order."""
        return sorted(parked for f in self._followers.values() for parked in f.parked)

    def release(self, key: str) -> int:
        """Decide on what is parked of a key, in order; give how many. Raises what one raises."""
        return self._follower(key).release(key)

    def drop(self, key: str) -> int:
        """Let what is parked of a key never be decided on; give how many."""
        return self._follower(key).drop(key)

    def _follower(self, key: str) -> Follower:
        number = part_of(key, len(self._parts))
        if number not in self._followers:
            raise LookupError(f"nobody owns the part of {key}: let a worker join")
        return self._followers[number]

    def resume(self) -> None:
        """Go on at once, where parts stand or pause."""
        for follower in self._followers.values():
            follower.resume()

    def step(self) -> bool:
        """Let every part take a page; True where there may be more at once."""
        found = [follower.step() for follower in self._followers.values()]
        return any(found)

    @property
    def due_s(self) -> float | None:
        """Seconds until a part wants to go on; None for when something is appended or rings."""
        found = (follower.due_s for follower in self._followers.values())
        return min((due for due in found if due is not None), default=None)

    def may_act(self, key: str) -> bool:
        """Tell whether the part of a key has seen everything that could bear upon it."""
        follower = self._followers.get(part_of(key, len(self._parts)))
        if follower is None or follower.lag or follower.failure is not None:
            return False
        return key not in follower.home.parking

    def expire(self, deadline: OpenDeadline) -> None:
        """End a deadline that is due; only while its key may act."""
        home = self._home(deadline.key)
        assert home is not None
        home.expire(deadline)

    def close(self) -> None:
        """Write where every part is, keep the states, and let the workers end."""
        for worker in self._workers.values():
            worker.close()
        for follower in self._followers.values():
            if follower.close() and isinstance(follower.home, PartHome):
                follower.home.snapshot()


class _Pages:
    """Reads every page once for all the parts, as long as they are near each other."""

    def __init__(self, log: Log, process: Process[Any], count: int) -> None:
        self._log = log
        self._process = process
        self._count = count
        self._names = Names(hearing(process)).patterns
        self._kept: dict[tuple[int, int], dict[int, list[Record]]] = {}

    def read(self, number: int, after: int, until: int) -> Iterable[Record]:
        """Give a part's records after a position up to another."""
        page = self._kept.get((after, until))
        if page is None:
            page = self._kept[after, until] = self._split(after, until)
            if len(self._kept) > 4:
                del self._kept[next(iter(self._kept))]
        return page.get(number, ())

    def _split(self, after: int, until: int) -> dict[int, list[Record]]:
        page: dict[int, list[Record]] = {}
        for record in self._log.records(after, until=until, name=self._names):
            try:
                key = key_of(self._process, record)
            except Exception:
                key = record.subject  # as a follower does: it is parked under that
            if key is not None:
                page.setdefault(part_of(key, self._count), []).append(record)
        return page
