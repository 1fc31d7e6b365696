"""The log: records in one total order, and the state that they fold to."""

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from wayfold.errors import LogConflict, LogUnusable
from wayfold.log.batch import Batch, Decoded
from wayfold.log.blobs import Contents, WithBlobs
from wayfold.log.decider import Decider, Subjects
from wayfold.log.fold import Model, Stateless
from wayfold.log.folding import Folding
from wayfold.log.inline import InlineView, InlineViews
from wayfold.log.instance import check_instance
from wayfold.log.mask import Mask
from wayfold.log.memory import MemoryStore
from wayfold.log.plain import spelled
from wayfold.log.proposal import Proposal
from wayfold.log.reading import Reading
from wayfold.log.record import Fact, Origin, Record, moved
from wayfold.log.retention import Keep, bound_of
from wayfold.log.store import CUT, Store
from wayfold.log.upcast import Upcasters
from wayfold.log.versions import Counter, Versions

if TYPE_CHECKING:
    from wayfold.log.beside import Work

__all__ = ["Log"]

S = TypeVar("S")
C = TypeVar("C")
_NO_CONTENTS: Contents = MappingProxyType({})

Listener = Callable[[int, Batch, Sequence[Record]], None]
"""Told after an append: position of the first record, the batch, the records derived from it."""


