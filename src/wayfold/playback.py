"""Play a recording to the same handlers and folds as a live session, without a compositor."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wayfold.errors import ConnectionLost
from wayfold.log import Log, Record
from wayfold.model import State
from wayfold.session import TIMEOUT_S, Session

__all__ = ["Replay", "replay"]

_CHUNK = 1024
_LAST = 20


def replay(
    recording: Log | str | os.PathLike[str], *, pace: float | None = None, keep: int = 100_000
) -> "Replay":
    """Open a recording to be played to handlers, as `connect` opens a connection.

    `pace` is how fast: 1 as it was recorded, 10 ten times as fast, None as fast as it can. The
    log it plays into is in memory and keeps at least `keep` records. A recording that is given
    by path is opened for reading and closed at the end. Raises LogUnusable; ValueError on a pace
    that is not positive.
    """
    if pace is not None and not pace > 0:
        raise ValueError(f"a pace is more than 0, not {pace}; None is as fast as it can")
    if isinstance(recording, Log):
        return Replay(recording, pace, keep, owns_recording=False)
    opened = Log.open(recording, read_only=True)
    try:
        return Replay(opened, pace, keep, owns_recording=True)
    except BaseException:
        opened.close()
        raise


class Replay(Session):
    """A recorded session that happens again; made by `replay`.

    Its records come with their own positions, times and versions, also those that wayfold had
    derived. When a handler is told of a record, the state is as it was at that record. Nothing
    can be asked of a compositor that is not there, and no effect is fired: there is no `bind`,
    and no `window`.
    """

    def __init__(
        self, recording: Log, pace: float | None, keep: int, *, owns_recording: bool
    ) -> None:
        super().__init__(Log.after(recording, keep), lambda concerns: None)
        self._owned = recording if owns_recording else None
        self._records: Iterator[Record] = recording.records()
        self._next: Record | None = next(self._records, None)
        self._start_ns = self._next.time_ns if self._next else 0
        self._pace = pace
        self._start_s: float | None = None
        self._at_once = _CHUNK
        self._is_closed = False
        self.log.listen(self._handlers.appended)

    @property
    def is_open(self) -> bool:
        """False once all was played, or it was closed."""
        return not self._is_closed and (self._next is not None or self._handlers.has_news)

    def dispatch(self, timeout: float | None = None) -> int:
        """Play up to the next record that somebody hears; give the number of records played.

        At a pace, waits until that is due, at most `timeout` seconds. Raises what a handler
        raises, and ConnectionLost behind the last record.
        """
        if self._handlers.deliver():
            return 0
        if self._next is None or self._is_closed:
            raise ConnectionLost(f"the recording ends at {self.log.head}", self._last())
        before = self.log.head
        self._loop.run_ready(self._loop.wait(self._wait_s(timeout)))
        if not self._is_closed:
            self._play()
        self._handlers.deliver()
        return self.log.head - before

    def run(
        self, timeout: float | None = None, until: Callable[[State], object] | None = None
    ) -> bool:
        """Play as a client's `run` does; `until` is asked after every record."""
        with self._stepping(until is not None):
            return super().run(timeout, until)

    def wait_until(
        self, predicate: Callable[[State], object], timeout: float | None = TIMEOUT_S
    ) -> State:
        """Play until `predicate(state)` is true, asked after every record.

        Raises ConnectionLost where the recording ends before, WaitTimeout where time is up.
        """
        with self._stepping(True):
            return super().wait_until(predicate, timeout)

    @contextmanager
    def _stepping(self, is_asked: bool) -> Iterator[None]:
        self._at_once = 1 if is_asked else _CHUNK
        try:
            yield
        finally:
            self._at_once = _CHUNK

    def _last(self) -> list[Record]:
        return self.log[-_LAST:]

    def _wait_s(self, timeout: float | None) -> float | None:
        due = self._due_s()
        return due if timeout is None else min(due, timeout)

    def _due_s(self) -> float:
        """Give the seconds until the next record is to be played."""
        if self._pace is None or self._next is None:
            return 0.0
        now = time.monotonic()
        if self._start_s is None:
            self._start_s = now - self._since_start_s(self._next) / self._pace
        return max(self._start_s + self._since_start_s(self._next) / self._pace - now, 0.0)

    def _since_start_s(self, record: Record) -> float:
        return (record.time_ns - self._start_ns) / 1e9

    def _play(self) -> None:
        played: list[Record] = []
        while len(played) < self._at_once and not self._due_s() and (record := self._next):
            played.append(record)
            self._next = next(self._records, None)
            if self._handlers.is_heard(record.name):
                break
        if played:
            self.log.append_recorded(played)

    def prepare(self) -> float | None:
        """Give the seconds after which `process` is due; None at the end of the recording."""
        if self._handlers.has_news:
            return 0.0
        due_s = self._loop.due_s()
        if self._next is None:
            return due_s
        return self._due_s() if due_s is None else min(self._due_s(), due_s)

    def close(self) -> None:
        """Let go of the recording; again it does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        self._handlers.close()
        self._loop.close()
        if self._owned is not None:
            self._owned.close()
