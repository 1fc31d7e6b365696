"""Insert records and what chains them, many with one statement."""

from itertools import chain
from operator import add
from typing import Any

from wayfold.log.chain import Hashes
from wayfold.log.record import Columns

__all__ = ["INSERT", "insert"]

INSERT = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COLUMNS = 8
_TOGETHER = 32
"""Rows of one statement: twice as many are no faster, and leave more to be inserted one by one."""


def _together() -> str:
    """Give the statement for many rows, whose parameters are all columns and then all checks."""
    rows = []
    for row in range(_TOGETHER):
        columns = range(row * _COLUMNS + 1, (row + 1) * _COLUMNS + 1)
        check = _TOGETHER * _COLUMNS + row + 1
        rows.append(f"({', '.join(f'?{each}' for each in (*columns, check))})")
    return f"INSERT INTO record VALUES {', '.join(rows)}"


_INSERT_TOGETHER = _together()


def insert(connection: Any, rows: list[Columns], checks: Hashes) -> None:
    """Insert rows with what is stored beside each to chain it."""
    whole = len(rows) // _TOGETHER * _TOGETHER
    for start in range(0, whole, _TOGETHER):
        stop = start + _TOGETHER
        columns = chain.from_iterable(rows[start:stop])
        connection.execute(_INSERT_TOGETHER, (*columns, *checks[start:stop]))
    connection.executemany(INSERT, map(add, rows[whole:], zip(checks[whole:], strict=True)))
