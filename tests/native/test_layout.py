"""The packed layout as Python reads it, from the built extension and the real libwayland."""

import errno
import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from pywayland.protocol.wayland import WlRegistry

from wayfold.wayland.library import address, ffi, journal

HEADER = struct.Struct("=QQIII")
REGISTRY = 2
FIRST_SERIAL = 100


def global_event(name: int, interface: bytes, version: int) -> bytes:
    text = interface + b"\0"
    body = struct.pack("=II", name, len(text)) + text + b"\0" * (-len(text) % 4)
    body += struct.pack("=I", version)
    return struct.pack("=II", REGISTRY, (len(body) + 8) << 16) + body


def removal(name: int) -> bytes:
    return struct.pack("=III", REGISTRY, 12 << 16 | 1, name)


class Fed:
    """A journal with a wl_registry, and the socket's other end."""

    def __init__(self) -> None:
        self.library = journal()
        ours, self.peer = socket.socketpair()
        self.journal = self.library.journal_open(ours.detach(), FIRST_SERIAL, 1 << 20)
        display = self.library.journal_display(self.journal)
        interface = ffi.cast("void *", address(WlRegistry._ptr))
        arguments = ffi.new("journal_argument[1]")
        self.registry = self.library.journal_send(self.journal, display, 1, interface, 1, arguments)

    def read(self, told: bytes = b"") -> int:
        if told:
            self.peer.sendall(told)
        assert self.library.journal_prepare(self.journal) == 0
        return int(self.library.journal_read(self.journal, 1 << 20))

    @property
    def data(self) -> bytes:
        start = self.library.journal_data(self.journal)
        return bytes(ffi.buffer(start, self.library.journal_length(self.journal)))

    def close(self) -> None:
        self.library.journal_close(self.journal)
        self.peer.close()


@pytest.fixture
def fed() -> Iterator[Fed]:
    fed = Fed()
    yield fed
    fed.close()


def test_a_record_is_its_header_and_its_arguments_without_padding(fed):
    fed.read(global_event(7, b"wl_output", 4))

    _, message, serial, version, size = HEADER.unpack_from(fed.data)
    assert message != 0
    assert (serial, version) == (FIRST_SERIAL + 1, 1)
    assert size == len(fed.data)
    arguments = struct.pack("=II", 7, 10) + b"wl_output\0" + struct.pack("=I", 4)
    assert fed.data[HEADER.size :] == arguments


def test_records_follow_each_other_and_are_counted_by_object(fed):
    fed.read(removal(1) + removal(2) + removal(3))

    headers = list(struct.iter_unpack("=QQIIII", fed.data))
    assert [version for *_, version, _, _ in headers] == [1, 2, 3]
    assert [name for *_, name in headers] == [1, 2, 3]
    assert [times for times, *_ in headers] == sorted(times for times, *_ in headers)


def test_the_index_gives_every_offset(fed):
    fed.read(removal(1) + global_event(2, b"wl_seat", 9) + removal(3))
    offsets = ffi.new("uint32_t[5]")

    count = fed.library.journal_index(fed.data, len(fed.data), offsets, 5)

    assert list(offsets)[:count] == [0, 32, 32 + HEADER.size + 20]


def runs(fed: Fed, room: int) -> list[Any]:
    found, made = [], ffi.new("journal_run[]", room)
    start, index = ffi.new("size_t *"), ffi.new("uint32_t *")
    data = fed.data
    while count := fed.library.journal_runs(data, len(data), start, index, made, room):
        found += [(made[k].offset, made[k].index, made[k].count) for k in range(count)]
    return found


@pytest.mark.parametrize("room", [1, 2, 64])
def test_runs_are_of_one_message_and_one_size(fed, room):
    fed.read(removal(1) + removal(2) + global_event(3, b"wl_seat", 9) + removal(4))

    seat_size = HEADER.size + 20
    assert runs(fed, room) == [(0, 0, 2), (64, 2, 1), (64 + seat_size, 3, 1)]


def test_a_message_cut_off_by_the_end_of_the_stream_is_an_error_and_no_endless_read(fed):
    fed.peer.sendall(removal(1) + removal(2)[:-4])
    fed.peer.shutdown(socket.SHUT_RDWR)

    assert fed.read() == -1
    assert fed.library.journal_error(fed.journal) == errno.EPIPE
    assert fed.library.journal_count(fed.journal) == 1
