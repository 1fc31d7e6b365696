"""Commands, views, processes and deadlines; ratios to bare SQLite, which writes the same bytes."""

import statistics
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import apsw
from report import Extra, Goal, Report

from wayfold.log import Fact, Log, Record
from wayfold.reactions import Process, Runner, SetDeadline, TableView, View

__all__ = ["measure"]

RECORDS = 50_000
COMMITS = 1000
DEADLINES = 10_000
MILLION = 1_000_000


class Counter:
    """A decider whose state is a sum."""

    initial = 0

    def decide(self, state: int, command: int) -> tuple[Fact, ...]:
        return (Fact("n", data={"by": command}),)

    def evolve(self, state: int, record: Record) -> int:
        return state + int(record.data["by"])


class Sum:
    """A model whose state is a sum."""

    initial = 0
    secrets: Mapping[str, Sequence[str]] = MappingProxyType({})

    def fold(self, state: int, runs: Any) -> int:
        for run in runs:
            for data in run.data():
                state += data["by"]
        return state

    def derive(self, before: int, after: int) -> tuple[Fact, ...]:
        return ()

    def ends_group(self, name: str) -> bool:
        return False


class MemorySum(View[int]):
    """A view in memory."""

    name, hears, initial = "sum", "n", 0

    def fold(self, state: int, record: Record) -> int:
        return state + int(record.data["by"])


class TableSum(TableView):
    """A view of a thousand rows."""

    name, hears, tables = "sums", "n", ("sum",)
    schema = "CREATE TABLE {sum} (subject TEXT PRIMARY KEY, n INTEGER NOT NULL)"

    def apply(self, tables: Any, record: Record) -> None:
        add = "INSERT INTO {sum} VALUES (?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
        tables.execute(add, (record.subject, record.data["by"]))


class Reminders(Process[int]):
    """Counts, and sets a deadline in an hour."""

    name, hears, initial = "reminders", "n", 0

    def fold(self, state: int, record: Record) -> int:
        return state + 1

    def decide(self, state: int, record: Record) -> Iterator[SetDeadline]:
        if record.data.get("remind"):
            yield SetDeadline("look", record.time_ns + 3600 * 10**9)


def rate(
    count: int, action: Callable[[], object], clock: Callable[[], float] = time.process_time
) -> float:
    """Give how many a second: of processor time, unless another clock is given."""
    before = clock()
    action()
    return count / (clock() - before)


