"""A state as bytes and back, and a name for the code that made it."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from wayfold.model import draft, enums, outputs, surfaces, windows
from wayfold.model import state as values
from wayfold.model.state import State
from wayfold.model.table import Table

__all__ = ["dump", "fingerprint", "load"]

_MODULES = (values, enums, draft, outputs, surfaces, windows)


@cache
def fingerprint() -> str:
    """Give a hash of all that folds: every file of this package.

    A snapshot is of use only to the very code that made it; the files say more than any number
    that somebody would have to remember to raise.
    """
    found = sha256()
    for file in sorted(Path(__file__).parent.glob("*.py")):
        found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()


def dump(state: State) -> bytes:
    """Give a state as MessagePack."""
    return msgspec.msgpack.encode(_packed(state))


def load(data: bytes) -> State:
    """Give the state that `dump` was given; raises ValueError on other bytes.

    Of a state that another version dumped, fields that this one does not know are left out, and
    those that it does not find are what they are by default.
    """
    try:
        found = _unpacked(msgspec.msgpack.decode(data))
    except (LookupError, TypeError, msgspec.MsgspecError) as error:
        raise ValueError(f"these bytes are no state: {error}") from error
    if not isinstance(found, State):
        raise ValueError(f"these bytes are a {type(found).__name__} and no State")
    return found


# A list is a tagged value, so that the plain ones need no tag.
def _packed(value: Any) -> Any:
    if isinstance(value, Enum):
        return ["enum", type(value).__name__, value.value]
    if isinstance(value, msgspec.Struct):
        fields = {name: _packed(getattr(value, name)) for name in value.__struct_fields__}
        return ["struct", type(value).__name__, fields]
    if isinstance(value, Mapping):
        return ["table", [[key, _packed(each)] for key, each in value.items()]]
    if isinstance(value, tuple):
        return ["tuple", [_packed(each) for each in value]]
    return value


def _unpacked(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    match value:
        case ["enum", name, number]:
            return _classes()[name](number)
        case ["struct", name, fields]:
            return _struct(_classes()[name], fields)
        case ["table", pairs]:
            return Table({key: _unpacked(each) for key, each in pairs})
        case ["tuple", items]:
            return tuple(map(_unpacked, items))
        case _:
            raise TypeError(f"{value[:1]} is no tag of a snapshot")


def _struct(made: Any, fields: dict[str, Any]) -> Any:
    known = made.__struct_fields__
    return made(**{name: _unpacked(each) for name, each in fields.items() if name in known})


@cache
def _classes() -> dict[str, Any]:
    """Only these are ever made of bytes that somebody may have written."""
    return {
        name: found
        for module in _MODULES
        for name, found in vars(module).items()
        if isinstance(found, type) and issubclass(found, (msgspec.Struct, Enum))
    }
