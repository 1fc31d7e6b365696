"""The names of numbers in records, for those that a recording holds."""

from collections.abc import Callable
from typing import Any

from wayfold.log import Record

__all__ = ["Speller", "Spellings"]

_MOST = 64

Speller = Callable[[str, str, str, int], str | None]
"""Gives the name of a value by interface, message and argument; None for a plain number."""


class Spellings:
    """Gathers the numbers of each argument, up to a bound: beyond it they are no enumeration."""

    def __init__(self, spell: Speller | None) -> None:
        self._spell = spell
        self._found: dict[tuple[str, str], set[int]] = {}

    def see(self, record: Record) -> None:
        """Note the numbers of a record."""
        if self._spell is not None:
            for argument, value in record.data.items():
                if type(value) is int:
                    self._note(record.name, argument, value)
                elif type(value) is list:
                    self._note_all(record.name, argument, value)

    def _note_all(self, name: str, argument: str, values: list[Any]) -> None:
        for value in values[:_MOST]:
            if type(value) is int:
                self._note(name, argument, value)

    def _note(self, name: str, argument: str, value: int) -> None:
        found = self._found.setdefault((name, argument), set())
        if len(found) < _MOST:
            found.add(value)

    def table(self) -> dict[str, dict[str, str]]:
        """Give the names by `interface.message.argument` and number."""
        spelled = {
            f"{name}.{argument}": self._names(name, argument) for name, argument in self._found
        }
        return {path: names for path, names in spelled.items() if names}

    def _names(self, name: str, argument: str) -> dict[str, str]:
        interface, _, message = name.rpartition(".")
        spell = self._spell or (lambda *_: None)
        values = sorted(self._found[name, argument])
        told = ((value, spell(interface, message, argument, value)) for value in values)
        return {str(value): text for value, text in told if text is not None}
