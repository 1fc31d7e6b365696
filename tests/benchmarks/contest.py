"""Runs what is compared in alternating rounds, each on a fresh file, and gives rates."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

from programs import on_disk
from sections import tell

__all__ = ["Contest", "Task", "percentile", "timed"]

Task = Callable[[Path], float]
"""Does the work on a path that does not exist yet; gives how many a second it did."""


class Contest:
    """What several tasks reached, round by round."""

    def __init__(self, name: str, tasks: Mapping[str, Task], rounds: int) -> None:
        self.tasks = list(tasks)
        self.rounds: list[dict[str, float]] = []
        for number in range(1, rounds + 1):
            tell(f"{name}: round {number} of {rounds}")
            # Every other round goes backwards, so that none always runs after the same neighbour.
            order = self.tasks if number % 2 else self.tasks[::-1]
            found = {}
            for task in order:
                with on_disk() as folder:
                    found[task] = tasks[task](folder / "log")
            self.rounds.append(found)

    def rate(self, task: str) -> float:
        """Median over the rounds, a second."""
        return median(each[task] for each in self.rounds)

    def ratio(self, task: str, other: str) -> float:
        """Median of each round's own ratio: what slows a whole round cancels out."""
        return median(each[task] / each[other] for each in self.rounds)

    def lines(self, unit: str) -> list[str]:
        """Give the rates as a table."""
        head = f"{f'median, {unit} a second':<55}{'rate':>13}"
        return [head, *(f"{task:<55}{self.rate(task):>13,.0f}" for task in self.tasks)]


def timed(count: int, work: Callable[[], object]) -> float:
    """Give how many of `count` a second it did."""
    start_s = time.perf_counter()
    work()
    return count / (time.perf_counter() - start_s)


def percentile(values: list[float], percent: int) -> float:
    """Give the value that this share of the others does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) * percent // 100, len(ordered) - 1)]
