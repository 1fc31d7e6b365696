"""Events as the journal packed them, and what the log needs to read them later."""

from collections.abc import Iterator, Mapping
from itertools import repeat
from typing import Any, Protocol

from wayfold.log.batch import ROWS, Batch, Wanted
from wayfold.log.record import Columns, Origin, Record, Run, Words
from wayfold.wayland.codec import HEADER, Decoder, subject
from wayfold.wayland.library import ffi, journal
from wayfold.wayland.tabular import table

__all__ = ["Decoders", "Packed"]

_RUNS = 64


class Decoders(Protocol):
    """Finds the decoder of a message by the address that the journal wrote down."""

    @property
    def offset_ns(self) -> int:
        """What the journal's clock must be given to be Unix time."""
        ...

    def decoder(self, message: int) -> Decoder:
        """Give the decoder of the message at that address."""
        ...


class Packed:
    """A batch of undecoded events; the offsets of its records are found when they are needed."""

    def __init__(self, data: bytes, count: int, decoders: Decoders) -> None:
        self._data: bytes | bytearray = data
        self._length = len(data)
        self._count = count
        self._decoders = decoders
        self._offsets: Any = None

    def __len__(self) -> int:
        return self._count

    @property
    def size(self) -> int:
        """Bytes held: the records, and four for each once they have been looked up."""
        return self._length + (4 * self._count if self._offsets is not None else 0)

    def joined(self, other: Batch) -> "Packed | None":
        """Give these and the packed records that follow, in one buffer that both use."""
        if not isinstance(other, Packed) or other._decoders is not self._decoders:
            return None
        if not isinstance(self._data, bytearray):
            self._data = bytearray(self._data)
        self._data += memoryview(other._data)[: other._length]
        made = Packed(b"", self._count + other._count, self._decoders)
        made._data, made._length = self._data, self._length + other._length
        return made

    def record(self, index: int, position: int) -> Record:
        """Decode the record at `index`."""
        return self._decode(self._at()[index], position)

    def records(
        self, start: int, stop: int, position: int, wanted: Wanted | None
    ) -> Iterator[Record]:
        """Decode the wanted ones of records `start` to `stop`."""
        offsets = self._at()
        for index in range(start, stop):
            at = offsets[index]
            if wanted is None or wanted(*self._about(at)):
                yield self._decode(at, position + index - start)

    def runs(self, start: int, stop: int) -> Iterator[Run]:
        """Give records `start` to `stop` by runs of one message, one object and one size."""
        if start >= stop:
            return
        first = self._at()[start] if start else 0
        last = self._at()[stop] if stop < self._count else self._length
        data = bytes(memoryview(self._data)[first:last])
        decoders = self._decoders
        for message, serial, size, offset, count in _found_runs(data, len(data)):
            yield PackedRun(decoders.decoder(message), serial, data, offset, size, count)

    def rows(self, position: int) -> Iterator[list[Columns]]:
        """Give every record as it is stored, by whole runs where they are long."""
        made: list[Columns] = []
        for run in self._parts():
            made += run.rows(position + len(made), self._decoders.offset_ns)
            if len(made) >= ROWS:
                yield made
                position, made = position + len(made), []
        if made:
            yield made

    def _parts(self) -> Iterator["PackedRun"]:
        decoders, data = self._decoders, self._data
        for message, serial, size, offset, count in _found_runs(data, self._length):
            decoder = decoders.decoder(message)
            for start in range(0, count, ROWS):
                first = offset + start * size
                part = min(ROWS, count - start)
                yield PackedRun(decoder, serial, data, first, size, part)

    def _at(self) -> Any:
        if self._offsets is None:
            offsets = ffi.new("uint32_t[]", self._count)
            data = ffi.from_buffer(self._data)
            found = journal().journal_index(data, self._length, offsets, self._count)
            assert found == self._count
            self._offsets = offsets
        return self._offsets

    def _about(self, at: int) -> tuple[str, str]:
        _, message, serial, _, _ = HEADER.unpack_from(self._data, at)
        decoder = self._decoders.decoder(message)
        return decoder.name, f"{decoder.interface}#{serial}"

    def _decode(self, at: int, position: int) -> Record:
        time_ns, message, serial, version, _ = HEADER.unpack_from(self._data, at)
        decoder = self._decoders.decoder(message)
        return Record(
            position,
            time_ns + self._decoders.offset_ns,
            Origin.COMPOSITOR,
            f"{decoder.interface}#{serial}",
            version,
            decoder.name,
            decoder.decode(self._data, at + HEADER.size),
        )


def _found_runs(data: bytes | bytearray, length: int) -> Iterator[tuple[int, int, int, int, int]]:
    runs = ffi.new("journal_run[]", _RUNS)
    at, index = ffi.new("size_t *"), ffi.new("uint32_t *")
    source = ffi.from_buffer(data)
    while found := journal().journal_runs(source, length, at, index, runs, _RUNS):
        for k in range(found):
            run = runs[k]
            yield run.message, run.serial, run.size, run.offset, run.count


class PackedRun:
    """Consecutive events of one message to one object."""

    __slots__ = ("_count", "_data", "_decoder", "_first", "_size", "name", "subject")
    origin = Origin.COMPOSITOR

    def __init__(
        self,
        decoder: Decoder,
        serial: int,
        data: bytes | bytearray,
        first: int,
        size: int,
        count: int,
    ) -> None:
        self.name = decoder.name
        self.subject = subject(decoder.interface, serial) or ""
        self._decoder = decoder
        self._data = data
        self._first = first
        self._size = size
        self._count = count

    def __len__(self) -> int:
        return self._count

    def data(self) -> Iterator[Mapping[str, Any]]:
        """Decode the arguments of each event."""
        decode, first = self._decoder.decode, self._first + HEADER.size
        for at in range(first, first + self._count * self._size, self._size):
            yield decode(self._data, at)

    def rows(self, position: int, offset_ns: int) -> Iterator[Columns]:
        """Give each event as it is stored; `position` is that of the first one."""
        packed = self._data[self._first : self._first + self._count * self._size]
        times, versions, texts = table(self._decoder, packed, self._count, offset_ns)
        return zip(
            range(position, position + self._count),
            times,
            repeat(self.origin._value_),
            repeat(self.subject),
            versions,
            repeat(self.name),
            texts,
            repeat(None),
        )

    def words(self) -> Words | None:
        """Give the arguments undecoded where each is one word."""
        return self if self._decoder.is_fixed else None

    def column(self, argument: int) -> list[int]:
        """Give one argument of every event, unsigned; only where each is one word."""
        last = self._first + self._count * self._size
        words = memoryview(self._data)[self._first : last].cast("I")
        return words[HEADER.size // 4 + argument :: self._size // 4].tolist()
