"""The log: records in one total order, and the state that they fold to."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType, TracebackType
from typing import Any, Self, overload

import msgspec

from wayfold.errors import LogConflict, LogUnusable, PositionCut
from wayfold.log import history
from wayfold.log.batch import Batch, Decoded
from wayfold.log.blobs import Contents, WithBlobs
from wayfold.log.compare import Change
from wayfold.log.fold import Model, Stateless
from wayfold.log.folding import Folding
from wayfold.log.mask import Mask
from wayfold.log.match import wanted
from wayfold.log.memory import MemoryStore
from wayfold.log.moments import nanoseconds, position_at
from wayfold.log.record import Fact, Origin, Record
from wayfold.log.retention import Keep
from wayfold.log.store import CUT, Store
from wayfold.log.upcast import Upcasters
from wayfold.log.versions import Counter, Versions

__all__ = ["Log"]

_NO_CONTENTS: Contents = MappingProxyType({})

Listener = Callable[[int, Batch, Sequence[Record]], None]
"""Told after an append: position of the first record, the batch, the records derived from it."""


class Log:
    """Records at positions 1, 2, 3 …, and their fold.

    `log[7]` is the record at position 7, `log[-1]` the last one, `log[3:6]` those at 3, 4 and 5.
    `len(log)` counts the records still kept; positions themselves never change.
    A log belongs to one thread.
    """

    def __init__(
        self, store: Store, model: Model[Any] | None = None, *, mask: Mask | None = None
    ) -> None:
        self._store = store
        self._mask = mask
        self._listeners: list[Listener] = []
        self._failure: LogUnusable | None = None
        self._clock: Callable[[], int] = time.time_ns
        self._versions = Versions(store.version)
        self._folding = Folding(store, Stateless())
        if model is not None:
            self.interpret(model)

    @classmethod
    def memory(cls, keep: int = 100_000, model: Model[Any] | None = None) -> "Log":
        """Give a log in memory that keeps at least the newest `keep` records.

        Older ones are cut by whole chunks and replaced by the state at the cut. Raises
        ValueError where `keep` is not positive.
        """
        return cls(MemoryStore(keep), model)

    @classmethod
    def after(cls, source: "Log", keep: int = 100_000) -> "Log":
        """Give an empty log in memory that begins where another one begins.

        Its positions go on from the other's cut, and its state from the state there.
        """
        return cls(MemoryStore(keep, source.cut, source._store.base()))

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        read_only: bool = False,
        keep: Keep | int | None = None,
        include_input: bool = False,
        mask: Mapping[str, Iterable[str]] | None = None,
        upcasters: Upcasters | None = None,
        survive: bool = False,
        model: Model[Any] | None = None,
    ) -> "Log":
        """Give the log in a file, which is made where there is none.

        `keep` bounds it, by a number of records or as `Keep` says; without, it grows. What the
        model calls secret (keys typed, text) is None in it, unless `include_input` is given or
        `mask` names other fields: `{"wl_keyboard.key": ("key",)}`. `upcasters` read what older
        versions of an application wrote. With `survive`, a full disk or another failure of the
        file is not raised: what follows is in memory, behind a record `log.failed`.

        Raises LogUnusable: NotALog, LogTooNew, LogInUse while another process writes to it,
        LogDamaged. Raises ValueError where both `include_input` and `mask` are given.
        """
        from wayfold.log.sqlite import SqliteStore  # SQLite is not needed for a log in memory
        from wayfold.log.surviving import SurvivingStore

        if include_input and mask is not None:
            raise ValueError("give include_input or mask: the one masks nothing, the other some")
        store = SqliteStore(
            path,
            is_read_only=read_only,
            keep=Keep(records=keep) if isinstance(keep, int) else keep,
            upcasters=upcasters,
        )
        secrets = {} if include_input else mask
        used = SurvivingStore(store) if survive and not read_only else store
        return cls(used, model, mask=None if secrets is None else Mask(secrets))

    def close(self) -> None:
        """Write what is not on disk yet, and let go of the file; again it does nothing."""
        if self._store.is_writable:
            self._folding.snapshot()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    # -- what is there ------------------------------------------------------------------------

    @property
    def head(self) -> int:
        """Position of the last record appended; 0 while the log is empty."""
        return self._store.head

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

    # -- appending ----------------------------------------------------------------------------

    def append(
        self,
        name: str,
        subject: str,
        data: Mapping[str, Any] | None = None,
        *,
        origin: Origin = Origin.APP,
        expected_version: int | None = None,
    ) -> Record:
        """Append one fact and give its record.

        With `expected_version`, raises LogConflict and writes nothing unless the subject's last
        record has that version (0: it has none).
        """
        fact = Fact(name, subject, dict(data or {}), origin)
        expected = {} if expected_version is None else {subject: expected_version}
        return self.append_facts((fact,), expected_versions=expected)[0]

    def append_facts(
        self, facts: Iterable[Fact], *, expected_versions: Mapping[str, int] | None = None
    ) -> tuple[Record, ...]:
        """Append several facts as one transaction: all of them or, on LogConflict, none."""
        for subject, expected in (expected_versions or {}).items():
            actual = self.version(subject)
            if actual != expected:
                raise LogConflict(subject, expected=expected, actual=actual)
        versions: dict[str, int] = {}
        records = self._number(facts, self.head + 1, versions)
        if records:
            ends = [k for k, r in enumerate(records) if self._folding.model.ends_group(r.name)]
            self._commit(Decoded(records), ends, versions)
        return tuple(records)

    def append_batch(
        self, batch: Batch, ends: Sequence[int] = (), contents: Contents = _NO_CONTENTS
    ) -> Sequence[Record]:
        """Append a batch as it is, undecoded, and what is derived from it; give the latter.

        `ends` are the indices, counted from 0, of the records that end a group; `contents` what
        came in descriptors, by index and field, which a log in a file keeps.
        """
        return self._commit(batch, ends, {}, contents) if len(batch) else ()

    def append_recorded(self, records: Sequence[Record]) -> None:
        """Append what another log holds, with its times, origins and versions as they are.

        Nothing is derived from it: what had been derived is among it. Where this log has come
        to other positions, the records get those.
        """
        if not records:
            return
        moved = self.head + 1 - records[0].position
        taken = [_moved(record, moved) for record in records] if moved else records
        versions = {record.subject: record.version for record in taken}
        self._commit(Decoded(taken), (), versions)

    def _number(self, facts: Iterable[Fact], first: int, versions: dict[str, int]) -> list[Record]:
        return self._versions.number(facts, first, self._clock(), versions)

    def _commit(
        self,
        batch: Batch,
        ends: Sequence[int],
        versions: dict[str, int],
        contents: Contents = _NO_CONTENTS,
    ) -> list[Record]:
        first, count = self.head + 1, len(batch)
        stored = batch if self._mask is None else self._mask.batch(batch, first)
        state, facts = self._folding.derive(stored, ends, first) if ends else (None, ())
        derived = self._number(facts, first + count, versions) if facts else []
        self._put(stored, derived, contents)
        self._versions.advance(versions)
        if ends:
            self._folding.accept(state, first + count - 1)
        self._tell(first, batch, derived)
        if self._store.failure is not self._failure:
            self._tell_failure()
        if (until := self._store.excess(self._clock)) > self.cut:
            self._drop(until)
        if self._folding.is_snapshot_due:
            self._folding.snapshot()
        return derived

    def _put(self, batch: Batch, derived: list[Record], contents: Contents) -> None:
        more = (Decoded(derived),) if derived else ()
        if contents and self._store.outlives_process:
            named = WithBlobs(batch, contents)
            self._store.append((named, *more), named.blobs)
        else:
            self._store.append((batch, *more))

    def _tell_failure(self) -> None:
        self._failure = self._store.failure
        data = {"reason": str(self._failure), "durable": self.durable}
        self.append_facts((Fact("log.failed", "log", data, Origin.WAYFOLD),))

    def _drop(self, until: int) -> None:
        self._folding.reach(until)
        if not self._store.outlives_process:
            self._store.drop(until)
            self._folding.forget(until)
            return
        versions: dict[str, int] = {}
        fact = Fact(CUT, "log", self._folding.told_at(until), Origin.WAYFOLD)
        records = self._number((fact,), self.head + 1, versions)
        self._store.drop(until, records)
        self._versions.advance(versions)
        if self.cut == until:
            self._folding.forget(until)
        self._tell(records[0].position, Decoded(records), ())

    def _tell(self, first: int, batch: Batch, derived: Sequence[Record]) -> None:
        for listener in self._listeners:
            listener(first, batch, derived)

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record; 0 where it has none."""
        return self._versions[subject]

    @property
    def keeps_contents(self) -> bool:
        """True where the contents of descriptors are kept: the log is in a file."""
        return self._store.outlives_process

    def blob(self, name: str) -> bytes:
        """Give a content that a record names as `{"$blob": name}`, as a keymap does in a file.

        Raises KeyError where there is none, or where what named it has been dropped.
        """
        found = self._store.blob(name)
        if found is None:
            raise KeyError(f"no content is kept under {name!r}")
        return found

    # -- what must not be dropped -------------------------------------------------------------

    @property
    def holds(self) -> Mapping[str, int]:
        """Who still needs the records behind which position; a bounded log is not cut above."""
        return self._store.holds()

    def hold(self, name: str, position: int) -> None:
        """Keep the records behind a position until it is moved or released; a file remembers it."""
        self._store.hold(name, position)

    def release(self, name: str) -> None:
        """Keep nothing for somebody any more; nothing happens where nothing was."""
        self._store.release(name)

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
        """
        return history.why(self, path, self.head if until is None else until, told)

    def follow(self, subject: str) -> Iterator[Record]:
        """Give every record that is about an object or names it, in order."""
        return history.follow(self, subject)

    def first(self, predicate: Callable[[Any], object], after: int = 0) -> int | None:
        """Give the first position behind `after` at whose state the predicate is true.

        By bisection: what is once true must stay true up to the head. None where it is not true
        there.
        """
        return history.first(self, predicate, max(after, self.cut))

    # -- what a connection hands in -----------------------------------------------------------

    def interpret(self, model: Model[Any]) -> None:
        """Let a model give the records their meaning, unless one already does.

        Raises PositionCut where records that it would need have been dropped.
        """
        if isinstance(self._folding.model, Stateless):
            self._folding = Folding(self._store, model)
        if self._mask is None and self._store.outlives_process:
            self._mask = Mask(model.secrets)

    def join_session(self, clock: Callable[[], int], objects: Counter) -> None:
        """Take the time, and the versions of Wayland's objects, from a connection.

        `clock` gives Unix nanoseconds that never run backwards. Raises ValueError as `check_free`.
        """
        self._versions.join(objects)
        self._clock = clock
        if self._mask is not None:
            fields = {name: list(fields) for name, fields in self._mask.secrets.items()}
            data = {"masked": fields}
            self.append_facts((Fact("log.masking", "log", data, Origin.WAYFOLD),))

    def leave_session(self) -> None:
        """Count the versions of all subjects here again; the clock goes on."""
        self._versions.leave()

    def check_free(self) -> None:
        """Raise ValueError while another connection writes to this log."""
        self._versions.check_free()

    def listen(self, listener: Listener) -> None:
        """Have a function told after every append; it cannot veto anything."""
        self._listeners.append(listener)

    def unlisten(self, listener: Listener) -> None:
        """Tell a function no longer; nothing happens where it is not told."""
        if listener in self._listeners:
            self._listeners.remove(listener)


def _moved(record: Record, by: int) -> Record:
    data = record.data
    if record.origin is Origin.WAYFOLD and isinstance(cause := data.get("cause"), int):
        data = {**data, "cause": cause + by}
    return msgspec.structs.replace(record, position=record.position + by, data=data)
