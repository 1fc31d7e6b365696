"""What waits to be written: in one piece or alone, at its time, with its descriptors."""

import os
import socket
import time

import pytest

from wayfold.testing.outbox import Outbox, Posted
from wayfold.testing.wire import Packet, receive


@pytest.fixture
def pair():
    """Two ends that keep every write apart from the next."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def written(sock):
    """Give each write that has come."""
    found = []
    while True:
        try:
            found.append(receive(sock))
        except BlockingIOError:
            return found


def test_packets_go_out_in_one_piece_up_to_one_with_descriptors(pair):
    ours, theirs = pair
    box = Outbox(ours)
    for data, descriptors in ((b"a", ()), (b"b", ()), (b"c", (os.dup(0),)), (b"d", ())):
        box.put(Posted(Packet(data, descriptors)))
    box.flush()
    first, second = written(theirs)
    os.close(*second.descriptors)

    assert (first.data, first.descriptors, second.data) == (b"ab", (), b"cd")
    assert not box


def test_one_that_is_alone_is_written_by_itself(pair):
    ours, theirs = pair
    box = Outbox(ours)
    for data in (b"a", b"b"):
        box.put(Posted(Packet(data), is_alone=True))
    box.put(Posted(Packet(b"c")))
    box.flush()

    assert [packet.data for packet in written(theirs)] == [b"a", b"b", b"c"]


def test_what_is_not_due_holds_back_what_follows(pair):
    ours, theirs = pair
    box = Outbox(ours)
    box.put(Posted(Packet(b"a"), due_s=time.monotonic() + 1000))
    box.put(Posted(Packet(b"b")))
    box.flush()

    assert written(theirs) == []
    assert 900 < box.due_s <= 1000
    assert len(box) == 2


def test_a_full_socket_blocks_it_and_nothing_is_lost(pair):
    ours, theirs = pair
    box = Outbox(ours)
    for number in range(2000):
        box.put(Posted(Packet(number.to_bytes(2, "big") * 500), is_alone=True))
    box.flush()
    assert box.is_blocked
    assert box.due_s is None
    got = []
    while box:
        got += written(theirs)
        box.flush()

    got += written(theirs)
    assert [int.from_bytes(packet.data[:2], "big") for packet in got] == list(range(2000))


def test_closing_lets_go_of_descriptors(pair, open_descriptors):
    before = open_descriptors()
    box = Outbox(pair[0])
    box.put(Posted(Packet(b"a", (os.dup(0),)), due_s=time.monotonic() + 1000))
    box.close()

    assert open_descriptors() == before
    assert not box
