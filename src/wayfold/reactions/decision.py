"""What a process decided, as facts for the log."""

from collections.abc import Collection, Iterable

import msgspec

from wayfold.log import Fact, Log, Origin, Record
from wayfold.reactions.agenda import Agenda
from wayfold.reactions.outcome import (
    CancelDeadline,
    CancelEffect,
    Effect,
    Outcome,
    SetDeadline,
    deadline_subject,
    idempotency_key,
)

__all__ = ["Decision"]

_BEGINNINGS = ("effect.required", "effect.attempted")


class Decision:
    """Collects the outcomes of some records, of one process, into facts.

    What is there already is not written again: an effect that was required before (in another
    life of the process), the cancelling of a deadline that is not open.
    """

    def __init__(self, process: str, log: Log, agenda: Agenda, actions: Collection[str]) -> None:
        self.facts: list[Fact] = []
        self._process = process
        self._log = log
        self._agenda = agenda
        self._actions = actions
        self._opened: dict[str, bool] = {}
        self._required: dict[str, tuple[str, str]] = {}

    def add(self, key: str, record: Record, outcomes: Iterable[Outcome]) -> None:
        """Take what was decided about a record.

        Raises LookupError on an effect that nobody here can do, ValueError on two of one name and
        on one that follows from its own beginning, which would go on without end.
        """
        for outcome in outcomes:
            if isinstance(outcome, Fact):
                self.facts.append(outcome)
            elif isinstance(outcome, Effect):
                self._require(key, record, outcome)
            elif isinstance(outcome, CancelEffect):
                self._cancel_effects(key, outcome.name)
            elif isinstance(outcome, SetDeadline):
                self._set(key, outcome)
            elif isinstance(outcome, CancelDeadline):
                self._cancel(key, outcome.name)
            else:
                raise TypeError(f"{self._process} decided on {outcome!r}, which is no outcome")

    def _write(self, name: str, subject: str, key: str, **data: object) -> None:
        data = {"process": self._process, "key": key, **data}
        self.facts.append(Fact(name, subject, data, Origin.WAYFOLD))

    def _require(self, key: str, record: Record, effect: Effect) -> None:
        if effect.action not in self._actions:
            known = ", ".join(sorted(self._actions)) or "none"
            raise LookupError(f"no action {effect.action!r} is known here, there are: {known}")
        name = effect.name or effect.action
        self._check_is_new(key, record, name)
        full = f"{self._process}/{name}"
        identity = idempotency_key(self._log.id, record.position, full)
        subject = f"effect/{identity}"
        if subject in self._required:
            raise ValueError(f"two effects {name!r} at {record.position}: name them apart")
        self._required[subject] = (key, name)
        if self._log.version(subject):
            return
        self._write(
            "effect.required",
            subject,
            key,
            effect=name,
            action=effect.action,
            idempotency_key=identity,
            cause=record.position,
            arguments=dict(effect.arguments),
            retry=msgspec.structs.asdict(effect.retry),
        )

    def _check_is_new(self, key: str, record: Record, name: str) -> None:
        about = (record.data.get("process"), record.data.get("key"), record.data.get("effect"))
        if record.name in _BEGINNINGS and about == (self._process, key, name):
            raise ValueError(
                f"{self._process} requires {name!r} about the {record.name} of it, and so without "
                "end: a process also hears of its own deadlines and effects, so let decide look at "
                "record.name first"
            )

    def _cancel_effects(self, key: str, name: str) -> None:
        subjects = [each.subject for each in self._agenda.of(self._process, key, name)]
        subjects += [s for s, about in self._required.items() if about == (key, name)]
        for subject in dict.fromkeys(subjects):
            self._write("effect.cancelled", subject, key, effect=name)

    def _set(self, key: str, deadline: SetDeadline) -> None:
        subject = deadline_subject(self._process, key, deadline.name)
        self._opened[subject] = True
        self._write("deadline.set", subject, key, deadline=deadline.name, due_ns=deadline.due_ns)

    def _cancel(self, key: str, name: str) -> None:
        subject = deadline_subject(self._process, key, name)
        if self._opened.get(subject, subject in self._agenda.deadlines):
            self._write("deadline.cancelled", subject, key, deadline=name)
        self._opened[subject] = False
