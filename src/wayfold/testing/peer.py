"""One client of a scripted server: its socket, its objects, what is yet to be written to it."""

import os
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from wayfold.testing.conversation import CLIENT, COMPOSITOR
from wayfold.testing.interfaces import Interface, Message
from wayfold.testing.outbox import Outbox, Posted
from wayfold.testing.transcript import Transcript
from wayfold.testing.wire import (
    Argument,
    Frame,
    Packet,
    WireError,
    decode,
    encode,
    receive,
    split,
)
from wayfold.testing.wire_faults import WireFaults

__all__ = ["Peer", "Request", "Resource"]

_FIRST_SERVER_ID = 0xFF000000


class Resource:
    """A client's object as its server sees it."""

    def __init__(
        self,
        peer: "Peer",
        object_id: int,
        interface: Interface,
        *,
        version: int,
        global_name: int | None = None,
    ) -> None:
        self.peer = peer
        self.object_id = object_id
        self.interface = interface
        self.version = version
        self.global_name = global_name

    def __repr__(self) -> str:
        return f"{self.interface.name}#{self.object_id}"

    @property
    def is_alive(self) -> bool:
        """True until the client has destroyed it."""
        return self.peer.resources.get(self.object_id) is self

    def event(self, name: str, *arguments: Argument) -> None:
        """Send an event; raises LookupError for a name the interface does not have."""
        message = self.interface.event(name)
        self.peer.send(self.object_id, message.opcode, message.signature, *arguments)

    def create(self, name: str, *arguments: Argument) -> "Resource":
        """Send an event that makes a new object, and give that object."""
        message = self.interface.event(name)
        if message.creates is None:
            raise ValueError(f"{self.interface.name}.{name} creates no object")
        created = self.peer.create(message.creates, self.version)
        place = message.created_at
        filled = (*arguments[:place], created.object_id, *arguments[place:])
        self.peer.send(self.object_id, message.opcode, message.signature, *filled)
        return created


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a client made; descriptors among its arguments belong to the server."""

    resource: Resource
    name: str
    arguments: tuple[Argument, ...]
    created: tuple[Resource, ...] = ()

    @property
    def interface(self) -> str:
        """Name the object's interface."""
        return self.resource.interface.name

    @property
    def object_id(self) -> int:
        """Give the object's id on the wire."""
        return self.resource.object_id

    @property
    def key(self) -> str:
        """Give `interface.request`."""
        return f"{self.interface}.{self.name}"

    def __str__(self) -> str:
        arguments = ", ".join(map(repr, self.arguments))
        return f"{self.resource!r}.{self.name}({arguments})"


