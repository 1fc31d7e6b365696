"""What it costs to keep a record in a file: against SQLite alone, and against a library."""

import os
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import library
from contest import Contest, percentile, timed
from report import Extra, Goal, Report

from wayfold.log import Fact, Log

__all__ = ["measure"]

_ALONE, _TOGETHER, _AT_ONCE = 1000, 200, 100
_LOOKS = 2000
_TABLE = """
CREATE TABLE record (position INTEGER PRIMARY KEY, time_ns INTEGER NOT NULL, origin TEXT NOT NULL,
subject TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL,
masked TEXT, hash BLOB NOT NULL)
"""
_INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def measure(options: Namespace) -> Report:
    """Append one record a commit and a hundred, look at what was written, weigh the file."""
    alone = Contest("durable, one a commit", _alone(), options.rounds)
    together = Contest("durable, 100 a commit", _together(), options.rounds)
    looks = Contest("durable, read back", {"looks": lambda path: 1 / _look(path)}, 3)
    saved, at_once = alone.ratio(_SYNCED, _SAVED), together.ratio(_SYNCED, _SAVED)
    return Report(
        f"{options.rounds} rounds of {_ALONE} and of {_TOGETHER * _AT_ONCE} records in a file",
        goals=[
            Goal("append, sync / apsw, FULL", alone.ratio(_SYNCED, _RAW_FULL), 0.9, "", True),
            Goal("append / apsw, NORMAL", alone.ratio(_APPENDED, _RAW_NORMAL), 0.9, "", True),
            Goal("append, sync / eventsourcing save", saved, 1.5, "", True),
            Goal("the same, 100 a commit", at_once, 4, "", True),
            Goal("read your writes, p99", 1e3 / looks.rate("looks"), 1, "ms"),
        ],
        extras=[
            Extra("append, sync / apsw, FULL, WAL grown before", alone.ratio(_SYNCED, _RAW_GROWN)),
            Extra("append, sync / eventsourcing recorder", alone.ratio(_SYNCED, _RECORDED)),
            Extra("the same, 100 a commit", together.ratio(_SYNCED, _RECORDED)),
            Extra("append, sync / apsw, 100 a commit", together.ratio(_SYNCED, _RAW_FULL)),
            *_sizes(),
        ],
        lines=[*alone.lines("records one a commit"), "", *together.lines("records 100 a commit")],
        raw={"alone": alone.rounds, "together": together.rounds},
    )


_SYNCED, _APPENDED = "wayfold, append and sync", "wayfold, append"
_RAW_FULL, _RAW_NORMAL = "apsw, WAL, synchronous=FULL", "apsw, WAL, synchronous=NORMAL"
_RAW_GROWN = "apsw, WAL, synchronous=FULL, WAL grown before"
_SAVED = "eventsourcing, change and save (FULL)"
_RECORDED = "eventsourcing, recorder, events made before (FULL)"


def _alone() -> dict[str, Callable[[Path], float]]:
    return {
        _RAW_FULL: lambda path: _raw(path, "full", _ALONE, 1),
        _SYNCED: lambda path: _append(path, _ALONE, 1, is_synced=True),
        _RAW_GROWN: lambda path: _raw(path, "full", _ALONE, 1, is_grown=True),
        _RAW_NORMAL: lambda path: _raw(path, "normal", _ALONE * 5, 1),
        _APPENDED: lambda path: _append(path, _ALONE * 5, 1, is_synced=False),
        _SAVED: lambda path: timed(_ALONE, library.saving(path, _ALONE, 1)),
        _RECORDED: lambda path: timed(_ALONE, library.recording(path, _ALONE, 1)),
    }


def _together() -> dict[str, Callable[[Path], float]]:
    count = _TOGETHER * _AT_ONCE
    return {
        _RAW_FULL: lambda path: _raw(path, "full", _TOGETHER, _AT_ONCE),
        _SYNCED: lambda path: _append(path, _TOGETHER, _AT_ONCE, is_synced=True),
        _SAVED: lambda path: timed(count, library.saving(path, _TOGETHER, _AT_ONCE)),
        _RECORDED: lambda path: timed(count, library.recording(path, _TOGETHER, _AT_ONCE)),
    }


