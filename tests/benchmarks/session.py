"""A session as the journal packs it: a pointer moves, a window is drawn, an output changes."""

import struct
from collections.abc import Iterator

from wayfold.log import Fact, Log, Origin
from wayfold.protocol import schema
from wayfold.wayland.codec import HEADER, Decoder
from wayfold.wayland.messages import Message, event_messages
from wayfold.wayland.packed import Packed

__all__ = ["fill"]

_REGISTRY, _SEAT, _POINTER, _OUTPUT, _COMPOSITOR, _SURFACE, _CALLBACK = range(1, 8)
_BATCH = 4096
_STEP_NS = 50_000


class _Table:
    """Decoders of the events that are told, as a connection has them."""

    offset_ns = 1_700_000_000_000_000_000

    def __init__(self) -> None:
        interfaces = ("wl_pointer", "wl_output", "wl_surface", "wl_callback")
        told = [m for each in interfaces for m in event_messages(schema.interface(each))]
        self.messages = {message.name: message for message in told}
        self._decoders = {message.address: Decoder(message) for message in told}

    def decoder(self, message: int) -> Decoder:
        """Give the decoder of a message."""
        return self._decoders[message]


def fill(log: Log, count: int) -> None:
    """Append a session of so many records, and a few more."""
    for facts in _beginning():
        log.append_facts(facts)
    table = _Table()
    events = _events(table)
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        packed = b"".join(next(events) for _ in range(size))
        log.append_batch(Packed(packed, size, table))


def _beginning() -> Iterator[list[Fact]]:
    registry = f"wl_registry#{_REGISTRY}"
    yield [Fact("connection.opened", "connection", {"display": "bench"}, Origin.WAYFOLD)]
    offered = (("wl_seat", 7, _SEAT), ("wl_output", 4, _OUTPUT), ("wl_compositor", 5, _COMPOSITOR))
    for name, (interface, version, serial) in enumerate(offered, 1):
        told = {"name": name, "interface": interface, "version": version}
        made = {**told, "id": f"{interface}#{serial}"}
        yield [
            Fact("wl_registry.global", registry, told, Origin.COMPOSITOR),
            Fact("wl_registry.bind", registry, made, Origin.CLIENT),
        ]
    yield [
        Fact("wl_seat.capabilities", f"wl_seat#{_SEAT}", {"capabilities": 1}, Origin.COMPOSITOR),
        _request("wl_seat", _SEAT, "get_pointer", f"wl_pointer#{_POINTER}"),
        _request("wl_compositor", _COMPOSITOR, "create_surface", f"wl_surface#{_SURFACE}"),
    ]


def _request(interface: str, serial: int, name: str, made: str) -> Fact:
    return Fact(f"{interface}.{name}", f"{interface}#{serial}", {"id": made}, Origin.CLIENT)


def _events(table: _Table) -> Iterator[bytes]:
    """Give packed events for ever; none is a group's end that derives a record."""
    messages, number = table.messages, 0
    while True:
        x, y = number * 37 % 1920 * 256, number * 17 % 1080 * 256
        told: list[tuple[str, int, tuple[int, ...]]] = [
            ("wl_pointer.motion", _POINTER, (number, x, y)),
            ("wl_pointer.frame", _POINTER, ()),
        ]
        if number % 4 == 0:
            told.append(("wl_callback.done", _CALLBACK + number, (number,)))
        if number % 16 == 0:
            told.append(("wl_output.mode", _OUTPUT, (3, 1280 + number % 640, 720, 60000)))
            told.append(("wl_pointer.button", _POINTER, (number, number, 272, number // 16 % 2)))
        for name, serial, arguments in told:
            number += 1
            yield _packed(messages[name], number, serial, arguments)


def _packed(message: Message, number: int, serial: int, arguments: tuple[int, ...]) -> bytes:
    size = HEADER.size + 4 * len(arguments)
    head = HEADER.pack(number * _STEP_NS, message.address, serial, number, size)
    return head + struct.pack(f"={len(arguments)}i", *arguments)
