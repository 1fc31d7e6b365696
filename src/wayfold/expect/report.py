"""The text of a failed expectation: what was expected, what was found, and the records in order."""

from collections.abc import Iterable, Sequence
from itertools import chain

from wayfold.expect.claim import Claim, Verdict
from wayfold.expect.failure import ExpectationFailed
from wayfold.expect.pattern import Pattern, Recorded, Source
from wayfold.expect.story import Line, tell

__all__ = ["Report"]

_LAST = 5


class Report:
    """Makes the failure of one expectation about the records behind a position."""

    def __init__(self, source: Source, position: int, expected: str) -> None:
        self._source = source
        self._position = max(position, source.cut)
        behind = f", behind position {position}" if position else ""
        self._expected = f"{expected}{behind}"

    def of(self, claim: Claim, verdicts: Sequence[Verdict]) -> ExpectationFailed:
        """Give the failure of a claim that some records do not keep, or too many or too few."""
        offending = [verdict for verdict in verdicts if not verdict.is_kept]
        if not verdicts:
            return self._failure(self._none(claim.what), self._last())
        lines = [_line(each, ">" if each.is_kept else "!") for each in verdicts]
        found = _found(len(verdicts) - len(offending), len(verdicts))
        return self._failure(found, [*_others(verdicts), *lines], verdicts, offending)

    def of_unwanted(self, offending: Sequence[Verdict]) -> ExpectationFailed:
        """Give the failure of records that should not be there."""
        times = "once" if len(offending) == 1 else f"{len(offending)} times"
        lines = [*_others(offending), *(_line(each, "!") for each in offending)]
        return self._failure(f"it came {times}", lines, offending, offending)

    def of_order(self, found: Sequence[Recorded], missing: Pattern) -> ExpectationFailed:
        """Give the failure of a sequence that stops ahead of `missing`."""
        lines = [Line(record, ">") for record in found]
        start = found[-1].position if found else self._position
        strays = [r for r in self._records(missing) if missing.selects(r)]
        lines += [Line(r, "!", _stray(r, start, missing)) for r in strays if r not in found]
        told = f"{len(found)} came in order; no {missing} behind position {start}"
        if not strays:
            told = f"{len(found)} came in order; {self._none(missing)}"
        return self._failure(told, lines or self._last())

    def _records(self, pattern: Pattern) -> Iterable[Recorded]:
        return self._source.records(self._position, name=pattern.names.patterns)

    def _none(self, pattern: Pattern) -> str:
        from difflib import get_close_matches  # needed by a failure only

        names = {record.name for record in self._source.records(self._position)}
        if not names:
            return "there are no records at all"
        close = get_close_matches(pattern.names.patterns[0], sorted(names), cutoff=0.8)
        hint = f" (names like it: {', '.join(close)})" if close else ""
        return f"there is no {pattern.kind}{hint} among {self._source.head - self._position}"

    def _last(self) -> list[Line]:
        first = max(self._source.head - _LAST, self._position)
        return [Line(record) for record in self._source.records(first)]

    def _failure(
        self,
        found: str,
        lines: Sequence[Line],
        verdicts: Sequence[Verdict] = (),
        offending: Sequence[Verdict] = (),
    ) -> ExpectationFailed:
        start = next(iter(self._source.records(self._source.cut)), None)
        story = tell(lines, start.time_ns if start else 0)
        told = f"{found}:\n{story}" if lines else found
        return ExpectationFailed(
            f"expected {self._expected}\n{told}",
            expected=self._expected,
            matching=[verdict.record for verdict in verdicts],
            offending=[verdict.record for verdict in offending],
        )


def _found(kept: int, count: int) -> str:
    if kept == count:
        return f"found {count}"
    return f"{kept or 'none'} of {count} {'are' if kept > 1 else 'is'} so"


def _line(verdict: Verdict, mark: str) -> Line:
    return Line(verdict.record, mark, "; ".join(verdict.faults))


def _others(verdicts: Sequence[Verdict]) -> list[Line]:
    meant = {verdict.record.position for verdict in verdicts}
    others = chain.from_iterable(verdict.others for verdict in verdicts)
    found = {each.position: Line(each) for each in others if each.position not in meant}
    return list(found.values())


def _stray(record: Recorded, start: int, missing: Pattern) -> str:
    if record.position < start:
        return "too early"
    return ", ".join(f"{name} is {record.data.get(name)!r}" for name in missing.unlike(record.data))