@contextmanager
def file_log() -> Iterator[Log]:
    """Give a log in a file that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder, Log.open(Path(folder) / "log") as log:
        yield log


def fill(log: Log, count: int, **more: Any) -> None:
    """Append facts about a thousand subjects, a thousand at once."""
    for _ in range(count // 1000):
        log.append_facts(Fact("n", f"a/{k}", {"by": 1, **more}) for k in range(1000))


def commands() -> float:
    """Commands a second on a subject with a thousand records."""
    log, counter = Log.memory(), Counter()
    fill(log, 1000)
    log.append_facts(Fact("n", "a", {"by": 1}) for _ in range(1000))
    log.execute(counter, "a", 1)
    return rate(10_000, lambda: [log.execute(counter, "a", 1) for _ in range(10_000)])


def commits() -> float:
    """Records a second that are checked, stored, folded and told to two subscribers."""
    log, heard = Log.memory(model=Sum()), [0, 0]
    for place in range(2):

        def hear(first: int, batch: Any, derived: Any, place: int = place) -> None:
            heard[place] += len(batch)

        log.listen(hear)

    def work() -> None:
        for _ in range(RECORDS // 100):
            facts = [Fact("n", "a", {"by": 1}) for _ in range(100)]
            log.append_facts(facts, expected_versions={"a": log.version("a")})
            assert log.state == log.head

    found = rate(RECORDS, work)
    assert heard == [RECORDS, RECORDS]
    return found


def following(log: Log, view: Any) -> float:
    """Records a second that a view takes that has fallen behind."""
    fill(log, RECORDS)
    with Runner(log) as runner:
        followed = runner.follow(view)
        found = rate(RECORDS, runner.settle)
        assert followed.lag == 0
    return found


def durable() -> tuple[float, float]:
    """Commands a second that wait for the disk, and bare commits of one such row."""
    counter = Counter()
    with file_log() as log, tempfile.TemporaryDirectory() as folder:

        def ours() -> None:
            for _ in range(COMMITS):
                log.execute(counter, "a", 1)
                log.sync()

        log.execute(counter, "a", 1)
        raw = bare(Path(folder) / "bare")
        return rate(COMMITS, ours, time.perf_counter), rate(COMMITS, raw, time.perf_counter)


def bare(path: Path) -> Callable[[], None]:
    """Give what writes rows like ours with apsw alone, each on disk before the next."""
    connection = apsw.Connection(str(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", "full")
    connection.execute("CREATE TABLE r (p INTEGER PRIMARY KEY, t, o, s, v, n, d, m, h)")

    def work() -> None:
        for number in range(COMMITS):
            row = (number, 1, "app", "a", number, "n", '{"by":1}', None, b"h" * 32)
            # Is a transaction of its own, which is quicker than three statements.
            connection.execute("INSERT INTO r VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    return work


class Counting(Runner):
    """A runner that counts how often it looks."""

    turns = 0

    def turn(self) -> bool:
        self.turns += 1
        return super().turn()


def wakeups(seconds: float) -> int:
    """Give how often a runner with many open deadlines wakes up while none is due."""
    log = Log.memory()
    with Counting(log) as runner:
        runner.react(Reminders())
        fill(log, DEADLINES, remind=True)
        runner.settle()
        for number in range(DEADLINES // 1000):
            log.append_facts(
                Fact("n", f"b/{number}/{k}", {"by": 1, "remind": True}) for k in range(1000)
            )
        runner.settle()
        assert len(runner.deadlines()) >= DEADLINES
        before = runner.turns
        runner.run(timeout=seconds)
        return runner.turns - before - 2  # one to begin with and one when the time is up


def process_rate() -> float:
    """Records a second that a process in a file folds and decides on."""
    with file_log() as log:
        fill(log, RECORDS)
        with Runner(log) as runner:
            runner.react(Reminders())
            return rate(RECORDS, runner.settle)


def catch_up_in_parts() -> float:
    """Records a second, of the clock, that a process in 16 parts catches up with."""
    log = Log.memory(keep=4 * MILLION)
    fill(log, MILLION)
    with Runner(log) as runner:
        split = runner.split(Reminders(), 16, ["first", "second"])
        done = rate(
            MILLION,
            lambda: runner.run(until=lambda: not split.lag),
            time.perf_counter,
        )
        assert sum(split.states.values()) == MILLION
        return done


def median(rounds: int, action: Callable[[], float]) -> float:
    """Give the median of some rounds."""
    return statistics.median(action() for _ in range(rounds))


def measure(options: Namespace) -> Report:
    """Measure all of it."""

    def in_file() -> float:
        with file_log() as log:
            return following(log, TableSum())

    rounds = options.rounds
    pairs = [durable() for _ in range(rounds)]
    ratio = statistics.median(ours / raw for ours, raw in pairs)
    in_memory = lambda: following(Log.memory(), MemorySum())  # noqa: E731
    goals = [
        Goal("command, subject of 1000 records", median(rounds, commands), 10_000, "/s", True),
        Goal("checked, folded, told to two", median(rounds, commits), 300_000, "/s", True),
        Goal("durable command / raw apsw, one a commit", ratio, 0.85, "", True),
        Goal("following view in memory", median(rounds, in_memory), 200_000, "/s", True),
        Goal("following view in SQLite", median(rounds, in_file), 50_000, "/s", True),
        Goal("wake-ups with 10,000 open deadlines", wakeups(min(options.idle, 3.0)), 0),
    ]
    extras = [
        Extra("durable commands", statistics.median(ours for ours, _ in pairs), "/s"),
        Extra("catch-up of a million in 16 parts", catch_up_in_parts(), "/s"),
        Extra("process in a file, fold and decide", median(rounds, process_rate), "/s"),
    ]
    about = f"{rounds} rounds of {RECORDS:,} records, a second of CPU; {COMMITS} commits on disk"
    return Report(about, goals, extras, [], {})
