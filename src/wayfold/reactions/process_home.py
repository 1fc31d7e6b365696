"""The states of a process by key: folded from the log, and decided on once, by position."""

import inspect
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from wayfold.errors import LogUnusable, PositionCut, PositionMoved
from wayfold.expect.names import Names
from wayfold.log import Fact, Origin, Record
from wayfold.log.beside import Beside
from wayfold.log.proposal import Proposal
from wayfold.reactions.agenda import OpenDeadline
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.decision import Decision
from wayfold.reactions.home import TablePosition
from wayfold.reactions.outcome import Outcome
from wayfold.reactions.parking import Parked
from wayfold.reactions.partition import Part
from wayfold.reactions.process import OWN_RECORDS, Process

__all__ = ["ProcessHome", "Thought", "fingerprint", "hearing", "key_of"]

_SNAPSHOT_EVERY = 50_000
_OLDER = """
SELECT position, state FROM snapshot WHERE model > ?1 || '/' AND model < ?1 || '0'
    AND instr(substr(model, length(?1) + 2), '/') = 0 ORDER BY position DESC LIMIT 1
"""


class Thought(NamedTuple):
    """What some records lead to: new states by key, and outcomes by record."""

    changed: dict[str, Any]
    decided: list[tuple[str, Record, list[Outcome]]]


