"""Spell records, values and enums for a person to read."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

import msgspec

from wayfold.cli.terminal import printable
from wayfold.log import Record
from wayfold.protocol import schema

__all__ = ["spell_enum", "spell_record", "spell_time", "spell_value"]

_ARROWS = {"compositor": "<-", "client": "->", "wayfold": "==", "app": "**"}
_MOST_ELEMENTS = 16


def spell_record(record: Record) -> str:
    """Give a record's line: time, direction, object, name and arguments.

    `<-` was told by the compositor, `->` asked of it, `==` derived by wayfold, `**` appended by
    an application.
    """
    interface, _, message = record.name.partition(".")
    of_object = record.subject.startswith(f"{interface}#")
    named = f"{record.subject}.{message}" if of_object else f"{record.subject} {record.name}"
    arguments = ", ".join(
        f"{name}={_argument(interface, message, name, value)}"
        for name, value in record.data.items()
    )
    arrow = _ARROWS[record.origin.value]
    return f"{spell_time(record.time_ns)} {arrow} {printable(named)}({arguments})"


def spell_time(time_ns: int) -> str:
    """Give the local time of day to the millisecond."""
    return datetime.fromtimestamp(time_ns / 1e9).isoformat(timespec="milliseconds")[11:]


def _argument(interface: str, message: str, name: str, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        named = spell_enum(interface, message, name, value)
        return named or str(value)
    if isinstance(value, list) and all(isinstance(each, int) for each in value):
        names = (_argument(interface, message, name, each) for each in value[:_MOST_ELEMENTS])
        more = ", …" if len(value) > _MOST_ELEMENTS else ""
        return f"[{', '.join(names)}{more}]"
    return spell_value(value)


def spell_enum(interface: str, message: str, name: str, value: int) -> str | None:
    """Give the name of an argument's value; None for a plain number and where nothing is known."""
    try:
        return schema.enum_name(interface, message, name, value)
    except schema.UnknownInterface:
        return None


def spell_value(value: Any) -> str:
    """Give a plain value on one line, with nothing in it that a terminal would obey."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Enum():
            return str(value.name or value.value).lower()
        case str():
            return _quoted(value)
        case bytes():
            return f"<{len(value)} bytes>"
        case msgspec.Struct():
            return spell_value({n: getattr(value, n) for n in value.__struct_fields__})
        case Mapping():
            inside = (f"{printable(str(name))}={spell_value(v)}" for name, v in value.items())
            return f"{{{', '.join(inside)}}}"
        case list() | tuple():
            return f"[{', '.join(map(spell_value, value))}]"
        case _:
            return str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{printable(escaped)}"'
