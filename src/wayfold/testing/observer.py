"""The harness's own connection to a compositor: few requests, every wait with a deadline."""

import socket
from collections import deque
from collections.abc import Mapping

from wayfold.testing.failures import HarnessError
from wayfold.testing.interfaces import Interface, known_interfaces
from wayfold.testing.readiness import Deadline, HungUp
from wayfold.testing.wire import Argument, Frame, decode, encode, receive, split, transmit, whole

__all__ = ["Event", "Observer", "Thing"]

Event = tuple[str, tuple[Argument, ...]]
"""Name and arguments."""


class Thing:
    """An object of this connection; its events are kept until they are taken."""

    def __init__(self, observer: "Observer", object_id: int, interface: Interface) -> None:
        self.object_id = object_id
        self.interface = interface
        self.events: deque[Event] = deque()
        self._observer = observer

    def request(self, name: str, *arguments: Argument) -> "Thing":
        """Make a request; gives the object that it creates, or else this one.

        The new object's id is filled in by itself.
        """
        message = next(each for each in self.interface.requests if each.name == name)
        made = self._observer.make(message.creates) if message.creates else self
        filled = list(arguments)
        if message.creates:
            filled.insert(message.signature.replace("?", "").index("n"), made.object_id)
        self._observer.send(self.object_id, message.opcode, message.signature, filled)
        return made

    def destroy(self) -> None:
        """Make its request `destroy`."""
        self.request("destroy")

    def wait(self, *names: str) -> Event:
        """Give its first event of these names and drop those before; raises HungUp, TimedOut."""
        while True:
            while self.events:
                event = self.events.popleft()
                if event[0] in names:
                    return event
            self._observer.read()


class Observer:
    """Used by one thread. `ended` is readable once the compositor is dead."""

    def __init__(self, sock: socket.socket, ended: int, timeout: float) -> None:
        self._socket = sock
        self._ended = ended
        self._timeout = timeout
        self._deadline = Deadline(timeout)
        self._things: dict[int, Thing] = {}
        self._free: deque[int] = deque()
        self._inbound = bytearray()
        self._descriptors: deque[int] = deque()
        self._bound: dict[str, Thing] = {}
        self._outputs: dict[str, Thing] = {}
        self._display = self.make("wl_display")
        self._registry = self._display.request("get_registry")
        self.roundtrip()

    @property
    def globals(self) -> Mapping[int, tuple[str, int]]:
        """Give interface and version of what is offered now, by name."""
        found: dict[int, tuple[str, int]] = {}
        for event, arguments in self._registry.events:
            if event == "global":
                found[whole(arguments[0])] = (str(arguments[1]), whole(arguments[2]))
            else:
                found.pop(whole(arguments[0]), None)
        return found

    def offers(self, interface: str) -> bool:
        """Tell whether there is such a global."""
        return any(offered == interface for offered, _ in self.globals.values())

    def begin(self) -> None:
        """Give what follows the whole time that there is."""
        self._deadline = Deadline(self._timeout)

    def bind(self, interface: str) -> Thing:
        """Give the first global of this interface, bound once; raises LookupError."""
        if interface not in self._bound:
            name = next((n for n, (i, _) in self.globals.items() if i == interface), None)
            if name is None:
                raise LookupError(f"the compositor offers no {interface}")
            self._bound[interface] = self.bind_name(name)
        return self._bound[interface]

    def bind_name(self, name: int) -> Thing:
        """Bind the global of this name, at the version that it and we know."""
        interface, offered = self.globals[name]
        made = self.make(interface)
        version = min(offered, made.interface.version)
        arguments: list[Argument] = [name, interface, version, made.object_id]
        self.send(self._registry.object_id, 0, "usun", arguments)
        return made

    def output(self, name: str | None = None) -> Thing:
        """Bind the output of this name, or the first one; raises LookupError."""
        self.roundtrip()
        for number, (interface, _) in sorted(self.globals.items()):
            if interface != "wl_output":
                continue
            output = self.bind_name(number)
            self.roundtrip()
            if name is None or self._name_of(output) == name:
                return output
            output.request("release")
        raise LookupError(f"there is no output {name or 'at all'}")

    def _name_of(self, output: Thing) -> str | None:
        told = _told_name(output)
        if told is None and self.offers("zxdg_output_manager_v1"):
            # weston 10 has wl_output at version 3, which does not tell the name.
            manager = self.bind("zxdg_output_manager_v1")
            described = manager.request("get_xdg_output", output.object_id)
            self.roundtrip()
            described.destroy()
            told = _told_name(described)
        return told

    def make(self, interface: str) -> Thing:
        """Take up an object under an id that is free."""
        object_id = self._free.popleft() if self._free else len(self._things) + 1
        self._things[object_id] = Thing(self, object_id, known_interfaces()[interface])
        return self._things[object_id]

    def send(self, object_id: int, opcode: int, signature: str, arguments: list[Argument]) -> None:
        """Send any message; raises HungUp."""
        packet = encode(object_id, opcode, signature, arguments)
        try:
            sent = transmit(self._socket, packet)
            if sent < len(packet.data):
                self._socket.sendall(packet.data[sent:])
        except OSError:
            # The compositor hung up: by its last words it told why.
            while True:
                self.read()

    def roundtrip(self) -> None:
        """Wait until everything before is answered; raises HungUp, TimedOut."""
        self.begin()
        self._display.request("sync").wait("done")

    def read(self) -> None:
        """Wait for something and hand it out."""
        self._deadline.wait(self._socket.fileno(), self._ended)
        try:
            packet = receive(self._socket)
        except OSError as error:
            raise HungUp from error
        if not packet.data:
            raise HungUp
        self._descriptors.extend(packet.descriptors)
        self._inbound += packet.data
        for frame in split(self._inbound):
            self._hand_out(frame)

    def _hand_out(self, frame: Frame) -> None:
        thing = self._things[frame.object_id]
        message = thing.interface.events[frame.opcode]
        arguments = decode(message.signature, frame.body, self._descriptors)
        if thing is not self._display:
            thing.events.append((message.name, arguments))
        elif message.name == "delete_id":
            self._free.append(whole(arguments[0]))
        else:
            raise HarnessError(f"the compositor refused what the harness asked: {arguments[2]!r}")

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _told_name(output: Thing) -> str | None:
    return next((str(told[0]) for event, told in output.events if event == "name"), None)
