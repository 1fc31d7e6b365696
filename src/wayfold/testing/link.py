"""One program's connection through a tap: two sockets, and what passes between them."""

import os
import select
import socket
from collections.abc import Iterator

from wayfold.testing.conversation import CLIENT, COMPOSITOR, Conversation, Passed
from wayfold.testing.outbox import Outbox, Posted
from wayfold.testing.transcript import Transcript
from wayfold.testing.wire import Packet, receive
from wayfold.testing.wire_faults import WireFaults

__all__ = ["Link"]


class _Half:
    """Carries what one side says to the other; the next is read when the last is written."""

    def __init__(
        self, origin: str, source: socket.socket, target: socket.socket, faults: WireFaults
    ) -> None:
        self.origin = origin
        self.source = source
        self.target = target
        self.outbox = Outbox(target)
        self.is_ended = self.is_broken = False
        self._faults = faults

    @property
    def is_reading(self) -> bool:
        return not self.is_ended and not self.outbox

    @property
    def is_over(self) -> bool:
        return self.is_ended and not self.outbox

    def pump(self, transcript: Transcript, conversation: Conversation) -> None:
        try:
            packet = receive(self.source)
        except BlockingIOError:
            return
        except OSError:
            packet = Packet(b"")
        if not packet.data:
            self.is_ended = True
        elif conversation.is_lost(self.origin):
            self.outbox.put(Posted(packet))
        else:
            self._forward(transcript.read(conversation, self.origin, packet), conversation)
        self.flush()

    def _forward(self, passed: list[Passed], conversation: Conversation) -> None:
        packets = [(each.name, each.packet) for each in passed if each.packet is not None]
        if packets and any(name == "wire.unknown" for name, _ in packets):
            # Whose they are is not known here; their order is, and early does no harm.
            name, last = packets[-1]
            strays = conversation.stray_descriptors(self.origin)
            packets[-1] = name, Packet(last.data, last.descriptors + strays)
        for name, packet in packets:
            self._post(name, packet)

    def _post(self, name: str, packet: Packet) -> None:
        made = self._faults.posted(name, packet) if self._faults.is_active else [Posted(packet)]
        for number in set(packet.descriptors) - {d for p in made for d in p.packet.descriptors}:
            os.close(number)
        for place, posted in enumerate(made):
            # Said twice, its descriptors must be two as well: each is closed once it is written.
            again = tuple(map(os.dup, posted.packet.descriptors)) if place else None
            data, descriptors = posted.packet
            owned = descriptors if again is None else again
            self.outbox.put(posted._replace(packet=Packet(data, owned)))

    def flush(self) -> None:
        try:
            self.outbox.flush()
        except OSError:
            # Nobody reads it any more.
            self.outbox.close()
            self.is_ended = self.is_broken = True


class Link:
    """Forwards between a program and a compositor until one of them hangs up."""

    def __init__(
        self,
        program: socket.socket,
        compositor: socket.socket,
        transcript: Transcript,
        *,
        event_faults: WireFaults,
        request_faults: WireFaults,
    ) -> None:
        for sock in (program, compositor):
            sock.setblocking(False)
        self.is_open = True
        self._transcript = transcript
        self._conversation = transcript.converse()
        self._requests = _Half(CLIENT, program, compositor, request_faults)
        self._events = _Half(COMPOSITOR, compositor, program, event_faults)
        self._halves = (self._requests, self._events)

    @property
    def subject(self) -> str:
        """Name the connection by its wl_display."""
        return self._conversation.subject(1)

    @property
    def due_s(self) -> float | None:
        """Seconds until something is due to be written; None where nothing waits for its time."""
        due = [half.outbox.due_s for half in self._halves]
        return min((each for each in due if each is not None), default=None)

    def waits(self, is_frozen: bool) -> Iterator[tuple[int, int]]:
        """Give the descriptors to poll and for what; one that nothing is wanted of is left out."""
        for incoming, outgoing in (self._halves, self._halves[::-1]):
            mask = select.POLLIN if incoming.is_reading and not is_frozen else 0
            mask |= select.POLLOUT if outgoing.outbox.is_blocked else 0
            if mask:
                yield incoming.source.fileno(), mask

    def serve(self, descriptor: int) -> None:
        """Read and write what can be read and written on a descriptor."""
        for half in self._halves:
            if self.is_open and half.target.fileno() == descriptor and half.outbox.is_blocked:
                half.flush()
            if self.is_open and half.source.fileno() == descriptor and half.is_reading:
                half.pump(self._transcript, self._conversation)
        self._end()

    def flush_due(self) -> None:
        """Write what has waited for its time."""
        for half in self._halves:
            half.flush()
        self._end()

    def _end(self) -> None:
        # A compositor that reads nothing more may have said why: that must still arrive.
        has_left = self._requests.is_over and not self._requests.is_broken
        if self._events.is_over or has_left:
            self.close()

    def close(self) -> None:
        """Hang up on both."""
        if self.is_open:
            self.is_open = False
            self._transcript.note("connection.closed", self.subject)
        for half in self._halves:
            half.outbox.close()
            half.source.close()