class Peer:
    """Reads one client's requests and writes its events; every method holds the server's lock."""

    def __init__(
        self,
        sock: socket.socket,
        interfaces: Mapping[str, Interface],
        lock: threading.RLock,
        wake: Callable[[], None],
        *,
        transcript: Transcript,
        faults: WireFaults,
    ) -> None:
        sock.setblocking(False)
        self.socket = sock
        self.resources: dict[int, Resource] = {}
        self.is_open = True
        self._interfaces = interfaces
        self._lock = lock
        self._wake = wake
        self._inbound = bytearray()
        self._descriptors: deque[int] = deque()
        self._outbox = Outbox(sock)
        self._transcript = transcript
        self._conversation = transcript.converse()
        self._faults = faults
        self._received: list[int] = []
        self._corks = 0
        self._is_ending = False
        self._next_server_id = _FIRST_SERVER_ID
        self.add(1, "wl_display", 1)

    @property
    def is_writing(self) -> bool:
        """True while the socket is full and something waits for it."""
        return self._outbox.is_blocked

    @property
    def due_s(self) -> float | None:
        """Seconds until something is due to be written; None where nothing waits for its time."""
        return None if self._corks or not self.is_open else self._outbox.due_s

    def add(
        self, object_id: int, interface: str, version: int, global_name: int | None = None
    ) -> Resource:
        """Take up an object that the client has made."""
        known = self._interfaces.get(interface) or Interface(interface, version)
        resource = Resource(self, object_id, known, version=version, global_name=global_name)
        self.resources[object_id] = resource
        return resource

    def create(self, interface: str, version: int) -> Resource:
        """Make an object of the server's own, in its own range of ids."""
        with self._lock:
            object_id = self._next_server_id
            self._next_server_id += 1
            return self.add(object_id, interface, version)

    def forget(self, resource: Resource) -> None:
        """End an object; the client hears by wl_display.delete_id that its id is free."""
        del self.resources[resource.object_id]
        if resource.object_id < _FIRST_SERVER_ID:
            self.resources[1].event("delete_id", resource.object_id)

    def send(self, object_id: int, opcode: int, signature: str, *arguments: Argument) -> None:
        """Send any message; descriptors are duplicated, so that the caller keeps its own."""
        packet = encode(object_id, opcode, signature, arguments)
        self._put(packet, self._name(object_id, opcode) if self._faults.is_active else "")

    def _name(self, object_id: int, opcode: int) -> str:
        known = self.resources.get(object_id)
        if known is None or opcode >= len(known.interface.events):
            return "wire.unknown"
        return f"{known.interface.name}.{known.interface.events[opcode].name}"

    def send_bytes(self, data: bytes, descriptors: tuple[int, ...] = ()) -> None:
        """Send bytes as they are."""
        self._put(Packet(data, descriptors), "wire.bytes")

    def _put(self, packet: Packet, name: str) -> None:
        with self._lock:
            if not self.is_open:
                return
            self._transcript.take_down(self._conversation, COMPOSITOR, packet)
            if self._faults.is_active:
                for posted in self._faults.posted(name, packet):
                    self._outbox.put(posted._replace(packet=_owned(posted.packet)))
            else:
                self._outbox.put(Posted(_owned(packet)))
            self.flush()

    def cork(self) -> None:
        """Keep events back, until `uncork` sends them in one piece."""
        self._corks += 1

    def uncork(self) -> None:
        """Undo one `cork`."""
        self._corks -= 1
        self.flush()

    def end(self) -> None:
        """Hang up as soon as everything is written."""
        with self._lock:
            self._is_ending = True
            self.flush()

    def flush(self) -> None:
        """Write what the socket takes; the rest goes when the server's loop finds room."""
        if self._corks or not self.is_open:
            return
        try:
            self._outbox.flush()
        except OSError:
            self.close()
            return
        if self._outbox:
            self._wake()
        elif self._is_ending:
            self.close()

    def requests(self) -> Iterator[Request]:
        """Read what has come and take up the objects it makes; closes itself at the end."""
        try:
            packet = receive(self.socket)
        except BlockingIOError:
            return
        except OSError:
            packet = Packet(b"")
        self._descriptors.extend(packet.descriptors)
        self._received += packet.descriptors
        if packet.data:
            self._transcript.take_down(self._conversation, CLIENT, packet)
        self._inbound += packet.data
        for frame in split(self._inbound):
            yield self._request(frame)
        if not packet.data:
            self.close()

    def _request(self, frame: Frame) -> Request:
        resource = self.resources.get(frame.object_id)
        if resource is None:
            raise WireError(f"a request for object {frame.object_id}, which does not exist")
        message = _requested(resource, frame.opcode)
        try:
            arguments = decode(message.signature, frame.body, self._descriptors)
        except WireError as error:
            raise WireError(f"{resource!r}.{message.name}: {error}") from error
        created = self._created(resource, message, arguments)
        return Request(resource, message.name, arguments, created)

    def _created(
        self, resource: Resource, message: Message, arguments: tuple[Argument, ...]
    ) -> tuple[Resource, ...]:
        if message.creates is None:
            return ()
        object_id = arguments[message.created_at]
        assert isinstance(object_id, int)
        return (self.add(object_id, message.creates, resource.version),)

    def close(self) -> None:
        """Hang up."""
        if self.is_open:
            self.is_open = False
            # A close alone would not be seen while the server's thread polls this very socket.
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
            self._transcript.note("connection.closed", self._conversation.subject(1))
        self._outbox.close()

    def dispose(self) -> None:
        """Hang up and close every descriptor that came with a request."""
        self.close()
        for descriptor in self._received:
            os.close(descriptor)
        self._received.clear()


def _owned(packet: Packet) -> Packet:
    if not packet.descriptors:
        return packet
    return Packet(packet.data, tuple(map(os.dup, packet.descriptors)))


def _requested(resource: Resource, opcode: int) -> Message:
    if opcode >= len(resource.interface.requests):
        raise WireError(f"{resource!r} has no request with opcode {opcode} in the server's table")
    return resource.interface.requests[opcode]
