"""Damage what one side sends: late, in pieces, all at once, changed, lost, without descriptors."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from wayfold.expect.names import Names
from wayfold.testing.outbox import Posted
from wayfold.testing.wire import Packet

__all__ = ["WireFaults"]

Change = Callable[[Posted], list[Posted]]


@dataclass(slots=True)
class _Fault:
    kind: str
    names: Names
    change: Change
    left: int | None
    number: int | None = None

    def wants(self, name: str, number: int) -> bool:
        """Tell whether a message is one to be damaged."""
        if self.left == 0 or self.number not in (None, number):
            return False
        return name in self.names


class WireFaults:
    """Faults of one stream of messages, each by name (a shell pattern) and for so many times.

    `times=None` is for ever, until `clear`. Each time that one happens is a record of the
    transcript: `fault.delay`, `fault.split` …. Messages keep their order: what is held back holds
    back all that follow. They are numbered from when the first fault was set.
    """

    def __init__(self, note: Callable[[str, str, Mapping[str, Any]], None]) -> None:
        self._note = note
        self._active: list[_Fault] = []
        self._number = 0

    def delay(self, seconds: float, name: str = "*", *, times: int | None = None) -> None:
        """Send a message only after a while."""
        self._add("delay", name, times, lambda posted: [_later(posted, seconds)])

    def coalesce(self, seconds: float, name: str = "*") -> None:
        """Hold a message and all that follow back for a while, then send them in one piece."""
        self._add("coalesce", name, 1, lambda posted: [_later(posted, seconds)])

    def split(
        self, size: int = 1, name: str = "*", *, pause: float = 0.001, times: int | None = None
    ) -> None:
        """Send a message in pieces of so many bytes, a pause behind each."""
        if size < 1:
            raise ValueError(f"a piece has 1 byte at least, not {size}")
        self._add("split", name, times, lambda posted: _pieces(posted, size, pause))

    def corrupt(
        self, name: str = "*", *, at: int = 8, xor: int = 0xFF, times: int | None = 1
    ) -> None:
        """Change the byte `at`: 0 to 3 name the object, 4 and 5 the opcode, 6 and 7 the size.

        What follows is the message's arguments. A message that is shorter is left as it is.
        """
        self._add("corrupt", name, times, lambda posted: [_changed(posted, at, xor)])

    def drop(self, name: str, *, times: int | None = 1) -> None:
        """Do not send a message at all."""
        self._add("drop", name, times, lambda posted: [])

    def repeat(self, name: str, *, times: int | None = 1) -> None:
        """Send a message twice."""
        self._add("repeat", name, times, lambda posted: [posted, posted])

    def drop_descriptor(self, name: str = "*", *, times: int | None = 1) -> None:
        """Send a message without the descriptors that belong to it."""
        self._add("drop_descriptor", name, times, lambda posted: [_bare(posted)])

    @property
    def is_active(self) -> bool:
        """True while some message may be damaged."""
        return bool(self._active)

    def clear(self) -> None:
        """Send as it should be from now on."""
        self._active.clear()

    def step(self, number: int, kind: str, **parameters: Any) -> None:
        """Damage the message of this number, counted from 0, as the method of that name does."""
        getattr(self, kind)(name="*", **parameters)
        self._active[-1].number = number

    def _add(self, kind: str, name: str, times: int | None, change: Change) -> None:
        self._active.append(_Fault(kind, Names(name), change, times))

    def posted(self, name: str, packet: Packet) -> list[Posted]:
        """Give what is to be written in place of a message."""
        number, self._number = self._number, self._number + 1
        made = [Posted(packet)]
        for fault in self._active:
            if not fault.wants(name, number):
                continue
            changed = [new for each in made for new in fault.change(each)]
            if changed != made:
                fault.left = None if fault.left is None else fault.left - 1
                self._note(f"fault.{fault.kind}", "fault", {"message": name, "number": number})
            made = changed
        return made


def _later(posted: Posted, seconds: float) -> Posted:
    return posted._replace(due_s=max(posted.due_s, time.monotonic() + seconds))


def _pieces(posted: Posted, size: int, pause: float) -> list[Posted]:
    data, descriptors = posted.packet.data, posted.packet.descriptors
    start_s = max(posted.due_s, time.monotonic())
    return [
        Posted(
            Packet(data[at : at + size], descriptors if at == 0 else ()),
            start_s + pause * (at // size),
            is_alone=True,
        )
        for at in range(0, len(data), size)
    ]


def _changed(posted: Posted, at: int, xor: int) -> Posted:
    data = bytearray(posted.packet.data)
    if at >= len(data):
        return posted
    data[at] ^= xor
    return posted._replace(packet=Packet(bytes(data), posted.packet.descriptors))


def _bare(posted: Posted) -> Posted:
    return posted._replace(packet=Packet(posted.packet.data))
