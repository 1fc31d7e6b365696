"""The tables of a view: generations of them, of which one is shown."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from wayfold.log import Log
from wayfold.log.beside import Beside

__all__ = ["Tables", "drop_tables", "make_tables", "show_tables"]

_NAME = re.compile(r"\{(\w+)\}")
Execute = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


class Tables:
    """SQL on one generation of a view's tables, whose names are spelled `{balance}`."""

    def __init__(self, names: Sequence[str], generation: int) -> None:
        self.generation = generation
        self._names = {name: f"{name}_{generation}" for name in names}
        self._spelled: dict[str, str] = {}
        self._beside: Beside | None = None

    def within(self, beside: Beside) -> "Tables":
        """Work in a transaction that is going on."""
        self._beside = beside
        return self

    def execute(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement and give its rows; raises StatementRefused where SQLite refuses it."""
        assert self._beside is not None
        return self._beside.execute(self.spell(statement), arguments)

    def read(self, log: Log, statement: str, arguments: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Give the rows of a query, outside of any transaction."""
        return log.read(self.spell(statement), arguments)

    def spell(self, statement: str) -> str:
        """Give a statement with the names of this generation; other braces stay as they are."""
        spelled = self._spelled.get(statement)
        if spelled is None:
            found = _NAME.sub(lambda m: self._names.get(m[1], m[0]), statement)
            spelled = self._spelled[statement] = found
        return spelled


def make_tables(beside: Beside, tables: Tables, schema: str) -> None:
    """Make one generation of tables, empty."""
    tables.within(beside).execute(schema)


def show_tables(beside: Beside, names: Sequence[str], generation: int) -> None:
    """Let the plain names of a view's tables mean this generation."""
    for name in names:
        beside.execute(f"DROP VIEW IF EXISTS {name}")
        beside.execute(f"CREATE VIEW {name} AS SELECT * FROM {name}_{generation}")


def drop_tables(beside: Beside, names: Sequence[str], generation: int) -> None:
    """Take a generation away."""
    for name in names:
        beside.execute(f"DROP TABLE IF EXISTS {name}_{generation}")
