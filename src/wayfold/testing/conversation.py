"""Follow one connection on the wire: whose object an id is, and what a message says of it."""

import struct
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wayfold.testing.interfaces import Interface, Message
from wayfold.testing.wire import Argument, Frame, Packet, WireError, decode, frame_bytes, split

__all__ = ["CLIENT", "COMPOSITOR", "Conversation", "Passed", "WireRecord"]

CLIENT, COMPOSITOR = "client", "compositor"
_ELEMENTS = {"u32": "I", "u16": "H"}


@dataclass(frozen=True, slots=True)
class WireRecord:
    """A message that passed, as a record; `version` counts those of its subject."""

    position: int
    time_ns: int
    origin: str
    subject: str
    version: int
    name: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.data.items())
        return f"{self.position} {self.origin} {self.subject} {self.name}({told})"


@dataclass(frozen=True, slots=True)
class Passed:
    """A message that has no position yet; `packet` is it alone, None where none can be told."""

    name: str
    subject: str
    origin: str
    data: dict[str, Any]
    packet: Packet | None = None

    def record(self, position: int, time_ns: int, version: int) -> WireRecord:
        """Give its record."""
        return WireRecord(
            position, time_ns, self.origin, self.subject, version, self.name, self.data
        )


@dataclass(frozen=True, slots=True)
class _Object:
    interface: Interface
    subject: str
    version: int


@dataclass(slots=True)
class _Stream:
    buffer: bytearray = field(default_factory=bytearray)
    descriptors: deque[int] = field(default_factory=deque)
    is_lost: bool = False


class Conversation:
    """Reads both streams of one connection; whatever they hold, it never fails."""

    def __init__(self, interfaces: Mapping[str, Interface], next_serial: Callable[[], int]) -> None:
        self._interfaces = interfaces
        self._next_serial = next_serial
        self._streams = {CLIENT: _Stream(), COMPOSITOR: _Stream()}
        self._objects: dict[int, _Object] = {}
        self._add(1, "wl_display", 1)

    def subject(self, object_id: int) -> str:
        """Name the object of an id; `object/7` where none is known by it."""
        found = self._objects.get(object_id)
        return found.subject if found else f"object/{object_id}"

    def is_lost(self, origin: str) -> bool:
        """True once a side has sent bytes that cannot be told apart."""
        return self._streams[origin].is_lost

    def stray_descriptors(self, origin: str) -> tuple[int, ...]:
        """Take the descriptors that came and that no message known here has claimed."""
        stream = self._streams[origin]
        strays = tuple(stream.descriptors)
        stream.descriptors.clear()
        return strays

    def _add(self, object_id: int, interface: str, version: int) -> str:
        known = self._interfaces.get(interface) or Interface(interface, version)
        subject = f"{interface}#{self._next_serial()}"
        self._objects[object_id] = _Object(known, subject, version)
        return subject

    def read(self, origin: str, packet: Packet) -> Iterator[Passed]:
        """Give the messages that are whole now."""
        stream = self._streams[origin]
        if stream.is_lost:
            return
        stream.descriptors.extend(packet.descriptors)
        stream.buffer += packet.data
        try:
            for frame in split(stream.buffer):
                yield self._passed(origin, frame, stream.descriptors)
        except WireError as error:
            stream.is_lost = True
            rest = Packet(bytes(stream.buffer), tuple(stream.descriptors))
            stream.buffer.clear()
            stream.descriptors.clear()
            yield Passed("wire.lost", "wire", origin, {"reason": str(error)}, rest)

    def _passed(self, origin: str, frame: Frame, descriptors: deque[int]) -> Passed:
        about = self._objects.get(frame.object_id)
        message = _message(about, origin, frame.opcode)
        if about is None or message is None:
            data = {"opcode": frame.opcode, "body": frame.body}
            subject = self.subject(frame.object_id)
            packet = Packet(frame_bytes(frame))
            return Passed("wire.unknown", subject, origin, data, packet)
        before = tuple(descriptors)
        name = f"{about.interface.name}.{message.name}"
        try:
            arguments = decode(message.signature, frame.body, descriptors)
        except WireError as error:
            data = {"message": name, "reason": str(error)}
            packet = Packet(frame_bytes(frame), before[: len(before) - len(descriptors)])
            return Passed("wire.malformed", about.subject, origin, data, packet)
        packet = Packet(frame_bytes(frame), before[: len(before) - len(descriptors)])
        data = self._data(about, message, arguments)
        return Passed(name, about.subject, origin, data, packet)

    def _data(
        self, about: _Object, message: Message, arguments: tuple[Argument, ...]
    ) -> dict[str, Any]:
        letters = message.signature.replace("?", "")
        names = message.arguments or tuple(f"argument_{k}" for k in range(len(letters)))
        data: dict[str, Any] = {}
        for place, (name, letter) in enumerate(zip(names, letters, strict=True)):
            if letter == "n":
                kind = message.creates or str(arguments[place - 2])
                version = about.version if message.creates else _whole(arguments[place - 1])
                data[name] = self._add(_whole(arguments[place]), kind, version)
            else:
                data[name] = self._told(letter, arguments[place], message.elements.get(name))
        if (about.interface.name, message.name) == ("wl_display", "delete_id"):
            self._objects.pop(data[names[0]], None)
        return data

    def _told(self, letter: str, value: Argument, element: str | None) -> Any:
        if letter == "o" and isinstance(value, int):
            return self.subject(value)
        if letter == "a" and element is not None and isinstance(value, bytes):
            return _elements(value, element)
        return value


def _message(about: _Object | None, origin: str, opcode: int) -> Message | None:
    if about is None:
        return None
    known = about.interface.requests if origin == CLIENT else about.interface.events
    return known[opcode] if opcode < len(known) else None


def _whole(argument: Argument) -> int:
    assert isinstance(argument, int)
    return argument


def _elements(value: bytes, element: str) -> list[int] | bytes:
    form = struct.Struct("=" + _ELEMENTS[element])
    if len(value) % form.size:
        return value
    return [number for (number,) in form.iter_unpack(value)]