def _raw(
    path: Path, synchronous: str, transactions: int, at_once: int, *, is_grown: bool = False
) -> float:
    """Insert rows that are ready, by the shortest way there is.

    The rows are those of a log, column by column and byte by byte, and no index or other table is
    kept; but they are made, encoded and hashed before the clock runs. All that is not named here is
    as SQLite has it: pages of 4096 bytes, a checkpoint after 1000 of them, and a new WAL that grows
    with every commit, which costs its syncs as much again. With `is_grown`, a checkpoint has left a
    WAL behind that is longer than what comes.
    """
    connection = apsw.Connection(os.fspath(path))
    connection.pragma("journal_mode", "wal")
    connection.pragma("synchronous", synchronous)
    connection.execute(_TABLE)
    if is_grown:
        _grow_wal(connection)
    count = transactions * at_once
    rows = [_row(position) for position in range(1, count + 1)]

    def insert() -> None:
        for start in range(0, count, at_once):
            if at_once == 1:
                connection.execute(_INSERT, rows[start])  # is a transaction of its own
            else:
                with connection:
                    connection.executemany(_INSERT, rows[start : start + at_once])

    rate = timed(count, insert)
    connection.close()
    return rate


def _grow_wal(connection: apsw.Connection) -> None:
    connection.execute("CREATE TABLE large (content); INSERT INTO large VALUES (zeroblob(5 << 20))")
    connection.execute("DROP TABLE large")
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


def _row(position: int) -> tuple[Any, ...]:
    data = f'{{"width":{position},"height":1080,"refresh":60000}}'
    return position, time.time_ns(), "app", "display/1", position, "mode.changed", data, None, _HASH


_HASH = bytes(32)


def _append(path: Path, transactions: int, at_once: int, *, is_synced: bool) -> float:
    with Log.open(path) as log:

        def append() -> None:
            for number in range(transactions):
                if at_once == 1:
                    log.append("mode.changed", "display/1", _mode(number))
                else:
                    log.append_facts([_fact(number) for _ in range(at_once)])
                if is_synced:
                    log.sync()

        return timed(transactions * at_once, append)


def _mode(number: int) -> dict[str, int]:
    return {"width": number, "height": 1080, "refresh": 60000}


def _fact(number: int) -> Fact:
    return Fact("mode.changed", "display/1", _mode(number))


def _look(path: Path) -> float:
    """Append, and read it back here and through a reader of the file; p99 of it in seconds."""
    took = []
    with Log.open(path) as log:
        log.append("mode.changed", "display/1", _mode(0))
        with Log.open(path, read_only=True) as reader:
            for number in range(_LOOKS):
                start_s = time.perf_counter()
                made = log.append("mode.changed", "display/1", _mode(number))
                reader.refresh()
                is_there = log[-1] == made == reader[-1]
                took.append(time.perf_counter() - start_s)
                assert is_there
    return percentile(took, 99)


def _sizes() -> list[Extra]:
    """Weigh files of many records, closed, and the data in them as text."""
    found: dict[str, float] = {}

    def weigh(path: Path) -> float:
        count = _TOGETHER * _AT_ONCE
        _append(path, _TOGETHER, _AT_ONCE, is_synced=False)
        found["wayfold"] = path.stat().st_size / count
        library.saving(path.with_name("other"), _TOGETHER, _AT_ONCE)()
        found["eventsourcing"] = _whole(path.with_name("other")) / count
        return 1.0

    Contest("durable, size", {"size": weigh}, 1)
    return [
        Extra("on disk, a record", found["wayfold"], "bytes"),
        Extra("on disk, an event of eventsourcing", found["eventsourcing"], "bytes"),
    ]


def _whole(path: Path) -> int:
    connection = apsw.Connection(os.fspath(path))
    connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    connection.close()
    return path.stat().st_size