class Log(Reading):
    """Records at positions 1, 2, 3 …, and their fold.

    `log[7]` is the record at position 7, `log[-1]` the last one, `log[3:6]` those at 3, 4 and 5.
    `len(log)` counts the records still kept; positions themselves never change.
    A log belongs to one thread.
    """

    def __init__(
        self,
        store: Store,
        model: Model[Any] | None = None,
        *,
        mask: Mask | None = None,
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self._store = store
        self._mask = mask
        self._listeners: list[Listener] = []
        self._failure: LogUnusable | None = None
        self._inline = InlineViews()
        self._subjects = Subjects(store)
        self._clock = clock
        self._versions = Versions(store.version)
        self._folding = Folding(store, Stateless())
        if model is not None:
            self.interpret(model)

    @classmethod
    def memory(
        cls,
        keep: int = 100_000,
        model: Model[Any] | None = None,
        *,
        clock: Callable[[], int] = time.time_ns,
    ) -> "Log":
        """Give a log in memory that keeps at least the newest `keep` records.

        Older ones are cut by whole chunks and replaced by the state at the cut. `clock` gives
        the records' time in Unix nanoseconds. Raises ValueError where `keep` is not positive.
        """
        return cls(MemoryStore(keep), model, clock=clock)

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
        clock: Callable[[], int] = time.time_ns,
    ) -> "Log":
        """Give the log in a file, which is made where there is none.

        `keep` bounds it, by a number of records or as `Keep` says; without, it grows. What is cut
        is replaced by the state that `model` makes of it: without the model that a log is for,
        there is none to fold on from. What the model calls secret (keys typed, text) is None in it,
        unless `include_input` is given or `mask` names fields: `{"wl_keyboard.key": ("key",)}`.
        `upcasters` read what older versions of an application wrote. With `survive`, a full disk or
        another failure of the file is not raised: what follows is in memory, behind a record
        `log.failed`. `clock` gives the records' time in Unix nanoseconds.

        Raises LogUnusable: NotALog, LogTooNew, LogInUse while another process writes to it,
        LogDamaged. Raises ValueError where both `include_input` and `mask` are given, TypeError on
        a `keep` or `model` of another kind.
        """
        from wayfold.log.sqlite import SqliteStore  # SQLite is not needed for a log in memory
        from wayfold.log.surviving import SurvivingStore

        if include_input and mask is not None:
            raise ValueError("give include_input or mask: the one masks nothing, the other some")
        check_instance(model, "model")
        bound = bound_of(keep)
        store = SqliteStore(path, is_read_only=read_only, keep=bound, upcasters=upcasters)
        hidden = Mask({}) if include_input else None if mask is None else Mask(mask)
        used = SurvivingStore(store) if survive and not read_only else store
        try:
            return cls(used, model, mask=hidden, clock=clock)
        except BaseException:
            store.close()
            raise

    def close(self) -> None:
        """Write what is not on disk yet, and let go of the file; again it does nothing."""
        try:
            if self._store.is_writable:
                self._folding.snapshot()
        finally:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

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

        `data` is copied; it is of None, bool, int, float, str, bytes, lists and dicts of these.
        With `expected_version`, raises LogConflict and writes nothing unless the subject's last
        record has that version (0: it has none). Raises TypeError and ValueError on other data,
        on text that is no UTF-8, and on more than 100 levels of lists and dicts.
        """
        if expected_version is not None:
            self._expect({subject: expected_version})
        held: Any = {} if data is None else data  # copied where it is checked
        (record,) = self._append((Fact(name, subject, held, origin),))
        return record

    def append_facts(
        self, facts: Iterable[Fact], *, expected_versions: Mapping[str, int] | None = None
    ) -> tuple[Record, ...]:
        """Append several facts as one transaction: all of them or, on LogConflict, none."""
        made = tuple(facts)  # before anything is looked at: what makes them may append, too
        self._expect(expected_versions or {})
        return tuple(self._append(made))

    def _expect(self, versions: Mapping[str, int]) -> None:
        for subject, expected in versions.items():
            actual = self.version(subject)
            if actual != expected:
                raise LogConflict(subject, expected=expected, actual=actual)

    def _append(self, facts: Sequence[Fact]) -> list[Record]:
        versions: dict[str, int] = {}
        records = self._number(facts, self._store.head + 1, versions)
        if records:
            self._commit_records(records, versions)
        return records

    def propose(self, facts: Iterable[Fact] = ()) -> Proposal:
        """Give facts as the records that they would be if they were appended now."""
        proposal = Proposal(self.head, self._clock(), self._versions)
        proposal.extend(facts)
        return proposal

    def accept(self, proposal: Proposal, also: "Work | None" = None) -> None:
        """Append what was proposed, and do what is to be done beside it, as one transaction.

        Raises LogConflict, and writes nothing, where something was appended since.
        """
        if proposal.head != self.head:
            raise LogConflict("the log", expected=proposal.head, actual=self.head)
        if proposal.records:
            self._commit_records(proposal.records, proposal.versions, also)
        elif also is not None:
            self._store.write(also)

    def _commit_records(
        self, records: list[Record], versions: dict[str, int], also: "Work | None" = None
    ) -> None:
        self._commit(Decoded(records), self._folding.ends(records), versions, also=also)

    def append_batch(
        self, batch: Batch, ends: Sequence[int] = (), contents: Contents = _NO_CONTENTS
    ) -> Sequence[Record]:
        """Append a batch as it is, undecoded, and what is derived from it; give the latter.

        `ends` are the indices, counted from 0, of the records that end a group; `contents` what
        came in descriptors, by index and field, which a log in a file keeps.
        """
        return self._commit(batch, ends, {}, contents=contents) if len(batch) else ()

    def append_recorded(self, records: Sequence[Record]) -> None:
        """Append what another log holds, with its times, origins and versions as they are.

        Nothing is derived from it: what had been derived is among it. Where this log has come
        to other positions, the records get those.
        """
        if not records:
            return
        by = self.head + 1 - records[0].position
        taken = [moved(record, by) for record in records] if by else records
        versions = {record.subject: record.version for record in taken}
        self._commit(Decoded(taken), (), versions)

    def _number(self, facts: Iterable[Fact], first: int, versions: dict[str, int]) -> list[Record]:
        return self._versions.number(facts, first, self._clock(), versions)

    def _commit(
        self,
        batch: Batch,
        ends: Sequence[int],
        versions: dict[str, int],
        *,
        contents: Contents = _NO_CONTENTS,
        also: "Work | None" = None,
    ) -> list[Record]:
        first, count = self._store.head + 1, len(batch)
        stored = batch if self._mask is None else self._mask.batch(batch, first)
        state, facts = self._folding.derive(stored, ends, first) if ends else (None, ())
        derived = self._number(facts, first + count, versions) if facts else []
        try:
            try:
                work = self._inline.work(stored, first, derived, also)
                self._put(stored, derived, contents, work)
                self._versions.advance(versions)
                self._inline.settle()
            except BaseException as error:
                self._see_what_was_written(first, error)
                raise
        except BaseException as error:
            self._see_what_was_written(first, error)  # again: a second signal may have come before
            raise
        if ends:
            self._folding.accept(state, first + count - 1)
        self._folding.follow(stored, first)
        if derived:
            self._folding.follow(Decoded(derived), first + count)
        self._tell(first, batch, derived)
        if self._store.failure is not self._failure:
            self._tell_failure()
        if (until := self._store.excess(self._clock)) > self._store.cut:
            self._drop(until)
        if self._folding.is_snapshot_due:
            self._folding.snapshot()
        return derived

    def _see_what_was_written(self, first: int, error: BaseException) -> None:
        """Ask the file, which knows whether a signal came before the commit or behind it."""
        if self._store.is_writable and not isinstance(error, LogUnusable):
            self._versions.forget()
            if self.head >= first:
                self._inline.settle()

    def _put(
        self, batch: Batch, derived: list[Record], contents: Contents, also: "Work | None"
    ) -> None:
        more = (Decoded(derived),) if derived else ()
        if contents and self._store.outlives_process:
            named = WithBlobs(batch, contents)
            self._store.append((named, *more), named.blobs, also)
        else:
            self._store.append((batch, *more), (), also)

    def _tell_failure(self) -> None:
        self._failure = self._store.failure
        data = {"reason": spelled(str(self._failure)), "durable": self.durable}
        self.append_facts((Fact("log.failed", "log", data, Origin.WAYFOLD),))

    def _drop(self, until: int) -> None:
        self._folding.reach(until)
        if not self._store.outlives_process:
            self._store.drop(until)
            self._folding.forget(until)
            return
        told = self.propose((Fact(CUT, "log", self._folding.told_at(until), Origin.WAYFOLD),))
        batch, first = Decoded(told.records), told.records[0].position
        self._store.drop(until, told.records, self._inline.work(batch, first))
        self._inline.settle()
        self._versions.advance(told.versions)
        if self.cut == until:
            self._folding.forget(until)
        self._tell(first, batch, ())

    def _tell(self, first: int, batch: Batch, derived: Sequence[Record]) -> None:
        for listener in self._listeners:
            listener(first, batch, derived)

    @property
    def keeps_contents(self) -> bool:
        """True where the contents of descriptors are kept: the log is in a file."""
        return self._store.outlives_process

    # -- commands, and what is kept beside ----------------------------------------------------

    def execute(
        self, decider: Decider[S, C], subject: str, command: C, *, attempts: int = 3
    ) -> tuple[Record, ...]:
        """Have a command decided by the subject's state, append what follows, give the records.

        All of it, with inline views, is one transaction. Raises CommandRejected where the decider
        does, and LogConflict where the subject changed while it decided, `attempts` times:
        nothing was written. States are kept at hand for the very decider that is handed in.
        """
        return self._subjects.execute(self, decider, subject, command, attempts=attempts)

    @property
    def is_writable(self) -> bool:
        """True for a log in a file that takes records: it is open, and nothing has failed."""
        return self._store.is_writable

    def write(self, work: "Work") -> None:
        """Do something to the tables beside the records, as one transaction.

        `work` is called with what runs SQL. Raises LogBusy while another program keeps the file
        locked: nothing was written then.
        """
        self._store.write(work)

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep a state at a position, under a name that says what made it."""
        self._store.keep_snapshot(position, model, state)

    def attach(self, view: InlineView) -> None:
        """Let a view change with every append from now on, in its transaction."""
        self._inline.attach(view)

    def detach(self, view: InlineView) -> None:
        """Let a view change no longer."""
        self._inline.detach(view)

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

    # -- what a connection hands in -----------------------------------------------------------

    def interpret(self, model: Model[Any]) -> Model[Any]:
        """Let a model give the records their meaning, unless one already does; give which does.

        Raises PositionCut where records that it would need have been dropped, and TypeError on a
        class instead of its instance.
        """
        check_instance(model, "model")
        if isinstance(self._folding.model, Stateless):
            self._folding = Folding(self._store, model)
        if self._mask is None and self._store.outlives_process:
            self._mask = Mask(model.secrets)
        return self._folding.model

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
