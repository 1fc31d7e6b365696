"""Move what the journal holds into the log, and take charge of what came with it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from wayfold.log import Log, Record
from wayfold.wayland.codec import HEADER
from wayfold.wayland.contents import content
from wayfold.wayland.descriptor import Descriptor
from wayfold.wayland.library import ffi, journal
from wayfold.wayland.objects import Connected
from wayfold.wayland.packed import Packed
from wayfold.wayland.table import Table

__all__ = ["Intake", "Told"]

Told = Callable[[Record, tuple[Descriptor, ...]], None]


class _Notable(NamedTuple):
    offset: int
    place: int
    reasons: int


class Intake:
    """Empties one journal; `told` hears of the records that somebody wants to see at once."""

    def __init__(self, pointer: Any, table: Table, connection: Connected, log: Log) -> None:
        self._journal = pointer
        self._library = journal()
        self._table = table
        self._connection = connection
        self._log = log
        self._malformed: Record | None = None
        self.told: Told = _nobody

    def drain(self) -> int:
        """Append everything as one batch; give the number of events."""
        library, pointer = self._library, self._journal
        count = int(library.journal_count(pointer))
        if not count:
            return 0
        length = library.journal_length(pointer)
        data = bytes(ffi.buffer(library.journal_data(pointer), length))
        notables = self._notables()
        descriptors = self._descriptors() if notables else []
        library.journal_reset(pointer)
        batch = Packed(data, count, self._table)
        if notables:
            self._take_in(batch, data, notables, descriptors)
        else:
            self._log.append_batch(batch)
        return count

    def _notables(self) -> list[_Notable]:
        found = ffi.new("const journal_notable **")
        count = self._library.journal_notables(self._journal, found)
        each = (found[0][k] for k in range(count))
        return [_Notable(n.offset, n.index, n.reasons) for n in each]

    def _descriptors(self) -> list[Descriptor]:
        found = ffi.new("const int **")
        count = self._library.journal_descriptors(self._journal, found)
        return [Descriptor(found[0][k]) for k in range(count)]

    def _take_in(
        self, batch: Packed, data: bytes, notables: list[_Notable], descriptors: list[Descriptor]
    ) -> None:
        library = self._library
        for notable in notables:
            if notable.reasons & library.JOURNAL_NEW_OBJECT:
                self._adopt(data, notable.offset)
        ends = [n.place for n in notables if n.reasons & library.JOURNAL_GROUP_END]
        first = self._log.head + 1
        try:
            contents = self._contents(batch, notables, descriptors) if descriptors else {}
            derived = self._log.append_batch(batch, ends, contents)
        except BaseException:
            _close(descriptors)
            raise
        self._pass_on(batch, first, notables, descriptors)
        for record in derived:
            self.told(record, ())

    def _contents(
        self, batch: Packed, notables: list[_Notable], descriptors: list[Descriptor]
    ) -> dict[int, dict[str, bytes]]:
        if not self._log.keeps_contents:
            return {}
        waiting, found = iter(descriptors), {}
        for _, place, reasons in notables:
            if not reasons & self._library.JOURNAL_DESCRIPTOR:
                continue
            record = batch.record(place, 0)
            came = zip(self._fields(record), self._came_with(record, waiting), strict=True)
            read = {field: content(record, field, each) for field, each in came}
            found[place] = {field: held for field, held in read.items() if held is not None}
        return found

    def _pass_on(
        self, batch: Packed, first: int, notables: list[_Notable], descriptors: list[Descriptor]
    ) -> None:
        library, waiting = self._library, iter(descriptors)
        for _, place, reasons in notables:
            record = batch.record(place, first + place)
            came = self._came_with(record, waiting) if reasons & library.JOURNAL_DESCRIPTOR else ()
            if reasons & library.JOURNAL_MALFORMED and self._malformed is None:
                self._malformed = record
            if reasons & library.JOURNAL_HANDLER:
                self.told(record, came)
            else:
                _close(came)
            gone = self._table.get(record.subject)
            if reasons & library.JOURNAL_DESTRUCTOR and gone is not None:
                self._connection.forget(gone)

    def _came_with(self, record: Record, waiting: Iterator[Descriptor]) -> tuple[Descriptor, ...]:
        return tuple(next(waiting) for _ in self._fields(record))

    def _fields(self, record: Record) -> list[str]:
        # One that could not be kept is -1 in its record and has no place in the journal's list.
        fields = self._table.descriptors(record.name)
        return [name for name in fields if record.data[name] >= 0]

    def _adopt(self, data: bytes, offset: int) -> None:
        _, message, serial, _, _ = HEADER.unpack_from(data, offset)
        decoder = self._table.decoder(message)
        parent = self._table.get(f"{decoder.interface}#{serial}")
        for interface, address in decoder.new_objects(data, offset + HEADER.size):
            if address and parent is not None:
                self._table.adopt_told(self._connection, interface, address, parent.version)

    def take_malformed(self) -> Record | None:
        """Give the first record since the last call that held a string that is not UTF-8."""
        found, self._malformed = self._malformed, None
        return found

    def close(self) -> None:
        """Hear nothing more."""
        self.told = _nobody


def _nobody(record: Record, descriptors: tuple[Descriptor, ...]) -> None:
    _close(descriptors)


def _close(descriptors: Any) -> None:
    for each in descriptors:
        each.close()
