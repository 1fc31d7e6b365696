"""What was measured against what is to be reached, as text and as JSON."""

from typing import Any, NamedTuple

__all__ = ["Extra", "Goal", "Report", "as_json", "as_text"]

_NAME = 44


class Goal(NamedTuple):
    """Something measured and the most that it may be, or with `at_least` the least."""

    name: str
    value: float
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """True where it is on the right side of its bound."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


class Extra(NamedTuple):
    """Something measured that has no goal."""

    name: str
    value: float
    unit: str = ""


class Report(NamedTuple):
    """What one section found: `lines` are a table of its own, `raw` is for programs only."""

    about: str
    goals: list[Goal]
    extras: list[Extra]
    lines: list[str]
    raw: dict[str, Any]


def as_text(report: Report) -> str:
    """Give it for reading, at most 80 columns wide."""
    lines = [report.about, ""]
    if report.lines:
        lines += [*report.lines, ""]
    if report.goals:
        head = f"{'goal':<{_NAME}}{'found':>11}{'to reach':>13}"
        lines += [head, *map(_goal, report.goals), ""]
    return "\n".join([*lines, *map(_extra, report.extras)]).rstrip()


def _goal(goal: Goal) -> str:
    found = _quantity(goal.value, goal.unit)
    bound = f"{'≥' if goal.at_least else '≤'} {_quantity(goal.bound, goal.unit)}"
    return f"{goal.name:<{_NAME}}{found:>11}{bound:>13}  {'met' if goal.is_met else 'MISSED'}"


def _extra(extra: Extra) -> str:
    return f"{extra.name:<{_NAME}}{_quantity(extra.value, extra.unit):>11}"


def _quantity(value: float, unit: str) -> str:
    number = f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
    return f"{number} {unit}".rstrip()


def as_json(report: Report) -> dict[str, Any]:
    """Give it for programs."""
    return {
        "about": report.about,
        "goals": [{**goal._asdict(), "is_met": goal.is_met} for goal in report.goals],
        "extras": [extra._asdict() for extra in report.extras],
        **report.raw,
    }
