"""What a log answers: its records, its state at any position, what changed and why."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar, overload

from wayfold.errors import PositionCut
from wayfold.expect.expectable import Expectable
from wayfold.log import history
from wayfold.log.compare import Change
from wayfold.log.decider import Decider, Subjects
from wayfold.log.folding import Folding
from wayfold.log.match import wanted
from wayfold.log.moments import index_of, nanoseconds, position_at
from wayfold.log.record import Origin, Record
from wayfold.log.store import Store
from wayfold.log.versions import Versions

__all__ = ["Reading"]

S = TypeVar("S")


class Reading(Expectable):
    """A log as its readers have it."""

    _store: Store
    _folding: Folding
    _versions: Versions
    _subjects: Subjects

    # -- what is there ------------------------------------------------------------------------

    @property
    def id(self) -> str:
        """Tells this log from every other one, for ever."""
        return self._store.id

    @property
    def head(self) -> int:
        """Position of the last record appended; 0 while the log is empty."""
        return self._store.head

    @property
    def is_read_only(self) -> bool:
        """True where another process appends; `refresh` sees what it has appended."""
        return self._store.is_read_only

    @property
    def outlives_process(self) -> bool:
        """True for a log in a file."""
        return self._store.outlives_process

    @property
    def durable(self) -> int:
        """Position of the last record known to be on disk; 0 for a log in memory."""
        return self._store.durable

    def sync(self, position: int | None = None) -> int:
        """Wait until a position, or all, is on disk; give `durable`. Any thread may call it.

        Those who wait at once share one sync. A log in memory gives 0. Raises LogDamaged where
        the disk does not take it, which closes the log.
        """
        return self._store.sync(position)

    def refresh(self) -> int:
        """See what another process has appended to the file since; give `head`."""
        self._store.refresh()
        if self._folding.cut != self.cut:
            self._folding = Folding(self._store, self._folding.model)
        return self.head

    def verify(self) -> int:
        """Check every record against the hash chain; give how many there are.

        Raises LogDamaged with the first position that does not fit.
        """
        for _ in self.verified():
            pass
        return len(self)

    def verified(self) -> Iterator[int]:
        """Check as `verify` does, and give the position reached now and then."""
        return self._store.verify()

    @property
    def cut(self) -> int:
        """Position of the last record dropped; 0 while all are kept."""
        return self._store.cut

    def __len__(self) -> int:
        return self._store.head - self._store.cut

    def __iter__(self) -> Iterator[Record]:
        return self.records()

    @overload
    def __getitem__(self, at: int) -> Record: ...

    @overload
    def __getitem__(self, at: slice) -> list[Record]: ...

    def __getitem__(self, at: int | slice) -> Record | list[Record]:
        if isinstance(at, slice):
            return self._slice(at)
        if not isinstance(at, int):
            at = index_of(at, "log[7] is the record at a position, log[3:6] are those of several")
        position = at + self.head + 1 if at < 0 else at
        first = 1 if at >= 0 else self.cut + 1
        if not first <= position <= self.head:
            raise IndexError(f"no record at position {at}: there are {first} to {self.head}")
        self._check_kept(position)
        span = next(self._store.spans(position - 1, position))
        return span.batch.record(span.start, position)

    def _slice(self, at: slice) -> list[Record]:
        if at.step not in (None, 1):
            raise ValueError(f"a slice of a log has no step, not {at.step}")
        start, stop = (None if k is None else self._place(k) for k in (at.start, at.stop))
        after = self.cut if start is None else max(start - 1, 0)
        until = self.head if stop is None else stop - 1
        return list(self.records(after=after, until=until)) if until > after else []

    def _place(self, at: int) -> int:
        return max(at + self.head + 1, self.cut + 1) if at < 0 else at

    def records(
        self,
        after: int = 0,
        *,
        until: int | None = None,
        name: str | Iterable[str] | None = None,
        subject: str | None = None,
        origin: Origin | str | None = None,
        since: int | datetime | None = None,
    ) -> Iterator[Record]:
        """Give the records after a position that fit every condition, in order.

        `name` is a shell pattern or several (`wl_output.*`), `since` Unix time in nanoseconds or
        a datetime. What is appended while this is read is not given. Raises PositionCut where
        `after` is a position of which what follows has been dropped; `after=0` starts with the
        oldest record kept.
        """
        if after:
            after = index_of(after, "`after` is a position; give a pattern of names as `name=`")
            self._check_kept(after + 1)
        chosen = wanted(name, subject)
        source = None if origin is None else Origin(origin)
        first_ns = nanoseconds(since)
        spans = self._store.spans(max(after, self.cut), self.head if until is None else until)
        return (
            record
            for span in spans
            for record in span.batch.records(span.start, span.stop, span.position, chosen)
            if (source is None or record.origin is source) and record.time_ns >= first_ns
        )

    def _check_kept(self, position: int) -> None:
        if position <= self.cut:
            raise PositionCut(position, self.cut + 1)

    def blob(self, name: str) -> bytes:
        """Give a content that a record names as `{"$blob": name}`, as a keymap does in a file.

        Raises KeyError where there is none, or where what named it has been dropped.
        """
        found = self._store.blob(name)
        if found is None:
            raise KeyError(f"no content is kept under {name!r}")
        return found

    # -- folding ------------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        """The fold of every record up to the head; None where nothing gives a meaning to them."""
        return self._folding.state

    def state_at(self, when: int | datetime) -> Any:
        """Give the fold of the records up to a position, or up to a moment.

        Raises PositionCut where the records that would be needed have been dropped.
        """
        position = when if isinstance(when, int) else self.position_at(nanoseconds(when))
        return self._folding.at(position)

    def folded(self, position: int) -> Iterator[int]:
        """Do most of what `state_at` would do, and give the positions reached now and then."""
        return self._folding.towards(position)

    def position_at(self, time_ns: int) -> int:
        """Give the position of the last record not later than a Unix time in nanoseconds."""
        return position_at(self, time_ns)

    def diff(self, before: int | datetime, after: int | datetime) -> list[Change]:
        """Give what differs between the states at two positions or moments, by path."""
        return history.diff(self, before, after)

    def why(
        self,
        path: str,
        until: int | None = None,
        *,
        told: Callable[[int], object] | None = None,
    ) -> list[Record]:
        """Give the records that made a value of the state what it is, the newest first.

        `path` is as `diff` gives it: `outputs.wl_output#3.scale`. `told` hears now and then how
        far back it has come. Raises LookupError where the state has never had such a value.

        Of a group these are the ends, at which it counts: `carrier` gives what brought the value.
        """
        return history.why(self, path, self.head if until is None else until, told)

    def carrier(self, path: str, position: int) -> Record:
        """Give the record that brought a value, where the one at a position made it count.

        For `outputs.wl_output#3.scale` and a `wl_output.done` it is the `wl_output.scale` before;
        for what counts at once it is the record at the position.
        """
        return history.carrier(self, path, position)

    def follow(self, subject: str) -> Iterator[Record]:
        """Give every record that is about an object or names it, in order."""
        return history.follow(self, subject)

    def first(self, predicate: Callable[[Any], object], after: int = 0) -> int | None:
        """Give the first position behind `after` at whose state the predicate is true.

        By bisection: what is once true must stay true up to the head. None where it is not true
        there.
        """
        return history.first(self, predicate, max(after, self.cut))

    # -- subjects, and what is kept beside ------------------------------------------------------

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record; 0 where it has none."""
        return self._versions[subject]

    def state_of(self, decider: Decider[S, Any], subject: str) -> S:
        """Give the state of a subject as a decider sees it."""
        return self._subjects.state(decider, subject, self.version(subject))

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of an SQL query on the tables beside the records."""
        return self._store.read(statement, arguments)

    def snapshot(self, model: str) -> tuple[int, bytes] | None:
        """Give the newest state that was kept under a name, and its position; a cache."""
        return self._store.snapshot(self.head, model)
