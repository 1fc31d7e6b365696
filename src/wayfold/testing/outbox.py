"""What is yet to be written to a socket: as soon as there is room, and not before its time."""

import os
import socket
import time
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from wayfold.testing.wire import Packet, transmit

__all__ = ["Outbox", "Posted"]


class Posted(NamedTuple):
    """A packet to be written once `due_s` (of the monotonic clock) is over.

    One that is `alone` is written by itself, others in one piece where they can be.
    """

    packet: Packet
    due_s: float = 0.0
    is_alone: bool = False


class Outbox:
    """Packets in order; it owns their descriptors until they are written or it is closed."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._posted: deque[Posted] = deque()
        self.is_blocked = False

    def __len__(self) -> int:
        return len(self._posted)

    def put(self, posted: Posted) -> None:
        """Add a packet."""
        self._posted.append(posted)

    @property
    def due_s(self) -> float | None:
        """Seconds until a packet may be written that waits for its time; None where none does."""
        if not self._posted or self.is_blocked:
            return None
        return max(0.0, self._posted[0].due_s - time.monotonic())

    def flush(self) -> None:
        """Write what is due and what the socket takes; raises OSError once it is dead."""
        self.is_blocked = False
        try:
            while self._posted and self._posted[0].due_s <= time.monotonic():
                self._write_first()
        except BlockingIOError:
            self.is_blocked = True

    def _write_first(self) -> None:
        packet = self._joined()
        sent = transmit(self._socket, packet)
        _close_all(packet.descriptors)
        first = self._posted.popleft()
        if sent < len(packet.data):
            rest = Packet(packet.data[sent:])
            self._posted.appendleft(Posted(rest, first.due_s, first.is_alone))

    def _joined(self) -> Packet:
        # Packets go out together up to the next one with descriptors, which must lead its own.
        first = self._posted.popleft()
        pieces = [first.packet.data]
        while not first.is_alone and self._posted and self._is_joinable(self._posted[0]):
            pieces.append(self._posted.popleft().packet.data)
        packet = Packet(b"".join(pieces), first.packet.descriptors)
        self._posted.appendleft(Posted(packet, first.due_s, first.is_alone))
        return packet

    def _is_joinable(self, posted: Posted) -> bool:
        is_due = posted.due_s <= time.monotonic()
        return is_due and not posted.is_alone and not posted.packet.descriptors

    def close(self) -> None:
        """Forget what was not written and close its descriptors."""
        for posted in self._posted:
            _close_all(posted.packet.descriptors)
        self._posted.clear()


def _close_all(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
