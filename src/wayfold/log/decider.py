"""Commands: a subject's state decides what may happen to it, and nothing else is written."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec

from wayfold.errors import CommandRejected, LogConflict, PositionCut
from wayfold.log.instance import check_instance
from wayfold.log.proposal import Proposal
from wayfold.log.record import Fact, Record
from wayfold.log.store import Store
from wayfold.log.versions import check_fact

__all__ = ["Decider", "Subjects"]

S = TypeVar("S")
C = TypeVar("C", contravariant=True)
_KEPT = 10_000
_ONLY_FACTS = frozenset({Fact})


class Decider(Protocol[S, C]):
    """What may happen to a subject: pure functions, without I/O and without a clock."""

    @property
    def initial(self) -> S:
        """The state of a subject that has no record."""
        ...

    def decide(self, state: S, command: C) -> Iterable[Fact]:
        """Give the facts that a command leads to; raise CommandRejected where it is not allowed.

        A fact without a subject is about the command's.
        """
        ...

    def evolve(self, state: S, record: Record) -> S:
        """Give the state after a record about the subject; those of no interest change nothing."""
        ...


class _Warm(NamedTuple):
    version: int
    position: int
    state: Any


class Appender(Protocol):
    """A log, as far as commands need it."""

    @property
    def head(self) -> int: ...

    def version(self, subject: str, /) -> int: ...

    def propose(self, facts: Iterable[Fact], /) -> Proposal: ...

    def accept(self, proposal: Proposal, /) -> Any: ...


class Subjects:
    """The states of subjects as their deciders see them, kept at hand.

    Of a log in a file the longest unused are forgotten, as they can be read again; of one in
    memory they are kept, as their records may be cut.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._warm: dict[tuple[Any, str], _Warm] = {}

    def execute(
        self,
        log: Appender,
        decider: Decider[Any, Any],
        subject: str,
        command: Any,
        *,
        attempts: int,
    ) -> tuple[Record, ...]:
        """Decide and append what follows; decide again where the subject changed meanwhile."""
        for _ in range(attempts):
            warm = self._load(decider, subject, log.version(subject))
            try:
                facts = _decided(decider, warm.state, subject, command)
            except CommandRejected:
                if log.version(subject) == warm.version:
                    raise
            if log.version(subject) != warm.version:
                continue  # a refusal of what is no longer so is none
            proposal = log.propose(facts)
            state = warm.state
            for record in proposal.records:
                if record.subject == subject:
                    state = decider.evolve(state, record)
            log.accept(proposal)
            if proposal.records:
                version = proposal.versions.get(subject, warm.version)
                self._keep(decider, subject, _Warm(version, proposal.records[-1].position, state))
            return tuple(proposal.records)
        raise LogConflict(subject, expected=warm.version, actual=log.version(subject))

    def state(self, decider: Decider[S, Any], subject: str, version: int) -> S:
        """Give a subject's state; raises PositionCut where its records have been dropped."""
        return self._load(decider, subject, version).state  # type: ignore[no-any-return]

    def _load(self, decider: Decider[Any, Any], subject: str, version: int) -> _Warm:
        warm = self._warm.get((decider, subject)) or _cold(decider)
        if warm.version == version:
            return warm
        seen, position, state = warm
        for record in self._store.about(subject, position):
            if record.version != seen + 1:
                raise PositionCut(position + 1, self._store.cut + 1)
            seen, position, state = seen + 1, record.position, decider.evolve(state, record)
        if seen != version:
            raise PositionCut(position + 1, self._store.cut + 1)
        return self._keep(decider, subject, _Warm(seen, position, state))

    def _keep(self, decider: Decider[Any, Any], subject: str, warm: _Warm) -> _Warm:
        self._warm.pop((decider, subject), None)
        self._warm[decider, subject] = warm
        if len(self._warm) > _KEPT and self._store.outlives_process:
            del self._warm[next(iter(self._warm))]
        return warm


def _cold(decider: Decider[Any, Any]) -> _Warm:
    check_instance(decider, "a decider")
    return _Warm(0, 0, decider.initial)


def _decided(decider: Decider[Any, Any], state: Any, subject: str, command: Any) -> list[Fact]:
    try:
        given: Any = decider.decide(state, command)
        facts = None if given is None or type(given) is Fact else list(given)
    except CommandRejected as error:
        error.subject, error.command = subject, command
        raise
    if facts is None or not _ONLY_FACTS.issuperset(map(type, facts)):
        _check_facts(f"what {type(decider).__name__} decides", given if facts is None else facts)
    return [fact if fact.subject else _about(subject, fact) for fact in facts or ()]


def _check_facts(giver: str, given: Any) -> None:
    if not isinstance(given, list):
        raise TypeError(
            f"{giver} is a list of facts, empty where nothing follows, not {given!r:.80}"
        )
    for fact in given:
        check_fact(fact, giver)


def _about(subject: str, fact: Fact) -> Fact:
    return msgspec.structs.replace(fact, subject=subject)
