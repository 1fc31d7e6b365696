"""What a process may decide: facts, deadlines and effects."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec

from wayfold.log import Fact

__all__ = [
    "CancelDeadline",
    "CancelEffect",
    "Effect",
    "Outcome",
    "Retry",
    "SetDeadline",
    "deadline_subject",
    "idempotency_key",
]


class Retry(msgspec.Struct, frozen=True):
    """How often an effect is attempted, how long an attempt may take, how long the pauses are.

    The first pause is `first_s`, each one twice as long as the one before up to `longest_s`, and
    between half of that and all of it by chance.
    """

    attempts: int = 10
    timeout_s: float = 30.0
    first_s: float = 1.0
    longest_s: float = 300.0

    def pause_s(self, attempt: int, chance: float) -> float:
        """Give the pause after an attempt, counted from 1; `chance` is from 0 to 1."""
        longest = min(self.first_s * 2 ** min(attempt - 1, 60), self.longest_s)
        return float(longest * (1 + chance) / 2)


class Effect(msgspec.Struct, frozen=True):
    """Something to be done outside: by an action of that name, with these arguments.

    It is done at least once: a crash between doing and recording does it again, with the same
    idempotency key. `name` tells apart several effects of one record; without one it is the
    action's.
    """

    action: str
    arguments: Mapping[str, Any] = {}
    name: str = ""
    retry: Retry = Retry()


class CancelEffect(msgspec.Struct, frozen=True):
    """Do not do the pending effects of this name, of the same key; those under way may be done."""

    name: str


class SetDeadline(msgspec.Struct, frozen=True):
    """Tell by a record `deadline.expired` when a time has come; again it sets another time.

    `due_ns` is Unix time in nanoseconds: of a record's `time_ns`, never of a clock.
    """

    name: str
    due_ns: int


class CancelDeadline(msgspec.Struct, frozen=True):
    """Forget a deadline; nothing happens where it is not open."""

    name: str


Outcome = Fact | Effect | CancelEffect | SetDeadline | CancelDeadline


def idempotency_key(log_id: str, position: int, name: str) -> str:
    """Give the key of an effect: the same after a crash, a restart, a replay, a new version."""
    return sha256(f"{log_id}/{position}/{name}".encode()).hexdigest()[:32]


def deadline_subject(process: str, key: str, name: str) -> str:
    """Give the subject of a deadline."""
    return f"deadline/{process}/{key}/{name}"
