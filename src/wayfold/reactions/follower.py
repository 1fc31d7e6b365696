"""Follow the log by position: retry what fails, park it, let other keys go on.

A wake-up is only a hint that it may be worth looking; what there is to read is said by the
positions alone, so that hints may be lost, doubled or early.

    position < head   a page of records is taken, and the position moves with it
    a record fails    the page is taken again one by one up to it; it is retried after pauses,
                      then parked (the position moves over it) or the follower stands
    its key is parked later records of the key are parked unseen, in order
    unreachable       nothing moves; it is tried again after pauses, for ever
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from wayfold.errors import LogBusy, LogUnusable, PositionCut, PositionMoved, ReactionFailed
from wayfold.expect.names import Names
from wayfold.log import Log, Record
from wayfold.reactions.clock import Clock
from wayfold.reactions.home import Busy, Home
from wayfold.reactions.parking import Parked
from wayfold.reactions.reaction import Reaction, Then, reason_of
from wayfold.reactions.view import Unreachable

__all__ = ["AsOf", "Follower"]

Source = Callable[[int, int], Iterable[Record]]
"""Gives the records of interest after a position up to another."""
_PAGE = 1000
_LONGEST_S = 5.0


class AsOf(NamedTuple):
    """How old an answer is: its position, and for how many seconds it has been behind the log."""

    position: int
    age_s: float


class _Stood(Exception):
    """Nothing more can be taken in this step."""


class Follower:
    """One view or process on its way through the log."""

    def __init__(
        self,
        log: Log,
        reaction: Reaction,
        home: Home,
        clock: Clock,
        *,
        hears: str | Sequence[str] = "",
        key: Callable[[Record], str | None] | None = None,
        source: Source | None = None,
    ) -> None:
        self.reaction = reaction
        self.home = home
        self.failure: Exception | None = None
        """What made it stand; None while it goes on."""
        self.unreachable: Exception | None = None
        """Why its store cannot be reached now; None while it can."""
        self._log = log
        self._clock = clock
        self._names = Names(hears or reaction.hears)
        self._key_of = key or reaction.key
        self._source = source or self._read
        self._failures = 0
        self._again_s: float | None = None
        self._current_s = clock.elapsed_s()

    # -- where it is --------------------------------------------------------------------------

    @property
    def position(self) -> int:
        """The last record taken, parked, or found to be of no interest."""
        return self.home.position

    @property
    def lag(self) -> int:
        """How many records it is behind the log."""
        return self._log.head - self.position

    @property
    def as_of(self) -> AsOf:
        """How old its answers are; an age of 0 means that they are of now."""
        is_current = not self.lag and self.unreachable is None
        return AsOf(self.position, 0.0 if is_current else self._clock.elapsed_s() - self._current_s)

    def replicated_up_to(self, position: int) -> bool:
        """Tell whether a record has been taken, and waits in no parking."""
        first = self.home.parking.first
        return self.position >= position and (first is None or first > position)

    @property
    def due_s(self) -> float | None:
        """Seconds until it wants to go on; 0 for now, None for when something is appended."""
        if self.failure is not None or self.home.is_busy:
            return None
        if self._again_s is not None:
            return max(self._again_s - self._clock.elapsed_s(), 0.0)
        return 0.0 if self.lag else None

    # -- going on -----------------------------------------------------------------------------

    def step(self, limit: int = _PAGE) -> bool:
        """Take at most one page of records; True where there may be more to take at once."""
        if self.due_s != 0.0 and not self._is_asked:
            self._note_current()
            return False
        try:
            self.home.open()
            self._release_asked()
            # Pages end at the same places for everybody, so that they can be read once for several.
            end = min((self.position // limit + 1) * limit, self._log.head)
            self._page(self.home.claim(end))
        except (_Stood, Busy):
            return False
        except (Unreachable, LogUnusable) as error:
            self.stay(error)
            if not isinstance(error, Unreachable | LogBusy) and not self._log.is_read_only:
                raise  # our own log is closed for good
            return False
        except (PositionCut, PositionMoved) as error:
            self.failure = error
            raise
        self.unreachable, self._failures, self._again_s = None, 0, None
        self._note_current()
        return self.lag > 0

    def stay(self, error: Exception) -> None:
        """Answer from what there is, and try again after a pause."""
        self.unreachable = error
        self._pause(min(0.05 * 2 ** min(self._failures, 10), _LONGEST_S))

    def go_on(self) -> None:
        """Wait no longer for a log that can be reached again; a store of the view's is another."""
        if isinstance(self.unreachable, LogUnusable):
            self.unreachable, self._failures, self._again_s = None, 0, None

    def _note_current(self) -> None:
        if not self.lag and self.unreachable is None:
            self._current_s = self._clock.elapsed_s()

    def _page(self, until: int) -> None:
        if until <= self.position:
            return
        if self.position < self._log.cut:
            raise PositionCut(self.position + 1, self._log.cut + 1)
        waiting: list[Record] = []
        for record in self._source(self.position, until):
            key = self._key(record)
            if key is None:
                continue
            if key not in self.home.parking:
                waiting.append(record)
                continue
            self._take(record.position - 1, waiting)
            waiting = []
            self.home.park(Parked(record.position, key, "an earlier record of its key waits"))
        self._take(until, waiting)

    def _read(self, after: int, until: int) -> Iterable[Record]:
        return self._log.records(after, until=until, name=self._names.patterns)

    def _take(self, until: int, records: Sequence[Record]) -> None:
        """Take records at once, or one by one where that fails."""
        try:
            self.home.advance(until, records)
        except (Busy, Unreachable, LogUnusable, PositionMoved):
            raise
        except Exception as error:
            if not records or self.position >= records[-1].position:
                raise  # they were taken: it is from somebody who was told of what came of it
            if len(records) == 1:
                self._failed(records[0], error)
                self._take_rest(until, records[0])
                return
            for record in records:
                self._take_one(record)
            self.home.advance(until, ())

    def _take_one(self, record: Record) -> None:
        key = self._key(record)
        if key is not None and key in self.home.parking:
            self.home.park(Parked(record.position, key, "an earlier record of its key waits"))
        else:
            self._take(record.position, (record,))

    def _take_rest(self, until: int, parked: Record) -> None:
        if until > parked.position:
            self.home.advance(until, ())

    def _failed(self, record: Record, error: Exception) -> None:
        """Pause, park or stand; come back only where the record was parked."""
        policy, reason = self.reaction.on_failure, reason_of(error)
        if self._failures < policy.retries:
            self._pause(policy.pause_s(self._failures + 1))
            raise _Stood
        self._failures = 0
        if policy.then is Then.STOP:
            what = "it stands there until it is told to resume"
            self.failure = ReactionFailed(self.reaction.name, record.position, reason, what)
            raise self.failure from error
        key = self._key(record) or ""
        self.home.park(Parked(record.position, key, reason))
        self._say_parked(record, key, error)

    def _say_parked(self, record: Record, key: str, error: Exception) -> None:
        import logging  # not at the top: it takes long to import, and is seldom needed

        said = "%s parked %s at position %d, and will what follows of %r"
        logger = logging.getLogger("wayfold.reactions")
        logger.error(said, self.reaction.name, record.name, record.position, key, exc_info=error)

    def _key(self, record: Record) -> str | None:
        try:
            key = self._key_of(record)
        except Exception:
            return record.subject  # taking it will fail, and that is told then
        return key if key is None or isinstance(key, str) else record.subject

    def _pause(self, pause_s: float) -> None:
        self._failures += 1
        self._again_s = self._clock.elapsed_s() + pause_s

    # -- what was parked ----------------------------------------------------------------------

    @property
    def parked(self) -> list[Parked]:
        """The records that wait, in order."""
        return list(self.home.parking)

    def release(self, key: str) -> int:
        """Take what is parked of a key, in order, and let the key go on; give how many.

        Where one fails again its exception is raised, and it waits on with those behind it. Raises
        Unreachable where the store is.
        """
        self.home.open()
        count = 0
        for parked in self.home.parking.of(key):
            self.home.release(parked, self._log[parked.position])
            count += 1
        return count

    @property
    def _is_asked(self) -> bool:
        stands = self.failure is not None or self.home.is_busy
        return bool(self.home.parking.asked) and not stands

    def _release_asked(self) -> None:
        """Release what somebody has asked for; what fails again waits for the next start."""
        asked = self.home.parking.asked
        while asked:
            try:
                self.release(asked.pop())
            except (Busy, Unreachable, LogUnusable, PositionMoved):
                raise
            except Exception:
                continue

    def drop(self, key: str) -> int:
        """Let what is parked of a key never be taken, and the key go on; give how many."""
        found = self.home.parking.of(key)
        for parked in found:
            self.home.drop(parked)
        return len(found)

    def resume(self) -> None:
        """Go on at once: where it stands, or before its pause is over."""
        self.failure = self._again_s = None
        self._failures = 0

    # -- the end ------------------------------------------------------------------------------

    def close(self) -> bool:
        """Write where it is; False where that is somebody else's to say, or cannot be said now."""
        is_open = self._log.is_writable or not self._log.outlives_process
        is_ours = self.unreachable is None and not isinstance(self.failure, PositionMoved)
        if is_open and is_ours:
            self.home.flush()
        return is_open and is_ours
