"""The fold of a log: the state now, at any position, and what a group's end derives."""

from bisect import bisect_right, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from wayfold.errors import PositionCut
from wayfold.log.batch import Batch
from wayfold.log.fold import Model, Snapshots, Stateless
from wayfold.log.recent import Recent
from wayfold.log.record import Fact, Record, Run
from wayfold.log.store import Span, Store

__all__ = ["Folding"]

_STRIDE = 32
"""Records between two states that are kept for going back; states share what did not change."""

_FAR = 4096
"""Records that are folded rather than a snapshot looked for."""

_SNAPSHOT_EVERY = 4096
_STATE_BYTES = 16
"""Bytes of snapshots for each record at most: the next of a large state is so much later."""

_RECENT = 1024
"""Records of a file that wait to be folded before it is done unasked: until then they are kept."""


class Folding:
    """Folds a store's records when somebody asks.

    States are immutable, so that any of them can be kept and folded on from: the newest, the one
    at the cut, and one in every few that `at` came by.
    """

    def __init__(self, store: Store, model: Model[Any]) -> None:
        self._store = store
        self.model = model
        self._snapshots = model if isinstance(model, Snapshots) else None
        self._positions = [store.cut]
        self._states: dict[int, Any] = {store.cut: self._base()}
        self._recall(store.head)
        self._folded = self._kept = self._positions[-1]
        self._due = self._kept + _SNAPSHOT_EVERY
        self._state = self._states[self._folded]
        self._recent = Recent()
        self._is_unkept_said = False

    def _base(self) -> Any:
        """Give the state at the cut; raises PositionCut where this model has none there."""
        cut = self._store.cut
        if not cut:
            return self.model.initial
        told = self._store.base()
        if self._snapshots is None or not isinstance(told.get("state"), bytes):
            raise PositionCut(1, cut + 1)
        # A cut is a fact: there is nothing left that newer code could fold to another state.
        try:
            return self._snapshots.load(told["state"])
        except ValueError as error:
            raise PositionCut(1, cut + 1) from error

    def _recall(self, until: int) -> None:
        """Take over a snapshot that the store has, if it is nearer than what is at hand."""
        if self._snapshots is None:
            return
        found = self._store.snapshot(until, self._snapshots.fingerprint)
        if found is None or found[0] in self._states:
            return
        try:
            self._keep(self._snapshots.load(found[1]), found[0])
        except ValueError:
            return  # of no use; the records are there

    def snapshot(self) -> None:
        """Have the store keep the state at the head, unless it has one that is near."""
        head = self._store.head
        if self._snapshots is None or not self._snapshots.fingerprint or head <= self._kept:
            return
        state = self.state
        try:
            data = self._snapshots.dump(state)
        except TypeError as error:
            # It only spares folding: neither an append nor the end of a log fails for it.
            self._due = head + _SNAPSHOT_EVERY
            self._say_unkept(error)
            return
        self._store.keep_snapshot(head, self._snapshots.fingerprint, data)
        self._kept = head
        self._due = head + max(_SNAPSHOT_EVERY, len(data) // _STATE_BYTES)

    def _say_unkept(self, error: TypeError) -> None:
        if not self._is_unkept_said:
            import logging  # not at the top: it takes long to import, and is seldom needed

            said = "no snapshot is kept, so that all records are folded when the log is opened: %s"
            logging.getLogger("wayfold.log").warning(said, error)
        self._is_unkept_said = True

    @property
    def is_snapshot_due(self) -> bool:
        """True when opening the log again, or going back, would have to fold many records."""
        return self._store.outlives_process and self._store.head >= self._due

    @property
    def cut(self) -> int:
        """Position of the oldest state."""
        return self._positions[0]

    @property
    def state(self) -> Any:
        """The fold of every record up to the head."""
        self._catch_up()
        return self._state

    def _catch_up(self) -> None:
        head = self._store.head
        if self._folded < head:
            self.accept(self._fold(self._state, self._folded, head), head)

    def follow(self, batch: Batch, position: int) -> None:
        """Take note of a batch that was appended; `position` is that of its first record."""
        if self._store.outlives_process and not isinstance(self.model, Stateless):
            self._recent.add(batch, position)
            self._recent.forget(self._folded)
            if len(self._recent) >= _RECENT:
                self._catch_up()

    def accept(self, state: Any, position: int) -> None:
        """Take over the state at a position, where it was folded already."""
        self._state, self._folded = state, position
        self._recent.forget(position)

    def at(self, position: int) -> Any:
        """Give the fold of the records up to a position.

        Raises IndexError where there is none, PositionCut where records are missing for it.
        """
        if not 0 <= position <= self._store.head:
            raise IndexError(f"no state at position {position}: there are 0 to {self._store.head}")
        if position < self._positions[0]:
            raise PositionCut(position, self._positions[0])
        if self._folded <= position <= self._folded + _FAR:
            return self._fold(self._state, self._folded, position)
        for _ in self.towards(position):
            pass
        nearest = self._nearest(position)
        state = self._states[nearest]
        while nearest + _STRIDE <= position:
            following = (nearest // _STRIDE + 1) * _STRIDE
            state = self._fold(state, nearest, following)
            self._keep(state, following)
            nearest = following
        return self._fold(state, nearest, position)

    def towards(self, position: int) -> Iterator[int]:
        """Fold and keep states up to near a position; give how far it is, now and then."""
        if position - self._nearest(position) > _FAR:
            self._recall(position)
        nearest = self._nearest(position)
        if nearest < self._folded <= position:
            nearest = self._folded
            self._keep(self._state, nearest)
        while position - nearest > _FAR:
            state = self._fold(self._states[nearest], nearest, nearest + _FAR)
            nearest += _FAR
            self._keep(state, nearest)
            yield nearest

    def _nearest(self, position: int) -> int:
        return self._positions[bisect_right(self._positions, position) - 1]

    def _fold(self, state: Any, after: int, until: int) -> Any:
        if after == until:
            return state
        spans = self._recent.spans(after, until)
        return self.model.fold(
            state, runs(self._store.spans(after, until) if spans is None else spans)
        )

    def _keep(self, state: Any, position: int) -> None:
        if position not in self._states:
            insort(self._positions, position)
        self._states[position] = state

    def ends(self, records: Sequence[Record]) -> list[int]:
        """Give the indices of the records that end a group."""
        if isinstance(self.model, Stateless):
            return []
        ends_group = self.model.ends_group
        return [index for index, record in enumerate(records) if ends_group(record.name)]

    def derive(self, batch: Batch, ends: Sequence[int], first: int) -> tuple[Any, list[Fact]]:
        """Give the state behind a batch, and the facts that the groups' ends in it amount to."""
        before, start, facts = self.state, 0, []
        for end in ends:
            after = self.model.fold(before, batch.runs(start, end + 1))
            for fact in self.model.derive(before, after):
                data = {**fact.data, "cause": first + end}
                facts.append(Fact(fact.name, fact.subject, data, fact.origin))
            before, start = after, end + 1
        return self.model.fold(before, batch.runs(start, len(batch))), facts

    def reach(self, until: int) -> None:
        """Fold up to where the log will be cut, in one go from the nearest state there is."""
        nearest = self._nearest(until)
        if nearest <= self._folded <= until:
            self.accept(self._fold(self._state, self._folded, until), until)
            self._keep(self._state, until)
        else:
            self._keep(self._fold(self._states[nearest], nearest, until), until)

    def told_at(self, until: int) -> dict[str, Any]:
        """Give what the record of a cut says: up to where, and the state that `reach` found.

        Raises TypeError where the model's states cannot be kept.
        """
        if self._snapshots is None:
            raise TypeError(f"{self.model!r} needs dump and load: this log is to be cut")
        state = self._snapshots.dump(self._states[until])
        return {"until": until, "model": self._snapshots.fingerprint, "state": state}

    def forget(self, until: int) -> None:
        """Let go of the states before a cut that `reach` has folded up to."""
        kept = [each for each in self._positions if each >= until]
        self._states = {each: self._states[each] for each in kept}
        self._positions = kept


def runs(spans: Iterable[Span]) -> Iterator[Run]:
    """Give the runs of several spans."""
    return (run for span in spans for run in span.batch.runs(span.start, span.stop))
