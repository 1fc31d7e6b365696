"""What was measured against what is to be reached, as text and as JSON."""

from typing import Any, NamedTuple

from flood import CLIENTS, Round, paired, typical

__all__ = ["Extra", "Goal", "as_json", "as_text", "extras", "flood_goals", "other_goals"]


class Goal(NamedTuple):
    """Something measured and the most that it may be."""

    name: str
    value: float
    most: float
    unit: str = ""

    @property
    def is_met(self) -> bool:
        """True where it is no more than it may be."""
        return self.value <= self.most


def flood_goals(measured: list[Round]) -> list[Goal]:
    """The ratios of CPU time."""
    return [
        Goal("memory log / C listener", paired(measured, "memory", "c"), 1.2),
        Goal("memory log / pywayland", paired(measured, "memory", "pywayland"), 0.2),
        Goal("state folded / pywayland", paired(measured, "state", "pywayland"), 0.5),
    ]


def other_goals(import_ms: float, wakeups: int) -> list[Goal]:
    """What is not about the flood."""
    return [
        Goal("import wayfold; wayfold.connect", import_ms, 50, "ms"),
        Goal("wake-ups while idle", wakeups, 0),
    ]


class Extra(NamedTuple):
    """Something measured that has no goal."""

    name: str
    value: float
    unit: str = ""


def extras(
    measured: list[Round], import_ms: dict[str, float], connect: dict[str, float]
) -> list[Extra]:
    """What is told beside the goals."""
    system = paired(measured, "memory", "c_system")
    return [
        Extra("memory log / C, the system's libwayland", system),
        Extra("import wayfold; wayfold.connect, CPU", import_ms["cpu"], "ms"),
        Extra("connect to first complete state, weston", connect["state"], "ms"),
        Extra("the same, first in its process", connect["first"], "ms"),
        Extra("two bare roundtrips", connect["bare"], "ms"),
    ]


def as_text(measured: list[Round], goals: list[Goal], others: list[Extra], about: str) -> str:
    """Give it for reading, at most 80 columns wide."""
    head = f"{'median, µs an event':<44}{'CPU':>8}{'wall':>8}"
    lines = [about, "", head, *(_client(measured, key) for key in CLIENTS), ""]
    lines += [f"{'goal':<44}{'found':>11}{'at most':>11}", *map(_goal, goals), ""]
    return "\n".join([*lines, *map(_extra, others)])


def _client(measured: list[Round], key: str) -> str:
    cpu, wall = typical(measured, key, "cpu_s"), typical(measured, key, "wall_s")
    return f"{CLIENTS[key]:<44}{cpu:>8.3f}{wall:>8.3f}"


def _goal(goal: Goal) -> str:
    found, most = _quantity(goal.value, goal.unit), _quantity(goal.most, goal.unit)
    return f"{goal.name:<44}{found:>11}{most:>11}  {'met' if goal.is_met else 'MISSED'}"


def _extra(extra: Extra) -> str:
    return f"{extra.name:<44}{_quantity(extra.value, extra.unit):>11}"


def _quantity(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".rstrip()


def as_json(
    measured: list[Round], goals: list[Goal], others: list[Extra], about: str
) -> dict[str, Any]:
    """Give it for programs."""
    medians = {
        key: {f"{what}_us": typical(measured, key, f"{what}_s") for what in ("cpu", "wall")}
        for key in CLIENTS
    }
    return {
        "about": about,
        "medians_per_event": medians,
        "goals": [{**goal._asdict(), "is_met": goal.is_met} for goal in goals],
        "extras": [extra._asdict() for extra in others],
        "rounds": measured,
    }
