"""Check a request's arguments and lay them out for libwayland."""

import errno
import os
from collections.abc import Callable, Iterable
from typing import Any

from wayfold.errors import DeadObject, RequestRefused
from wayfold.wayland.library import ffi
from wayfold.wayland.messages import Field, Message

__all__ = ["Encoder", "Laid"]

_MESSAGE_BYTES = 4096
"""libwayland closes the connection over a longer message (WL_BUFFER_DEFAULT_SIZE)."""

_HEADER_BYTES = 8
_MOST_DESCRIPTORS = 28
"""That libwayland sends by itself when they are reached (MAX_FDS_OUT)."""


class Laid:
    """Arguments in C, the same as plain data, what keeps them alive, their length on the wire.

    `weight` is what they fill of libwayland's buffers, where a descriptor counts as bytes too.
    """

    def __init__(self, fields: int) -> None:
        self.arguments = ffi.new("journal_argument[]", max(fields, 1))
        self.data: dict[str, Any] = {}
        self.alive: list[Any] = []
        self.size = _HEADER_BYTES
        self.descriptors = 0

    @property
    def weight(self) -> int:
        """Give the bytes on the wire, and for each descriptor its part of the 28 that fit."""
        return self.size + self.descriptors * _MESSAGE_BYTES // _MOST_DESCRIPTORS


_Put = Callable[[Laid, int, Any], Any]


class Encoder:
    """Lays out the arguments of one request."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.name = message.name
        self._puts = [(field, _PUTS[field.kind]) for field in message.fields]
        self.takes = sum(field.kind != "n" for field in message.fields)

    def lay(self, sender: Any, values: tuple[Any, ...], made: str | None) -> Laid:
        """Lay out `values`; `made` is the subject of the object that the request makes.

        Raises TypeError or ValueError on a value that the protocol has no room for, DeadObject
        on an object that is gone.
        """
        if len(values) != self.takes:
            raise TypeError(f"{self.name} takes {self.takes} arguments, {len(values)} were given")
        laid = Laid(len(self._puts))
        given = iter(values)
        for index, (field, _) in enumerate(self._puts):
            value = made if field.kind == "n" else next(given)
            if field.kind == "o" and value is not None:
                self._check_object(field, value, sender)
            laid.data[field.name] = self._put(laid, index, value)
        if laid.size > _MESSAGE_BYTES:
            raise RequestRefused(
                self.name,
                sender.subject,
                f"it would take {laid.size} bytes, a Wayland message has at most {_MESSAGE_BYTES}",
            )
        return laid

    def _put(self, laid: Laid, index: int, value: Any) -> Any:
        field, put = self._puts[index]
        if value is None and field.kind in "so":
            return self._put_null(laid, index, field)
        try:
            return put(laid, index, value)
        except (TypeError, ValueError, OverflowError) as error:
            kind = TypeError if isinstance(error, TypeError) else ValueError
            raise kind(f"{self.name}: argument {field.name}: {error}") from error

    def _put_null(self, laid: Laid, index: int, field: Field) -> None:
        if not field.nullable:
            raise TypeError(f"{self.name}: argument {field.name} must not be None")
        laid.size += 4
        if field.kind == "s":
            laid.arguments[index].s = ffi.NULL
        else:
            laid.arguments[index].o = ffi.NULL

    def _check_object(self, field: Field, value: Any, sender: Any) -> None:
        wanted = field.interface or "a Wayland object"
        found = getattr(getattr(value, "interface", None), "name", None)
        if not hasattr(value, "is_alive"):  # pywayland's own, which no connection of ours holds
            found = None
        if found is None or (field.interface and found != field.interface):
            raise TypeError(
                f"{self.name}: argument {field.name} must be {wanted}, not "
                f"{found or type(value).__name__}"
            )
        if not value.shares_connection(sender):
            raise RequestRefused(
                self.name, sender.subject, f"{value.subject} belongs to another connection"
            )
        if not value.is_alive:
            raise DeadObject(self.name, sender.subject, value.subject)


def _put_int(laid: Laid, index: int, value: Any) -> int:
    laid.size += 4
    laid.arguments[index].i = number = _whole(value, -(1 << 31), (1 << 31) - 1)
    return number


def _put_uint(laid: Laid, index: int, value: Any) -> int:
    laid.size += 4
    laid.arguments[index].u = number = _whole(value, 0, (1 << 32) - 1)
    return number


def _whole(value: Any, least: int, most: int) -> int:
    number = int(value.__index__()) if hasattr(value, "__index__") else None
    if number is None:
        raise TypeError(f"a whole number is needed, not {type(value).__name__}")
    if not least <= number <= most:
        raise ValueError(f"{number} is not within {least} … {most}")
    return number


def _put_fixed(laid: Laid, index: int, value: Any) -> float:
    laid.size += 4
    laid.arguments[index].f = raw = _whole(round(float(value) * 256), -(1 << 31), (1 << 31) - 1)
    return raw / 256


def _put_string(laid: Laid, index: int, value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a str is needed, not {type(value).__name__}")
    encoded = value.encode()
    if b"\0" in encoded:
        raise ValueError("a string must not contain a NUL character")
    text = ffi.new("char[]", encoded)
    laid.alive.append(text)
    laid.arguments[index].s = text
    laid.size += 4 + _padded(len(encoded) + 1)
    return value


def _put_object(laid: Laid, index: int, value: Any) -> str:
    laid.size += 4
    laid.arguments[index].o = value.proxy()
    return str(value.subject)


def _put_new_object(laid: Laid, index: int, value: Any) -> Any:
    laid.size += 4
    laid.arguments[index].o = ffi.NULL
    return value


def _put_array(laid: Laid, index: int, value: bytes | Iterable[int]) -> bytes | list[int]:
    if isinstance(value, (bytes, bytearray, memoryview)):
        kept: bytes | list[int] = bytes(value)
        # Without its length cffi would make room for a NUL behind the bytes.
        held = ffi.new("uint8_t[]", len(kept))
        ffi.memmove(held, kept, len(kept))
    else:
        kept = [_whole(each, 0, (1 << 32) - 1) for each in value]
        held = ffi.new("uint32_t[]", kept)
    size = ffi.sizeof(held)
    array = ffi.new("journal_array *", {"size": size, "alloc": size, "data": held})
    laid.alive += [held, array]
    laid.arguments[index].a = array
    laid.size += 4 + _padded(size)
    return kept


def _put_descriptor(laid: Laid, index: int, value: Any) -> int:
    if not isinstance(value, int) and not hasattr(value, "fileno"):
        raise TypeError(f"a descriptor is needed, not {type(value).__name__}")
    number = _whole(value if isinstance(value, int) else value.fileno(), 0, (1 << 31) - 1)
    try:
        os.close(os.dup(number))  # libwayland loses the connection where it cannot do the same
    except OSError as error:
        if error.errno != errno.EBADF:
            raise
        raise ValueError(f"{number} is not an open descriptor") from error
    laid.arguments[index].h = number
    laid.descriptors += 1
    return number


def _padded(size: int) -> int:
    return (size + 3) // 4 * 4


_PUTS: dict[str, _Put] = {
    "i": _put_int,
    "u": _put_uint,
    "f": _put_fixed,
    "s": _put_string,
    "o": _put_object,
    "n": _put_new_object,
    "a": _put_array,
    "h": _put_descriptor,
}
