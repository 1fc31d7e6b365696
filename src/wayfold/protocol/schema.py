"""Look up interfaces, and what their XML says of them that pywayland's classes do not."""

import importlib
from collections.abc import Mapping
from enum import EnumMeta, IntFlag
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from wayfold.protocol import _index, shipped

if TYPE_CHECKING:
    from pywayland.protocol_core import Interface

__all__ = [
    "UnknownInterface",
    "array_element",
    "enum_name",
    "error_name",
    "interface",
    "interfaces",
    "is_destructor_event",
    "new_id_name",
]


class UnknownInterface(LookupError):
    """No protocol known here has an interface of this name.

    `name` is what was asked for, `close` the known names most like it.
    """

    def __init__(self, name: str) -> None:
        # Not at the top: `import wayfold` has to be quick, and a rare mistake can wait.
        from difflib import get_close_matches

        self.name = name
        self.close = tuple(get_close_matches(name, interfaces()))
        hint = f"; did you mean {' or '.join(self.close)}?" if self.close else ""
        super().__init__(f"no known protocol has an interface {name!r}{hint}")


@cache
def interface(name: str) -> "type[Interface]":
    """Give pywayland's class of an interface, loading its module at the first time.

    Raises UnknownInterface.
    """
    module = _index.INTERFACES.get(name)
    if module is None:
        raise UnknownInterface(name)
    try:
        loaded = importlib.import_module(module)
    except ModuleNotFoundError as error:
        # Built against a pywayland that had the module, run with one that has not.
        raise UnknownInterface(name) from error
    found: type[Interface] = getattr(loaded, "".join(map(str.capitalize, name.split("_"))))
    return found


def interfaces() -> tuple[str, ...]:
    """Names of all known interfaces, sorted."""
    return tuple(_index.INTERFACES)


def is_destructor_event(interface: str, event: str) -> bool:
    """Tell whether the object is gone once this event has come."""
    path = f"{interface}.{event}"
    return path in _index.DESTRUCTOR_EVENTS or path in shipped.DESTRUCTOR_EVENTS


def array_element(interface: str, message: str, argument: str) -> shipped.Element:
    """Tell what an array argument holds."""
    return shipped.ARRAY_ELEMENTS.get(f"{interface}.{message}.{argument}", "bytes")


def error_name(interface: str, code: int) -> str | None:
    """Name of a protocol error's code, None where the XML has none."""
    enum = _enum(f"{interface}.error")
    return enum.spell(code) if enum else None


def enum_name(interface: str, message: str, argument: str, value: int) -> str | None:
    """Name of an argument's value, or of an array's element; flags are joined with `|`.

    None where the argument is a plain number and where the XML does not know the value.
    """
    place = _enums_of_arguments().get(f"{interface}.{message}.{argument}")
    enum = _enum(place) if place else None
    return enum.spell(value) if enum else None


@cache
def new_id_name(interface_name: str, request: str) -> str:
    """Name of the argument for the object that a request makes.

    Raises UnknownInterface, and LookupError for a request that makes nothing.
    """
    for made in interface(interface_name).requests:
        # pywayland takes no such argument; the scanner's method returns a variable of its name.
        code = made.py_func.__code__
        if made.name == request and len(code.co_varnames) > code.co_argcount:
            return code.co_varnames[code.co_argcount].strip("_")
    raise LookupError(f"{interface_name}.{request} is not a request that makes an object")


class _Enum(NamedTuple):
    names: dict[int, str]
    is_bitfield: bool

    def spell(self, value: int) -> str | None:
        exact = self.names.get(value)
        if exact or not self.is_bitfield or value <= 0:
            return exact
        bits = [1 << place for place in range(value.bit_length()) if value >> place & 1]
        known = [self.names[bit] for bit in bits if bit in self.names]
        return "|".join(known) if len(known) == len(bits) else None


@cache
def _enums_of_arguments() -> dict[str, str]:
    told = {argument: enum for enum, uses in shipped.ENUM_USES.items() for argument in uses}
    return told | _index.ARGUMENT_ENUMS


@cache
def _enum(path: str) -> _Enum | None:
    owner, _, name = path.partition(".")
    try:
        holder = interface(owner)
    except UnknownInterface:
        return None
    # The scanner's own escape: an enum `version` is the class `version_`.
    made: Any = getattr(holder, f"{name}_", None) or getattr(holder, name, None)
    if not isinstance(made, EnumMeta):
        return None
    members: Mapping[str, int] = made.__members__
    # Backwards, so that the first of several names for one value is the one that stays.
    names = {int(each): _spelling(name, key) for key, each in reversed(list(members.items()))}
    return _Enum(names, issubclass(made, IntFlag))


def _spelling(enum: str, member: str) -> str:
    # The scanner writes `90` of the enum `transform` as `transform_90`, and `name` as `name_`.
    bare = member.removeprefix(enum).lstrip("_")
    return bare if bare.isdigit() else member.rstrip("_")
