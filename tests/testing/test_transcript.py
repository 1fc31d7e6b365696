"""What a scripted server saw of its clients, as records that can be expected of."""

import os
import struct

import pytest

import wayfold
from wayfold.testing import ScriptedServer
from wayfold.testing.interfaces import known_interfaces, parse_interfaces
from wayfold.testing.transcript import Transcript
from wayfold.testing.wire import Packet, encode


@pytest.fixture
def transcript():
    return Transcript(known_interfaces())


@pytest.fixture
def said(transcript):
    """Let one side of one connection say a message, and give the records that makes."""
    conversation = transcript.converse()

    def say(origin, *message, descriptors=()):
        data = message[0] if len(message) == 1 else encode(*message).data
        before = transcript.head
        transcript.take_down(conversation, origin, Packet(data, descriptors))
        return list(transcript.records(before))

    return say


NAMES = ("wl_output.*", "wl_compositor.*", "wl_registry.*", "wl_seat.*")


def plain(log, origin):
    """Give names and data; subjects without their numbers, which count from elsewhere."""
    for record in log.records(name=NAMES, origin=origin):
        values = {
            name: value.partition("#")[0] if isinstance(value, str) else value
            for name, value in record.data.items()
        }
        yield record.name, values


@pytest.mark.parametrize("origin", ["client", "compositor"])
def test_both_sides_are_told_as_the_client_tells_them(origin, client, scripted_server):
    client.bind("wl_compositor").create_surface()
    client.roundtrip()
    told = list(plain(scripted_server.transcript, origin))

    assert told == list(plain(client.log, origin))
    assert len(told) >= 4


def test_a_record_has_what_a_log_has(client, scripted_server):
    record = scripted_server.expect("wl_output.mode")
    known = client.expect("wl_output.mode")

    assert (record.origin, record.version, record.data) == (known.origin, 2, known.data)
    assert abs(record.time_ns - known.time_ns) < 5e9
    assert scripted_server.transcript[record.position] == record
    assert scripted_server.transcript[-1].position == scripted_server.transcript.head


def test_an_expectation_waits_for_the_client(client, scripted_server):
    surface = client.bind("wl_compositor").create_surface()
    with pytest.raises(wayfold.ExpectationFailed, match=r"wl_surface\.commit, to come within"):
        scripted_server.expect.eventually("wl_surface.commit", timeout=0.05)
    surface.commit()
    client.dispatch(0)

    assert scripted_server.expect.eventually("wl_surface.commit").origin == "client"


def test_an_id_that_is_used_again_is_another_subject(said):
    first, second = said("client", 1, 0, "n", [2]), None
    said("compositor", 2, 0, "u", [7])
    said("compositor", 1, 1, "u", [2])
    second = said("client", 1, 0, "n", [2])

    assert first[0].data == {"callback": "wl_callback#2"}
    assert second[0].data == {"callback": "wl_callback#3"}


def test_an_object_that_is_gone_is_known_by_its_number_only(said):
    said("client", 1, 0, "n", [2])
    said("compositor", 1, 1, "u", [2])
    (late,) = said("compositor", 2, 0, "u", [7])

    assert (late.name, late.subject) == ("wire.unknown", "object/2")


def test_an_object_of_the_servers_is_known_by_the_event_that_made_it(said):
    said("client", 1, 1, "n", [2])
    said("client", 2, 0, "usun", [4, "ext_foreign_toplevel_list_v1", 1, 3])
    (made,) = said("compositor", 3, 0, "n", [0xFF000000])
    (title,) = said("compositor", 0xFF000000, 2, "s", ["a window"])

    assert title.subject == made.data["toplevel"] == "ext_foreign_toplevel_handle_v1#4"
    assert title.data == {"title": "a window"}


def test_arrays_objects_fixed_numbers_and_descriptors_are_told(said):
    said("client", 1, 1, "n", [2])
    said("client", 2, 0, "usun", [4, "wl_seat", 7, 3])
    said("client", 3, 1, "n", [4])
    (keymap,) = said("compositor", 4, 0, "uhu", [1, 0, 64], descriptors=(9,))
    (entered,) = said("compositor", 4, 1, "uoa", [5, 2, struct.pack("=II", 30, 31)])
    said("client", 3, 0, "n", [5])
    (moved,) = said("compositor", 5, 2, "uff", [0, 1.5, -2.0])

    assert keymap.data == {"format": 1, "fd": 9, "size": 64}
    assert entered.data == {"serial": 5, "surface": "wl_registry#2", "keys": [30, 31]}
    assert moved.data == {"time": 0, "surface_x": 1.5, "surface_y": -2.0}


def test_a_message_in_pieces_is_one_record(said):
    data = encode(1, 0, "n", [2]).data
    records = [record for byte in data for record in said("client", bytes([byte]))]

    assert [record.name for record in records] == ["wl_display.sync"]


def test_what_cannot_be_told_is_a_record_too(said):
    (unknown,) = said("client", 77, 3, "u", [5])
    (no_opcode,) = said("client", 1, 9, "", [])
    (malformed,) = said("client", 1, 0, "", [])
    (lost,) = said("client", b"\1\0\0\0\0\0\3\0")

    assert (unknown.name, unknown.subject) == ("wire.unknown", "object/77")
    assert unknown.data == {"opcode": 3, "body": struct.pack("=I", 5)}
    assert (no_opcode.name, no_opcode.subject) == ("wire.unknown", "wl_display#1")
    assert malformed.data["message"] == "wl_display.sync"
    assert (lost.name, lost.data) == ("wire.lost", {"reason": lost.data["reason"]})
    assert said("client", 1, 0, "n", [2]) == []


def test_interfaces_of_ones_own_are_told_with_and_without_names():
    table = parse_interfaces("interface my_thing 3\nrequest poke su args=how,force\nevent poked s")
    with ScriptedServer(standard=False, interfaces=table) as server:
        server.add_global("my_thing")
        sock = server.client_socket
        for message in (
            (1, 1, "n", [2]),
            (2, 0, "usun", [1, "my_thing", 3, 3]),
            (3, 0, "su", ["hard", 3]),
        ):
            sock.send(encode(*message).data)
        server.wait_for("my_thing.poke")
        server.event("my_thing", "poked", "ouch")

        assert server.expect("my_thing.poke").data == {"how": "hard", "force": 3}
        assert server.expect("my_thing.poked").data == {"argument_0": "ouch"}


def test_only_so_many_are_kept():
    transcript = Transcript(known_interfaces(), keep=10)
    for number in range(95):
        transcript.note("told", "test", {"number": number})

    assert (transcript.head, transcript.cut) == (95, 80)
    assert [record.position for record in transcript] == list(range(81, 96))
    assert transcript[81].data == {"number": 80}
    transcript.expect("told", data={"number": 80})
    with pytest.raises(IndexError):
        transcript[80]


def test_taking_down_keeps_no_descriptor(client, scripted_server, open_descriptors, tmp_path):
    shm = client.bind("wl_shm")
    client.roundtrip()
    before = open_descriptors()
    with open(tmp_path / "memory", "w+b") as memory:
        memory.truncate(4)
        shm.create_pool(memory, 4)
        client.roundtrip()
    told = scripted_server.expect("wl_shm.create_pool").data["fd"]

    assert os.path.samestat(os.fstat(told), os.stat(tmp_path / "memory"))
    assert open_descriptors() == before + 1  # the server's, until it is closed
