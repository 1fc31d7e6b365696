"""What is claimed of records, and which of them keep the claim."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from wayfold.expect.pattern import Pattern, Recorded

__all__ = ["Claim", "Verdict"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A record that is meant, what it lacks, and the records that it was held against."""

    record: Recorded
    faults: tuple[str, ...]
    others: tuple[Recorded, ...]

    @property
    def is_kept(self) -> bool:
        """True where the record keeps the claim."""
        return not self.faults


@dataclass(frozen=True, slots=True)
class Claim:
    """Records of a pattern, each before the next of another one, or after the last of one."""

    what: Pattern
    before: Pattern | None = None
    after: Pattern | None = None
    within_s: float | None = None
    same_subject: bool = False

    def __post_init__(self) -> None:
        if self.within_s is not None and self.before is None and self.after is None:
            raise ValueError("within needs before or after: a time counts between two records")

    @property
    def names(self) -> tuple[str, ...]:
        """Give the patterns of every name that must be looked at."""
        return tuple(
            pattern
            for each in (self.what, self.before, self.after)
            if each is not None
            for pattern in each.names.patterns
        )

    @property
    def is_about_order(self) -> bool:
        """True where a record alone does not tell whether it keeps the claim."""
        return self.before is not None or self.after is not None

    def __str__(self) -> str:
        return f"{self.what}{self.condition}"

    @property
    def condition(self) -> str:
        """Tell in words what is asked beyond the pattern."""
        words = [f", before {self.before}"] if self.before else []
        words += [f", after {self.after}"] if self.after else []
        words += [", of the same subject"] if self.same_subject else []
        words += [f", within {self.within_s:g} s"] if self.within_s is not None else []
        return "".join(words)

    def judge(self, records: Sequence[Recorded]) -> list[Verdict]:
        """Hold every record that is meant against the claim."""
        earlier = self._nearest(records, self.after)
        later = list(self._nearest(reversed(records), self.before))
        return [
            self._verdict(record, before, after)
            for record, before, after in zip(records, earlier, reversed(later), strict=True)
            if self.what.selects(record)
        ]

    def _nearest(
        self, records: Iterable[Recorded], pattern: Pattern | None
    ) -> Iterator[Recorded | None]:
        last: dict[str, Recorded] = {}
        for record in records:
            key = record.subject if self.same_subject else ""
            yield last.get(key)
            if pattern is not None and pattern.fits(record):
                last[key] = record

    def _verdict(
        self, record: Recorded, earlier: Recorded | None, later: Recorded | None
    ) -> Verdict:
        unlike = self.what.unlike(record.data)
        faults = [_unlike(record, name) for name in unlike]
        if self.after is not None:
            faults += self._distance(record, earlier, f"no {self.after} comes before it")
        if self.before is not None:
            faults += self._distance(record, later, f"no {self.before} comes after it")
        others = tuple(each for each in (earlier, later) if each is not None)
        return Verdict(record, tuple(faults), others)

    def _distance(self, record: Recorded, other: Recorded | None, missing: str) -> list[str]:
        if other is None:
            return [missing]
        distance_s = abs(other.time_ns - record.time_ns) / 1e9
        if self.within_s is None or distance_s <= self.within_s:
            return []
        way = "after" if other.position > record.position else "before"
        return [f"{other.name} comes {distance_s:.6f} s {way} it, at {other.position}"]


def _unlike(record: Recorded, name: str) -> str:
    if name not in record.data:
        return f"it has no {name}"
    return f"{name} is {record.data[name]!r}"
