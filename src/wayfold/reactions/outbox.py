"""Do the effects that are pending, and record what came of it.

    required ──attempted──▶ under way ──done──▶ over
                 ▲              │ failed: pause, then again
                 └──────────────┤
                                └ gave_up, after the last attempt or where another is of no use
    cancelled from anywhere; what is under way then is still recorded

An attempt is recorded before it begins, and begins when everything it follows from is on disk. A
crash between the attempt and its record does it again, with the same key: at least once.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wayfold.log import Fact, Log, Origin
from wayfold.log.encoding import encode_data
from wayfold.log.plain import plain
from wayfold.reactions.agenda import Agenda, PendingEffect
from wayfold.reactions.clock import Clock
from wayfold.reactions.executor import Action, Answer, Call, EffectRefused, Executor, Job
from wayfold.reactions.inbox import Inbox
from wayfold.reactions.reaction import reason_of

__all__ = ["Deed", "Outbox"]

_GRACE_S = 1.0
"""What an action has, beyond its time, to end by itself and say why."""


class Deed(NamedTuple):
    """An action, and whether it is the log's own thread that must do it."""

    action: Action
    is_here: bool


class _UnderWay(NamedTuple):
    effect: PendingEffect
    attempt: int
    end_s: float


class Outbox:
    """Takes pending effects in the order of their key, several keys at once."""

    def __init__(
        self,
        log: Log,
        agenda: Agenda,
        clock: Clock,
        executor: Executor,
        inbox: Inbox,
        *,
        deeds: Mapping[str, Deed],
        chance: Callable[[], float],
        at_once: int,
    ) -> None:
        self._log = log
        self._agenda = agenda
        self._clock = clock
        self._executor = executor
        self._inbox = inbox
        self._deeds = deeds
        self._chance = chance
        self._at_once = at_once
        self._under_way: dict[str, _UnderWay] = {}

    @property
    def under_way(self) -> int:
        """How many attempts are going on."""
        return len(self._under_way)

    def begin(self, may_act: Callable[[str, str], bool]) -> int | None:
        """Begin what can be begun; give the wall time at which more can be, None for unknown.

        `may_act` tells whether a process has seen everything that could bear upon a key. A pause
        that is longer than any can be means that the wall clock was turned back: it is over.
        """
        now_ns, later = self._clock.wall_ns(), None
        chosen: list[PendingEffect] = []
        for (process, key), queue in self._agenda.queues.items():
            effect = next(iter(queue.values()))
            if effect.action not in self._deeds or not may_act(process, key):
                continue
            if any(subject in self._under_way for subject in queue):
                continue
            if now_ns < effect.retry_at_ns <= now_ns + effect.retry.longest_s * 10**9:
                later = min(later or effect.retry_at_ns, effect.retry_at_ns)
            elif len(self._under_way) + len(chosen) < self._at_once:
                chosen.append(effect)
        if chosen:
            self._attempt(chosen)
        return later

    def _attempt(self, effects: list[PendingEffect]) -> None:
        facts = [_fact(e, "attempted", attempt=e.attempts + 1) for e in effects]
        position = self._log.append_facts(facts)[-1].position
        self._agenda.catch_up(self._log)
        for effect in effects:
            attempt = effect.attempts + 1
            end_s = self._clock.elapsed_s() + effect.retry.timeout_s + _GRACE_S
            self._under_way[effect.subject] = _UnderWay(effect, attempt, end_s)
        for effect in effects:
            self._submit(effect, effect.attempts + 1, position)

    def _submit(self, effect: PendingEffect, attempt: int, position: int) -> None:
        def deliver(answer: Answer, error: BaseException | None) -> None:
            self._inbox.put(lambda: self.settle(effect, attempt, answer, error))

        call = Call(
            effect.idempotency_key,
            effect.name,
            effect.arguments,
            attempt,
            effect.retry.timeout_s,
        )
        deed = self._deeds[effect.action]
        job = Job(deed.action, call, lambda: self._log.sync(position), deliver)
        if deed.is_here:
            _do_here(job)
        else:
            self._executor.submit(job)

    # -- what came of it ----------------------------------------------------------------------

    def settle(
        self, effect: PendingEffect, attempt: int, answer: Answer, error: BaseException | None
    ) -> None:
        """Record how an attempt ended; one that was given up as too slow may still be done."""
        under_way = self._under_way.get(effect.subject)
        is_current = under_way is not None and under_way.attempt == attempt
        if is_current:
            del self._under_way[effect.subject]
        if error is None:
            if is_current or effect.subject in self._agenda.effects:
                self._record(_fact(effect, "done", attempt=attempt, **_told(answer)))
        elif is_current and effect.subject in self._agenda.effects:
            self._record(self._failure(effect, attempt, error))

    def _failure(self, effect: PendingEffect, attempt: int, error: BaseException) -> Fact:
        told = {"attempt": attempt, "error": reason_of(error)}
        if isinstance(error, EffectRefused) or attempt >= effect.retry.attempts:
            return _fact(effect, "gave_up", **told)
        pause_s = effect.retry.pause_s(attempt, self._chance())
        retry_at_ns = self._clock.wall_ns() + round(pause_s * 10**9)
        return _fact(effect, "failed", **told, retry_at_ns=retry_at_ns)

    def _record(self, fact: Fact) -> None:
        self._log.append_facts((fact,))
        self._agenda.catch_up(self._log)

    def overdue(self) -> float | None:
        """Fail what did not come back in time; give the seconds until the next would."""
        now_s = self._clock.elapsed_s()
        for under_way in list(self._under_way.values()):
            if under_way.end_s <= now_s:
                effect = under_way.effect
                error = TimeoutError(f"no answer within {effect.retry.timeout_s:g} s")
                self.settle(effect, under_way.attempt, None, error)
        ends = [under_way.end_s - now_s for under_way in self._under_way.values()]
        return min(ends, default=None)


def _do_here(job: Job) -> None:
    try:
        job.durable()
        answer: Any = job.action(job.call)
        if inspect.iscoroutine(answer):
            answer.close()
            raise EffectRefused(f"{job.call.name} is a coroutine: perform it without `here`")
    except Exception as error:
        job.deliver(None, error)
    else:
        job.deliver(answer, None)


def _told(answer: Any) -> dict[str, Any]:
    """Give what is recorded of an answer; where it cannot be, why: it was done all the same."""
    try:
        result = plain(dict(answer or {}))
        encode_data(result)
    except (TypeError, ValueError) as error:
        return {"result": {}, "unrecorded": reason_of(error)}
    return {"result": result}


def _fact(effect: PendingEffect, what: str, **data: Any) -> Fact:
    told = {"process": effect.process, "key": effect.key, "effect": effect.name, **data}
    return Fact(f"effect.{what}", effect.subject, told, Origin.WAYFOLD)
