"""Decode what the journal packed: one compiled decoder for each message."""

import struct
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import msgspec

from wayfold.wayland.messages import Field, Message

__all__ = ["HEADER", "Buffer", "Decoder", "subject"]

HEADER = struct.Struct("=QQIII")
"""journal_header of journal.h: time_ns, message, serial, version, size."""

Buffer = bytes | bytearray | memoryview
Reader = Callable[[Buffer, int], tuple[Any, int]]
_encoder = msgspec.json.Encoder()
_WORD = struct.Struct("=I")
_ADDRESS = struct.Struct("=Q")
_CODES = {"i": "i", "u": "I", "f": "i", "h": "i", "o": "I"}
_ELEMENTS = {"u32": "I", "u16": "H"}


def subject(interface: str | None, serial: int) -> str | None:
    """Give the subject of an object by its interface and serial; None for a null object."""
    return f"{interface or ''}#{serial}" if serial else None


class Decoder:
    """Gives the arguments of one message as a dict; `widths` is False where a size may vary."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.name = message.name
        self.interface = message.name.split(".")[0]
        self.is_fixed = all(field.kind in _CODES for field in message.fields)
        self.decode = _fixed(message.fields) if self.is_fixed else _varying(message.fields)
        self.descriptors = tuple(field.name for field in message.fields if field.kind == "h")

    @cached_property
    def _data(self) -> Callable[..., Any]:
        # Fields in msgspec need be identifiers, and the protocol's names need not.
        names = {f"_{place}": field.name for place, field in enumerate(self.message.fields)}
        return msgspec.defstruct("Data", list(names), rename=names, gc=False)

    def texts(self, words: memoryview, width: int) -> list[str]:
        """Give the arguments of many events of one fixed size as JSON; each takes `width` words."""
        columns = [
            list(map(_changed(field), column)) if field.kind in "fo" else column
            for field, column in zip(self.message.fields, self._columns(words, width), strict=True)
        ]
        if not columns:
            return ["{}"] * (len(words) // width)
        lines = _encoder.encode_lines(list(map(self._data, *columns)))
        return lines.decode().split("\n")[:-1]

    def _columns(self, words: memoryview, width: int) -> Iterator[list[int]]:
        signed = words.cast("B").cast("i")
        for place, field in enumerate(self.message.fields, HEADER.size // _WORD.size):
            source = signed if _CODES[field.kind] == "i" else words
            yield source[place::width].tolist()

    def new_objects(self, data: Buffer, at: int) -> Iterator[tuple[str, int]]:
        """Give interface and journal_object address of each object that the event makes."""
        for field in self.message.fields:
            if field.kind == "n":
                yield field.interface or "", _ADDRESS.unpack_from(data, at + 4)[0]
            _, at = _reader(field)(data, at)


def _fixed(fields: tuple[Field, ...]) -> Callable[[Buffer, int], dict[str, Any]]:
    unpack = struct.Struct("=" + "".join(_CODES[field.kind] for field in fields)).unpack_from
    names = [field.name for field in fields]
    changes = [(field.name, _changed(field)) for field in fields if field.kind in "fo"]

    def decode(data: Buffer, at: int) -> dict[str, Any]:
        values = dict(zip(names, unpack(data, at), strict=True))
        for name, change in changes:
            values[name] = change(values[name])
        return values

    return decode


def _changed(field: Field) -> Callable[[int], Any]:
    if field.kind == "f":
        return lambda value: value / 256  # wl_fixed_t: 24.8 signed
    return lambda serial: subject(field.interface, serial)


def _varying(fields: tuple[Field, ...]) -> Callable[[Buffer, int], dict[str, Any]]:
    readers = [(field.name, _reader(field)) for field in fields]

    def decode(data: Buffer, at: int) -> dict[str, Any]:
        values = {}
        for name, read in readers:
            values[name], at = read(data, at)
        return values

    return decode


def _reader(field: Field) -> Reader:
    if field.kind == "s":
        return _text
    if field.kind == "a":
        return _array(_ELEMENTS.get(field.element))
    if field.kind == "n":
        return lambda data, at: (subject(field.interface, _WORD.unpack_from(data, at)[0]), at + 12)
    unpack = struct.Struct("=" + _CODES[field.kind]).unpack_from
    change = _changed(field) if field.kind in "fo" else None
    return lambda data, at: (change(*unpack(data, at)) if change else unpack(data, at)[0], at + 4)


def _text(data: Buffer, at: int) -> tuple[str | None, int]:
    (size,) = _WORD.unpack_from(data, at)
    if not size:
        return None, at + 4
    end = at + 4 + size
    return bytes(data[at + 4 : end - 1]).decode("utf-8", "replace"), end


def _array(code: str | None) -> Reader:
    width = struct.calcsize(f"={code}") if code else 1

    def read(data: Buffer, at: int) -> tuple[list[int] | bytes, int]:
        (size,) = _WORD.unpack_from(data, at)
        end = at + 4 + size
        held = bytes(data[at + 4 : end])
        if code is None or size % width:
            return held, end
        return list(struct.unpack(f"={size // width}{code}", held)), end

    return read
