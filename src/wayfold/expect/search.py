"""Look for a record again and again, while more of them come."""

from collections.abc import Callable

from wayfold.expect.claim import Claim
from wayfold.expect.failure import ExpectationFailed
from wayfold.expect.pattern import Recorded, Source
from wayfold.expect.report import Report

__all__ = ["Advance", "Search"]

Advance = Callable[[float], object]
"""Lets more records come, for at most so many seconds."""


class Search:
    """Looks for a record that keeps a claim, among what has come since it looked last."""

    def __init__(self, source: Source, position: int, claim: Claim, timeout_s: float) -> None:
        self._source = source
        self._position = position
        self._looked = position
        self._claim = claim
        self._timeout_s = timeout_s

    def look(self) -> Recorded | None:
        """Give the first such record, None while there is none."""
        # What comes from another thread meanwhile is looked at the next time.
        head = self._source.head
        if self._looked >= head:
            return None
        names = self._claim.names
        records = list(self._source.records(self._looked, until=head, name=names))
        if not self._claim.is_about_order:
            self._looked = head
        verdicts = self._claim.judge(records)
        return next((each.record for each in verdicts if each.is_kept), None)

    def wait(self, advance: Advance, left_s: float) -> None:
        """Let more records come; what is raised meanwhile says what was waited for."""
        try:
            advance(left_s)
        except Exception as error:
            error.add_note(f"while this was expected: {self._claim}")
            raise

    def failure(self) -> ExpectationFailed:
        """Give what is raised once the time is over."""
        expected = f"{self._claim}, to come within {self._timeout_s:g} s"
        records = list(self._source.records(self._position, name=self._claim.names))
        verdicts = self._claim.judge(records)
        return Report(self._source, self._position, expected).of(self._claim, verdicts)
