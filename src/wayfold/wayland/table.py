"""The live objects of a connection, and how to read what the journal writes about them."""

from collections.abc import Callable, Iterator
from typing import Any

from wayfold.protocol import schema
from wayfold.wayland.codec import Decoder
from wayfold.wayland.library import ffi, journal
from wayfold.wayland.messages import event_messages
from wayfold.wayland.objects import Connected, WaylandObject, object_class

__all__ = ["GroupEnds", "Table"]

GroupEnds = Callable[[str, int], frozenset[str]]
"""Gives the events that end a group, by interface and the version that an object is bound at."""


class Table:
    """Objects by subject, decoders by message, and what the journal is asked to notice.

    Also counts the versions of Wayland subjects for the log: the journal does for events, and
    its count goes on with requests and derived records.
    """

    def __init__(self, pointer: Any, offset_ns: int, group_ends: GroupEnds) -> None:
        self._journal = pointer
        self._library = journal()
        self.offset_ns = offset_ns
        self._group_ends = group_ends
        self._objects: dict[str, WaylandObject] = {}
        self._subjects: dict[int, str] = {}  # by wire id, the newest there was
        self._decoders: dict[int, Decoder] = {}
        self._reasons: dict[int, int] = {}
        self._carrying: dict[str, tuple[str, ...]] = {}
        self._is_heard: Callable[[str], bool] = lambda name: False

    def __iter__(self) -> Iterator[WaylandObject]:
        return iter(tuple(self._objects.values()))

    def get(self, subject: str) -> WaylandObject | None:
        """Give the live object of a subject."""
        return self._objects.get(subject)

    def named(self, wire_id: int) -> str | None:
        """Give the newest subject that had a wire id, dead or alive."""
        return self._subjects.get(wire_id)

    def decoder(self, message: int) -> Decoder:
        """Give the decoder of the message at that address."""
        return self._decoders[message]

    def descriptors(self, name: str) -> tuple[str, ...]:
        """Give the arguments of an event that are descriptors, by the event's name."""
        return self._carrying.get(name, ())

    def adopt(
        self, connection: Connected, interface: Any, pointer: Any, version: int
    ) -> WaylandObject:
        """Take in an object that the journal made, and learn its interface."""
        self._learn(interface, version)
        subject = f"{interface.name}#{pointer.serial}"
        made = object_class(interface)(connection, pointer, subject, version)
        self._objects[subject] = made
        self._subjects[self._library.journal_wire_id(pointer)] = subject
        return made

    def adopt_told(self, connection: Connected, interface: str, address: int, version: int) -> None:
        """Take in an object that an event made, by the address that the journal wrote down."""
        pointer = self._library.journal_object_at(address)
        self.adopt(connection, schema.interface(interface), pointer, version)

    def drop(self, gone: WaylandObject) -> Any:
        """Forget an object and give the journal's pointer to it."""
        pointer, gone._pointer = gone._pointer, None
        self._objects.pop(gone.subject, None)
        return pointer

    def _learn(self, interface: Any, version: int) -> None:
        ends = self._group_ends(interface.name, version)
        for message in event_messages(interface):
            if message.address not in self._decoders:
                decoder = self._decoders[message.address] = Decoder(message)
                self._carrying[message.name] = decoder.descriptors
                self._notice(message.address, self._lasting(message.destroys))
            if message.name.split(".")[1] in ends:
                self._notice(message.address, self._library.JOURNAL_GROUP_END)

    def _lasting(self, destroys: bool) -> int:
        return self._library.JOURNAL_DESTRUCTOR if destroys else 0

    def _notice(self, address: int, reasons: int) -> None:
        reasons |= self._reasons.get(address, 0)
        self._reasons[address] = reasons
        if self._is_heard(self._decoders[address].name):
            reasons |= self._library.JOURNAL_HANDLER
        if self._library.journal_watch(self._journal, address, reasons) < 0:
            raise MemoryError("the journal has no room to watch another message")

    def hear(self, is_heard: Callable[[str], bool]) -> None:
        """Have events noticed whose name somebody wants to hear."""
        self._is_heard = is_heard
        self.hear_again(lambda name: True)

    def hear_again(self, concerns: Callable[[str], bool]) -> None:
        """Ask again who hears the events that it concerns, by name; once closed, none comes."""
        if self._journal == ffi.NULL:
            return
        for address, decoder in self._decoders.items():
            if concerns(decoder.name):
                self._notice(address, 0)

    # -- versions, for the log ----------------------------------------------------------------

    def version(self, subject: str) -> int | None:
        """Give the version of a live object's last record."""
        found = self._objects.get(subject)
        return None if found is None else found._pointer.version

    def advance(self, subject: str, version: int) -> bool:
        """Note a live object's version."""
        found = self._objects.get(subject)
        if found is None:
            return False
        found._pointer.version = version
        return True

    def clear(self) -> None:
        """Forget everything that points into the journal, which is about to go."""
        for each in self:
            self.drop(each)
        self._journal = ffi.NULL
