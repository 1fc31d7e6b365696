"""Bring records of older versions up to what is understood now."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from wayfold.errors import UpcastFailed
from wayfold.log.record import Columns, Record

__all__ = ["Upcast", "Upcasters", "check_name"]

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Gives the data of a record in the next version; pure, and leaves what it was given alone."""

_STORED = re.compile(r"(?P<name>.+)@(?P<version>[1-9]\d*)")


class Upcasters:
    """For each name of a record, what makes its version 2 of its version 1, 3 of 2, and so on.

    `Upcasters({"lamp.lit": {1: add_colour, 2: split_level}})` says that the newest `lamp.lit` is
    of version 3. It is stored as `lamp.lit@3`, version 1 without a number, and read as
    `lamp.lit`. What is stored is never rewritten. A name that is not listed is of version 1; a
    version newer than is known here is left as it was stored, name and all.

    Raises ValueError where a step is missing between 1 and the last.
    """

    def __init__(self, steps: Mapping[str, Mapping[int, Upcast]] | None = None) -> None:
        self._steps = {name: _chain(name, chain) for name, chain in (steps or {}).items()}
        self._stored = {
            name: f"{name}@{len(chain) + 1}" for name, chain in self._steps.items() if chain
        }

    def stored(self, name: str) -> str:
        """Give the name under which a new record is stored."""
        return self._stored.get(name, name)

    def changes(self, stored: str) -> bool:
        """Tell whether records of this stored name are read as something else."""
        return "@" in stored or stored in self._steps

    def rows(self, rows: list[Columns]) -> list[Columns]:
        """Give rows under the names under which they are stored."""
        if not self._stored:
            return rows
        return [(*row[:5], self.stored(row[5]), *row[6:]) for row in rows]

    def name(self, stored: str) -> str:
        """Give the name as which a stored one is read."""
        return self._found(stored)[0]

    def record(self, stored: Record) -> Record:
        """Give what was stored as a record of the newest version; raises UpcastFailed."""
        if not self.changes(stored.name):
            return stored
        name, chain = self._found(stored.name)
        data = stored.data
        for upcast in chain:
            try:
                data = upcast(data)
            except Exception as error:
                raise UpcastFailed(stored.name, stored.position, error) from error
        return msgspec.structs.replace(stored, name=name, data=data)

    def _found(self, stored: str) -> tuple[str, tuple[Upcast, ...]]:
        if chain := self._steps.get(stored):
            return stored, chain
        if "@" not in stored or not (found := _STORED.fullmatch(stored)):
            return stored, ()
        name, version = found["name"], int(found["version"])
        chain = self._steps.get(name, ())
        return (name, chain[version - 1 :]) if 1 < version <= len(chain) + 1 else (stored, ())


def check_name(name: str) -> None:
    """Raise ValueError on a name that would be read as one with a version."""
    if "@" in name and _STORED.fullmatch(name):
        raise ValueError(f"{name!r} ends in what is kept for versions; see Upcasters")


def _chain(name: str, steps: Mapping[int, Upcast]) -> tuple[Upcast, ...]:
    check_name(name)
    for version in range(1, len(steps) + 1):
        if version not in steps:
            raise ValueError(
                f"{name} has no step from version {version} to {version + 1}, and has steps from "
                f"{', '.join(map(str, sorted(steps)))}: what was stored before could not be read"
            )
    return tuple(steps[version] for version in sorted(steps))
