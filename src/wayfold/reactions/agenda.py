"""What is still to be done: the fold of the deadlines and effects in a log."""

import heapq
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from wayfold.errors import PositionCut
from wayfold.log import Log, Record
from wayfold.reactions.outcome import Retry
from wayfold.reactions.process import OWN_RECORDS

__all__ = ["Agenda", "OpenDeadline", "PendingEffect", "agenda_at"]

_ENDS = ("done", "gave_up", "cancelled")


class OpenDeadline(msgspec.Struct, frozen=True):
    """A deadline that has neither expired nor been cancelled."""

    position: int
    subject: str
    process: str
    key: str
    name: str
    due_ns: int


class PendingEffect(msgspec.Struct, frozen=True):
    """An effect that is neither done nor given up nor cancelled.

    `attempts` counts those that were begun; `retry_at_ns` is 0 unless the last one failed.
    """

    position: int
    subject: str
    idempotency_key: str
    process: str
    key: str
    name: str
    action: str
    arguments: Mapping[str, Any]
    retry: Retry
    attempts: int = 0
    retry_at_ns: int = 0
    error: str = ""


class _Kept(msgspec.Struct):
    deadlines: list[OpenDeadline]
    effects: list[PendingEffect]


class Agenda:
    """Deadlines and effects that are open at a position, oldest first."""

    def __init__(self, position: int = 0) -> None:
        self.position = position
        self.deadlines: dict[str, OpenDeadline] = {}
        self.effects: dict[str, PendingEffect] = {}
        self.queues: dict[tuple[str, str], dict[str, PendingEffect]] = {}
        """The pending effects of each process and key, in their order."""
        self._due: list[tuple[int, str]] = []

    def fold(self, records: Iterable[Record]) -> None:
        """Take records of `deadline.*` and `effect.*`; what others wrote under these names, too."""
        for record in records:
            kind, _, what = record.name.partition(".")
            try:
                if kind == "deadline":
                    self._deadline(what, record)
                elif kind == "effect":
                    self._effect(what, record)
            except (LookupError, TypeError, ValueError):
                continue  # not one of ours, whatever its name says

    def _deadline(self, what: str, record: Record) -> None:
        self.deadlines.pop(record.subject, None)
        if what == "set":
            data = record.data
            told = (data["process"], data["key"], data["deadline"], int(data["due_ns"]))
            self._open(OpenDeadline(record.position, record.subject, *told))

    def _open(self, deadline: OpenDeadline) -> None:
        self.deadlines[deadline.subject] = deadline
        heapq.heappush(self._due, (deadline.due_ns, deadline.subject))

    def _effect(self, what: str, record: Record) -> None:
        data, effect = record.data, self.effects.get(record.subject)
        if what == "required":
            self._pend(_required(record))
        elif effect is None:
            return
        elif what == "attempted":
            attempt = int(data["attempt"])
            self._pend(msgspec.structs.replace(effect, attempts=attempt, retry_at_ns=0))
        elif what == "failed":
            at_ns, error = int(data["retry_at_ns"]), str(data["error"])
            self._pend(msgspec.structs.replace(effect, retry_at_ns=at_ns, error=error))
        elif what in _ENDS:
            self._end(effect)

    def _pend(self, effect: PendingEffect) -> None:
        self.effects[effect.subject] = effect
        self.queues.setdefault((effect.process, effect.key), {})[effect.subject] = effect

    def _end(self, effect: PendingEffect) -> None:
        del self.effects[effect.subject]
        queue = self.queues[effect.process, effect.key]
        del queue[effect.subject]
        if not queue:
            del self.queues[effect.process, effect.key]

    def catch_up(self, log: Log, until: int | None = None) -> None:
        """Take what was appended since."""
        head = log.head if until is None else until
        if self.position < head:
            self.fold(log.records(self.position, until=head, name=OWN_RECORDS))
            self.position = head

    def of(self, process: str, key: str, name: str) -> list[PendingEffect]:
        """Give the pending effects of a name."""
        return [e for e in self.queues.get((process, key), {}).values() if e.name == name]

    def due(self, now_ns: int) -> list[OpenDeadline]:
        """Give the deadlines that are due, the first one first."""
        found: dict[str, OpenDeadline] = {}
        while self._due and self._due[0][0] <= now_ns:
            due_ns, subject = heapq.heappop(self._due)
            if self._is_open((due_ns, subject)):
                found[subject] = self.deadlines[subject]
        for deadline in found.values():
            heapq.heappush(self._due, (deadline.due_ns, deadline.subject))
        return list(found.values())

    def next_due_ns(self, now_ns: int) -> int | None:
        """Give when the next deadline is due that is not due yet."""
        late = self.due(now_ns)
        for _ in late:
            heapq.heappop(self._due)
        while self._due and not self._is_open(self._due[0]):
            heapq.heappop(self._due)
        found = self._due[0][0] if self._due else None
        for deadline in late:
            heapq.heappush(self._due, (deadline.due_ns, deadline.subject))
        return found

    def _is_open(self, entry: tuple[int, str]) -> bool:
        found = self.deadlines.get(entry[1])
        return found is not None and found.due_ns == entry[0]

    @property
    def needed(self) -> int:
        """The position above which records are still needed."""
        opened = [each.position for each in self.deadlines.values()]
        opened += [each.position for each in self.effects.values()]
        return min(opened) - 1 if opened else self.position

    def dump(self) -> bytes:
        """Give all of it as bytes."""
        kept = _Kept(list(self.deadlines.values()), list(self.effects.values()))
        return msgspec.msgpack.encode(kept)

    @classmethod
    def load(cls, position: int, data: bytes) -> "Agenda":
        """Give what `dump` was called on; raises ValueError on other bytes."""
        kept = msgspec.msgpack.decode(data, type=_Kept)
        made = cls(position)
        for deadline in kept.deadlines:
            made._open(deadline)
        for effect in kept.effects:
            made._pend(effect)
        return made


def _required(record: Record) -> PendingEffect:
    data = record.data
    return PendingEffect(
        record.position,
        record.subject,
        data["idempotency_key"],
        data["process"],
        data["key"],
        data["effect"],
        data["action"],
        data["arguments"],
        msgspec.convert(data["retry"], Retry),
    )


def agenda_at(log: Log, position: int) -> Agenda:
    """Give what was open at a position, folded from the start: nothing of it is ever done.

    Of a log that was cut, what was opened behind the cut. Raises PositionCut where the position was
    cut, IndexError where there is none.
    """
    if position < log.cut:
        raise PositionCut(position, log.cut + 1)
    if position > log.head:
        raise IndexError(f"no position {position}: there are {log.cut} to {log.head}")
    agenda = Agenda()
    agenda.catch_up(log, position)
    return agenda
