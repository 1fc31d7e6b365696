"""What a message of an interface is made of, read once from pywayland's classes."""

from typing import Any, NamedTuple

from wayfold.protocol import schema
from wayfold.wayland.library import address

__all__ = ["Field", "Message", "event_messages", "request_messages"]


class Field(NamedTuple):
    """One argument: its name in the XML, its kind in libwayland's letters, what it may be."""

    name: str
    kind: str
    nullable: bool
    interface: str | None
    element: str
    """What an array holds: `u32`, `u16` or `bytes`."""


class Message(NamedTuple):
    """An event or a request: `name` is `interface.message`, `since` the version that brought it."""

    name: str
    since: int
    fields: tuple[Field, ...]
    address: int
    destroys: bool


def event_messages(interface: Any) -> list[Message]:
    """Give an interface's events by opcode."""
    return [_message(interface, opcode, False) for opcode in range(len(interface.events))]


def request_messages(interface: Any) -> list[Message]:
    """Give an interface's requests by opcode."""
    return [_message(interface, opcode, True) for opcode in range(len(interface.requests))]


def _message(interface: Any, opcode: int, is_request: bool) -> Message:
    made = (interface.requests if is_request else interface.events)[opcode]
    table = interface._ptr.methods if is_request else interface._ptr.events
    name = f"{interface.name}.{made.name}"
    destroys = not is_request and schema.is_destructor_event(interface.name, made.name)
    fields = _fields(interface.name, name, made, is_request)
    return Message(name, made.version or 1, fields, address(table + opcode), destroys)


def _fields(interface: str, name: str, made: Any, is_request: bool) -> tuple[Field, ...]:
    code = made.py_func.__code__
    spelled = iter(code.co_varnames[1 : code.co_argcount])
    fields: list[Field] = []
    for argument in made.arguments:
        kind = argument.signature.lstrip("?")
        if kind == "sun":
            fields += [Field(next(spelled), k, False, None, "") for k in "su"]
            kind = "n"
        offered = argument.interface.name if argument.interface else None
        unnamed = kind == "n" and is_request
        spelling = schema.new_id_name(interface, made.name) if unnamed else next(spelled).strip("_")
        element = schema.array_element(interface, made.name, spelling) if kind == "a" else ""
        fields.append(Field(spelling, kind, argument.nullable, offered, element))
    return tuple(fields)