class ProcessHome(TablePosition):
    """What a process has come to, per key, and its position."""

    def __init__(
        self,
        assignment: Assignment,
        part: Part | None = None,
    ) -> None:
        process, log, self._agenda, self._actions, _ = assignment
        name = part.hold if part else f"process/{process.name}"
        stored = log.read("SELECT position FROM hold WHERE name = ?", (name,))
        super().__init__(log, name, stored[0][0] if stored else None)
        self.states: dict[str, Any] = {}
        self._process = process
        self._part = part
        self._fingerprint = fingerprint(process)
        self._model = f"{name}/{self._fingerprint}"
        self._begin()
        self._kept = self._recall()
        self._refold(self._kept)

    # -- coming back --------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._stored is None:
            start = self._log.head if self._process.since == "head" else 0

            def work(beside: Beside) -> None:
                beside.move(self.name, None, start)
                if self._log.outlives_process:
                    beside.hold(f"{self.name}/state", 0)

            self._log.write(work)
            self.settle(start)

    def _recall(self) -> int:
        """Take over a snapshot; give its position, 0 where there is none of use."""
        found = self._log.snapshot(self._model) if self._fingerprint else None
        if found is None and self._log.cut:
            found = self._older()
        if found is None or found[0] > self.position:
            return 0
        try:
            self.states = self._loaded(found[1])
        except ValueError:
            return 0
        return found[0]

    def _older(self) -> tuple[int, bytes] | None:
        """Give the newest snapshot of other code: there is nothing left to fold it anew from."""
        rows: list[Any] = self._log.read(_OLDER, (self.name,))
        return rows[0] if rows else None

    def _loaded(self, data: bytes) -> dict[str, Any]:
        kind: Any = type(self._process.initial)
        found: dict[str, Any] = msgspec.msgpack.decode(data, type=dict[str, kind])
        return found

    def _refold(self, after: int) -> None:
        """Fold up to the position, and decide on nothing: that was done."""
        if after < self._log.cut and after < self.position:
            raise PositionCut(after + 1, self._log.cut + 1)
        names = Names(hearing(self._process)).patterns
        waiting = {parked.position for parked in self.parking} | self.parking.dropped
        for record in self._log.records(after, until=self.position, name=names):
            key = None if record.position in waiting else self.key(record)
            if key is not None:
                self._note(key, self._folded(self.states, key, record))

    def key(self, record: Record) -> str | None:
        """Give the key of a record, where it is for this process, and for this part of it."""
        try:
            key = key_of(self._process, record)
        except Exception:
            if self._is_mine(record.subject):  # as the follower does: it is parked under that
                raise
            return None
        return key if key is not None and self._is_mine(key) else None

    def _is_mine(self, key: str) -> bool:
        return self._part is None or self._part.has(key)

    def _folded(self, states: dict[str, Any], key: str, record: Record) -> Any:
        return self._process.fold(states.get(key, self._process.initial), record)

    def _note(self, key: str, state: Any) -> None:
        if state == self._process.initial:
            self.states.pop(key, None)
        else:
            self.states[key] = state

    # -- going on -----------------------------------------------------------------------------

    def advance(self, until: int, records: Sequence[Record]) -> None:
        """Fold and decide; append what was decided, with the position."""
        if not records and self.may_skip(until):
            return
        changed, decision = self._decided(self.thought(until, records))
        proposal = self._log.propose(decision.facts)
        self._append(proposal, until, changed)
        if until - self._kept >= _SNAPSHOT_EVERY:
            self.snapshot()

    def thought(self, until: int, records: Sequence[Record]) -> Thought:
        """Give what `think` does; another kind of home may have somebody else think."""
        return self.think(records)

    def think(self, records: Iterable[Record]) -> Thought:
        """Fold and decide, purely: nothing of this home changes, and any thread may do it."""
        changed: dict[str, Any] = {}
        decided = []
        for record in records:
            key = self.key(record)
            if key is not None:
                before = changed if key in changed else self.states
                state = changed[key] = self._folded(before, key, record)
                decided.append((key, record, list(self._process.decide(state, record))))
        return Thought(changed, decided)

    def _decided(self, thought: Thought) -> tuple[dict[str, Any], Decision]:
        self._agenda.catch_up(self._log)
        decision = Decision(self._process.name, self._log, self._agenda, self._actions)
        for key, record, outcomes in thought.decided:
            decision.add(key, record, outcomes)
        return thought.changed, decision

    def _append(self, proposal: Proposal, until: int, changed: dict[str, Any]) -> None:
        """Append what was decided, and move; then the states are so."""

        def transaction() -> None:
            self._log.accept(proposal, lambda beside: self.write(beside, until))

        self.commit(until, transaction, lambda: self._take_over(changed))

    def _take_over(self, changed: dict[str, Any]) -> None:
        for key, state in changed.items():
            self._note(key, state)
        self._agenda.catch_up(self._log)

    def release(self, parked: Parked, record: Record) -> None:
        """Fold a record that waits, and decide on it."""
        self.flush()  # what is kept of the states must not be ahead of the position
        changed, decision = self._decided(self.think((record,)))
        proposal = self._log.propose(decision.facts)
        state = self._dumped({**self.states, **changed})

        def work(beside: Beside) -> None:
            self.parking.unwrite(beside, parked)
            if self._log.outlives_process:  # snapshots kept since were folded without it
                beside.keep_snapshot(self.position, self._model, state)

        accept = lambda: self._log.accept(proposal, work)  # noqa: E731
        self.unpark(parked, accept, lambda: self._take_over(changed))

    def expire(self, deadline: OpenDeadline) -> None:
        """Ask again whether a deadline that is due still holds; append its end and what follows.

        For a process that has taken everything up to the head.
        """
        data = {"process": deadline.process, "key": deadline.key, "deadline": deadline.name}
        end = _fact("deadline.expired", deadline.subject, data)
        try:
            proposal = self._log.propose([end])
            state = self.states.get(deadline.key, self._process.initial)
            if not self._process.holds(state, proposal.records[0]):
                void = {**data, "reason": "it means nothing any more"}
                end = _fact("deadline.cancelled", deadline.subject, void)
                proposal = self._log.propose([end])
            position = proposal.records[0].position
            changed, decision = self._decided(self.think(proposal.records))
            proposal.extend(decision.facts)
            self._append(proposal, position, changed)
        except (LogUnusable, PositionMoved):
            raise
        except Exception:
            if deadline.subject not in self._agenda.deadlines:
                raise  # it was appended: somebody raised who was told of it
            # Followed like any other record that fails: retried, then parked.
            self._log.append_facts([end])
            self._agenda.catch_up(self._log)

    def snapshot(self) -> None:
        """Keep the states for the next start; records that came before may be cut then."""
        if not self._log.outlives_process or self._kept == self.position:
            return
        state = self._dumped(self.states)
        if state is None:
            return

        def work(beside: Beside) -> None:
            beside.keep_snapshot(self.position, self._model, state)
            beside.hold(f"{self.name}/state", self.position)

        self._log.write(work)
        self._kept = self.position

    def _dumped(self, states: dict[str, Any]) -> bytes | None:
        """Give states as bytes; None where they would not come back as they are."""
        if not self._fingerprint or not self._log.outlives_process:
            return None
        try:
            data = msgspec.msgpack.encode(states)
            return data if self._loaded(data) == states else None
        except (TypeError, ValueError):
            return None


def key_of(process: Process[Any], record: Record) -> str | None:
    """Give the key of a record; of deadlines and effects, that which they were decided for.

    Raises what the process does, and TypeError on a key that is no text.
    """
    if record.name.startswith(("deadline.", "effect.")):
        is_own = record.data.get("process") == process.name
        key = record.data.get("key") if is_own else None
    else:
        key = process.key(record)
    if key is not None and not isinstance(key, str):
        raise TypeError(f"{process.name} gives {key!r} for a key, which is no text")
    return key


def _fact(name: str, subject: str, data: dict[str, Any]) -> Fact:
    return Fact(name, subject, data, Origin.WAYFOLD)


def hearing(process: Process[Any]) -> tuple[str, ...]:
    """Give the patterns of what a process hears, its own records included."""
    hears = process.hears
    return (*((hears,) if isinstance(hears, str) else hears), *OWN_RECORDS)


def fingerprint(process: Process[Any]) -> str:
    """Name a process and its code: the file of its class, and its version; "" where unknown."""
    try:
        source = Path(inspect.getfile(type(process))).read_bytes()
    except (OSError, TypeError):
        return ""
    about = f"{process.name}/{process.version}/{type(process).__qualname__}/".encode()
    return sha256(about + source).hexdigest()
