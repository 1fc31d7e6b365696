"""Say what a session must have been: `log.expect(…)`, and `never`, `always`, `count` of it."""

import time
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

from wayfold.expect.claim import Claim, Verdict
from wayfold.expect.pattern import Pattern, Recorded, Source
from wayfold.expect.report import Report
from wayfold.expect.search import Advance, Search

__all__ = ["Condition", "Expectations", "Named"]

Named = str | Iterable[str] | Pattern


class Condition(TypedDict, total=False):
    """What is said of a record beyond its name; `matching` and Expectations describe it."""

    subject: str | None
    origin: str | None
    data: Mapping[str, Any] | None
    before: Named | None
    after: Named | None
    within: float | None
    same_subject: bool


class Expectations:
    """What is expected of the records of a session; each raises ExpectationFailed where it is not.

    Records are chosen by name (a shell pattern such as `wl_surface.*`, or several), and by
    `subject`, `origin` and `data`, as `matching` describes. What is said of each of them:
    `before=B`, that a B comes behind it; `after=B`, that a B came ahead of it; with `within`, at
    most so many seconds apart; with `same_subject`, a B of the same object.
    """

    def __init__(
        self, source: Source, *, advance: Advance | None = None, position: int = 0
    ) -> None:
        self._source = source
        self._advance = advance
        self._position = position

    def after(self, position: int) -> "Expectations":
        """Give the same of the records behind a position only."""
        return Expectations(self._source, advance=self._advance, position=position)

    def advanced_by(self, advance: Advance) -> "Expectations":
        """Give the same, with a function that lets more records come while `eventually` waits."""
        return Expectations(self._source, advance=advance, position=self._position)

    def __call__(self, name: str | Iterable[str], **condition: Unpack[Condition]) -> Recorded:
        """Expect at least one such record, and give the first."""
        __tracebackhide__ = True
        claim = _claim(name, condition)
        verdicts = self._judged(claim)
        for verdict in verdicts:
            if verdict.is_kept:
                return verdict.record
        raise self._report(f"at least one {claim}").of(claim, verdicts)

    def always(self, name: str | Iterable[str], **condition: Unpack[Condition]) -> list[Recorded]:
        """Expect that there are such records, and what is said to be true of each; give them.

        `data` is among what is said of them: all that have the name must have it.
        """
        __tracebackhide__ = True
        claim = _claim(name, condition)
        verdicts = self._judged(claim)
        if verdicts and all(verdict.is_kept for verdict in verdicts):
            return [verdict.record for verdict in verdicts]
        raise self._report(f"every {claim}").of(claim, verdicts)

    def never(self, name: str | Iterable[str], **condition: Unpack[Condition]) -> None:
        """Expect no such record."""
        __tracebackhide__ = True
        claim = _claim(name, condition)
        if offending := [verdict for verdict in self._judged(claim) if verdict.is_kept]:
            raise self._report(f"no {claim}").of_unwanted(offending)

    def count(
        self,
        name: str | Iterable[str],
        exactly: int | None = None,
        *,
        at_least: int | None = None,
        at_most: int | None = None,
        **condition: Unpack[Condition],
    ) -> list[Recorded]:
        """Expect a number of such records, and give them."""
        __tracebackhide__ = True
        wanted = _Number(exactly, at_least, at_most)
        claim = _claim(name, condition)
        verdicts = self._judged(claim)
        found = [verdict for verdict in verdicts if verdict.is_kept]
        if wanted.allows(len(found)):
            return [verdict.record for verdict in found]
        raise self._report(f"{wanted} {claim}").of(claim, verdicts)

    def in_order(self, *names: Named) -> list[Recorded]:
        """Expect these records one behind the other, whatever comes between; give them."""
        __tracebackhide__ = True
        steps = [_pattern(name) for name in names]
        found: list[Recorded] = []
        for record in self._source.records(self._position):
            if len(found) < len(steps) and steps[len(found)].fits(record):
                found.append(record)
        if len(found) == len(steps):
            return found
        raise self._report(", then ".join(map(str, steps))).of_order(found, steps[len(found)])

    def eventually(
        self,
        name: str | Iterable[str],
        *,
        timeout: float = 5.0,
        **condition: Unpack[Condition],
    ) -> Recorded:
        """Wait until there is such a record, for at most `timeout` seconds, and give the first.

        Raises what the session raises meanwhile, such as ConnectionLost; and ValueError on a log
        into which nothing comes by waiting: use `client.expect` or `session.expect`.
        """
        __tracebackhide__ = True
        if self._advance is None:
            raise ValueError("nothing comes into a log by waiting for it; use client.expect")
        search = self.search(name, timeout=timeout, **condition)
        end = time.monotonic() + timeout
        while (found := search.look()) is None:
            left_s = end - time.monotonic()
            if left_s <= 0:
                raise search.failure()
            search.wait(self._advance, left_s)
        return found

    def search(
        self, name: str | Iterable[str], *, timeout: float, **condition: Unpack[Condition]
    ) -> Search:
        """Give what looks for such a record again and again, for who waits in another way."""
        return Search(self._source, self._position, _claim(name, condition), timeout)

    def _judged(self, claim: Claim) -> list[Verdict]:
        return claim.judge(list(self._source.records(self._position, name=claim.names)))

    def _report(self, expected: str) -> Report:
        return Report(self._source, self._position, expected)


class _Number:
    def __init__(self, exactly: int | None, at_least: int | None, at_most: int | None) -> None:
        if (exactly is None) == (at_least is None and at_most is None):
            raise ValueError("count needs a number, or at_least, at_most or both")
        self._exactly = exactly
        self._low = at_least
        self._high = at_most

    def allows(self, number: int) -> bool:
        if self._exactly is not None:
            return number == self._exactly
        return (self._low or 0) <= number and (self._high is None or number <= self._high)

    def __str__(self) -> str:
        if self._exactly is not None:
            return f"exactly {self._exactly}"
        words = [f"at least {self._low}"] if self._low is not None else []
        words += [f"at most {self._high}"] if self._high is not None else []
        return " and ".join(words)


def _claim(name: str | Iterable[str], condition: Condition) -> Claim:
    before, after = condition.get("before"), condition.get("after")
    return Claim(
        Pattern(
            name,
            subject=condition.get("subject"),
            origin=condition.get("origin"),
            data=condition.get("data"),
        ),
        None if before is None else _pattern(before),
        None if after is None else _pattern(after),
        condition.get("within"),
        condition.get("same_subject", False),
    )


def _pattern(named: Named) -> Pattern:
    return named if isinstance(named, Pattern) else Pattern(named)
