"""Kinds of reducer: what a run of one record name makes of a draft."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from wayfold.log.record import Run
from wayfold.model.draft import Draft
from wayfold.model.fields import Data, Unfit

__all__ = ["Reducer", "Reducers", "on_draft", "on_object"]

S = TypeVar("S", bound=msgspec.Struct)

Reducer = Callable[[Draft, Run], None]
Reducers = dict[str, Reducer]


def on_object(
    kind: type[S],
    step: Callable[[S, Data], S],
    then: Callable[[Draft, S], None] | None = None,
) -> Reducer:
    """Fold records into the live object they are about, if it is of this kind.

    `then` publishes what came of the whole run.
    """

    def reduce(draft: Draft, run: Run) -> None:
        before = draft.find(kind, run.subject)
        if before is None:
            return
        after = _steps(before, step, run)
        if after is not before:
            draft.pending.put(run.subject, after)
            if then is not None:
                then(draft, after)

    return reduce


def _steps(value: S, step: Callable[[S, Data], S], run: Run) -> S:
    for data in run.data():
        try:
            value = step(value, data)
        except Unfit:
            continue
    return value


def on_draft(step: Callable[[Draft, str, Data], None]) -> Reducer:
    """Fold records that touch more than one object; a step reads all it needs, then writes."""

    def reduce(draft: Draft, run: Run) -> None:
        subject = run.subject
        for data in run.data():
            try:
                step(draft, subject, data)
            except Unfit:
                continue

    return reduce
