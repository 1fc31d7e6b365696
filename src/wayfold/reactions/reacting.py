"""A process at work: its states, where it is, and what waits."""

from typing import Any

from wayfold.expect.names import Names
from wayfold.log import Record
from wayfold.reactions.agenda import OpenDeadline
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.follower import Follower
from wayfold.reactions.parking import Parked
from wayfold.reactions.process_home import ProcessHome, hearing
from wayfold.reactions.take_over import take_over

__all__ = ["Reacting"]


class Reacting:
    """A process that a runner runs."""

    def __init__(self, assignment: Assignment) -> None:
        process, log, _, _, clock = assignment
        self.process = process
        self._log = log
        self._names = Names(hearing(process))
        take_over(log, process.name)
        self._home = ProcessHome(assignment)
        self._follower = Follower(
            log, process, self._home, clock, hears=hearing(process), key=self._home.key
        )

    def state(self, key: str) -> Any:
        """Give the state of a key; the initial one where nothing is open."""
        return self._home.states.get(key, self.process.initial)

    def key(self, record: Record) -> str | None:
        """Give the key under which a record is decided on; None where it is not."""
        return self._home.key(record) if record.name in self._names else None

    @property
    def states(self) -> dict[str, Any]:
        """The states of all keys that have one."""
        return dict(self._home.states)

    @property
    def position(self) -> int:
        """The last record decided on, parked, or found to be of no interest."""
        return self._follower.position

    @property
    def lag(self) -> int:
        """How many records it is behind the log."""
        return self._follower.lag

    @property
    def failure(self) -> Exception | None:
        """What made it stand; None while it goes on."""
        return self._follower.failure

    @property
    def parked(self) -> list[Parked]:
        """The records that wait, in order; deadlines and effects of their keys wait with them."""
        return self._follower.parked

    def release(self, key: str) -> int:
        """Decide on what is parked of a key, in order; give how many. Raises what one raises."""
        return self._follower.release(key)

    def drop(self, key: str) -> int:
        """Let what is parked of a key never be decided on; give how many."""
        return self._follower.drop(key)

    def resume(self) -> None:
        """Go on at once, where it stands or pauses."""
        self._follower.resume()

    def step(self) -> bool:
        """Take a page of records; True where there may be more at once."""
        return self._follower.step()

    @property
    def due_s(self) -> float | None:
        """Seconds until it wants to go on; None for when something is appended."""
        return self._follower.due_s

    def may_act(self, key: str) -> bool:
        """Tell whether it has seen everything that could bear upon a key."""
        return not self.lag and self.failure is None and key not in self._home.parking

    def expire(self, deadline: OpenDeadline) -> None:
        """End a deadline that is due; only while it may act."""
        self._home.expire(deadline)

    def close(self) -> None:
        """Write where it is, and keep its states for the next start."""
        if self._follower.close():
            self._home.snapshot()
