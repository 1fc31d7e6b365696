"""The scripted server, asked by a client of raw bytes."""

import os
import socket
import struct
import threading
from collections import deque

import pytest

from wayfold.testing import RequestTimeout, ScriptedServer, ScriptFailed
from wayfold.testing.interfaces import parse_interfaces
from wayfold.testing.wire import decode

DISPLAY_ERROR, DELETE_ID = 0, 1
OUTPUT_RELEASE = 0
STANDARD = [("wl_compositor", 5), ("wl_shm", 1), ("wl_seat", 7), ("wl_output", 4)]


@pytest.fixture
def client(scripted_server, raw_client):
    return raw_client(scripted_server.client_socket)


def bound(client, server, interface, version):
    """Bind the global of this interface, and give the object and its first events."""
    (name,) = [n for n, offered, _ in client.globals() if offered == interface]
    bound_id = client.bind(2, name, interface, version)
    return bound_id, [f for f in client.roundtrip() if f.object_id == bound_id]


def test_the_standard_globals_are_offered(client):
    assert [(interface, version) for _, interface, version in client.globals()] == STANDARD


def test_an_output_describes_itself_at_bind(client, scripted_server):
    _, events = bound(client, scripted_server, "wl_output", 4)

    assert [event.opcode for event in events] == [0, 1, 3, 4, 5, 2]
    assert decode("uiii", events[1].body, deque()) == (3, 640, 480, 60000)


def test_an_old_output_tells_only_what_its_version_knows(client, scripted_server):
    _, events = bound(client, scripted_server, "wl_output", 1)

    assert [event.opcode for event in events] == [0, 1]


def test_requests_are_kept_with_their_names(client, scripted_server):
    client.globals()
    seen = scripted_server.requests

    assert [request.key for request in seen] == ["wl_display.get_registry", "wl_display.sync"]
    assert str(seen[0]) == "wl_display#1.get_registry(2)"
    assert seen[0].created[0].interface.name == "wl_registry"


def test_a_destroyed_object_gives_its_id_back(client, scripted_server):
    output, _ = bound(client, scripted_server, "wl_output", 4)
    client.request(output, OUTPUT_RELEASE, "")
    frames = client.roundtrip()

    assert decode("u", frames[0].body, deque()) == (output,)
    assert (frames[0].object_id, frames[0].opcode) == (1, DELETE_ID)
    assert scripted_server.resources("wl_output") == []


def test_events_go_out_by_name_to_every_live_object(client, scripted_server):
    output, _ = bound(client, scripted_server, "wl_output", 4)
    scripted_server.event("wl_output", "mode", 1, 800, 600, 30000)
    (event,) = client.read()

    assert event.object_id == output
    assert decode("uiii", event.body, deque()) == (1, 800, 600, 30000)


def test_an_event_for_nobody_is_an_error(scripted_server):
    with pytest.raises(LookupError, match="wl_output"):
        scripted_server.event("wl_output", "done")


def test_globals_come_and_go(client, scripted_server):
    client.globals()
    name = scripted_server.add_output("DP-7")
    scripted_server.remove_global(name)
    frames = client.roundtrip()

    assert decode("usu", frames[0].body, deque()) == (name, "wl_output", 4)
    assert decode("u", frames[1].body, deque()) == (name,)


def test_binding_what_is_gone_costs_the_connection(client, scripted_server):
    client.globals()
    scripted_server.remove_global(4)
    client.bind(2, 4, "wl_output", 4)
    frames = [*client.read(), *client.read()]

    assert decode("ous", frames[-1].body, deque())[2] == "invalid global wl_output (4)"
    assert client.read() == []


def test_binding_what_is_gone_is_forgiven_where_the_test_says_so(client, scripted_server):
    client.globals()
    scripted_server.remove_global(4, refuses_bind=False)
    output = client.bind(2, 4, "wl_output", 4)

    assert output in {frame.object_id for frame in client.roundtrip()}


def test_a_version_that_was_not_offered_is_refused(client, scripted_server):
    client.globals()
    client.bind(2, 4, "wl_output", 9)
    (error,) = client.read()

    assert (error.object_id, error.opcode) == (1, DISPLAY_ERROR)
    assert "have 4, wanted 9" in decode("ous", error.body, deque())[2]


def test_objects_that_an_event_makes_are_the_servers_own(client, scripted_server):
    scripted_server.add_global("ext_foreign_toplevel_list_v1")
    bound(client, scripted_server, "ext_foreign_toplevel_list_v1", 1)
    handle = scripted_server.resource("ext_foreign_toplevel_list_v1").create("toplevel")
    handle.event("title", "a window")
    made, titled = client.roundtrip()[:2]

    assert decode("n", made.body, deque()) == (0xFF000000,)
    assert (titled.object_id, decode("s", titled.body, deque())) == (0xFF000000, ("a window",))


def test_sync_is_held_until_the_test_lets_go(client, scripted_server):
    with scripted_server.sync_held():
        client.sync()
        scripted_server.wait_for("wl_display.sync")
        client.socket.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.read()
    client.socket.settimeout(5)

    assert [frame.object_id for frame in client.read()] == [2, 1]


def test_a_frozen_server_reads_nothing(client, scripted_server):
    scripted_server.freeze()
    client.sync()
    with pytest.raises(RequestTimeout, match=r"wl_display\.sync"):
        scripted_server.wait_for("wl_display.sync", timeout=0.05)
    scripted_server.thaw()

    assert scripted_server.wait_for("wl_display.sync").arguments == (2,)


def test_an_answer_replaces_what_the_server_would_do(client, scripted_server):
    scripted_server.on("wl_display.sync", lambda request: request.created[0].event("done", 77))
    (done,) = client.roundtrip()

    assert decode("u", done.body, deque()) == (77,)


def test_an_answer_to_an_unknown_request_is_refused(scripted_server):
    with pytest.raises(LookupError, match=r"wl_display\.snyc"):
        scripted_server.on("wl_display.snyc", print)


def test_any_bytes_can_be_sent(client, scripted_server):
    scripted_server.send_bytes(b"\x01\x00\x00\x00\x00\x00\x03\x00")
    with pytest.raises(ValueError, match="3 bytes is no valid size"):
        client.read()


def test_descriptors_go_both_ways(client, scripted_server):
    pool, _ = bound(client, scripted_server, "wl_shm", 1)
    with open(os.devnull) as file:
        client.request(pool, 0, "nhi", client.new_id(), file.fileno(), 4096)
        request = scripted_server.wait_for("wl_shm.create_pool")
        scripted_server.send(9, 0, "uhu", 1, file.fileno(), 64)
    client.read()

    assert os.path.samestat(os.fstat(request.arguments[1]), os.stat(os.devnull))
    assert os.path.samestat(os.fstat(client.descriptors[0]), os.stat(os.devnull))
    os.close(client.descriptors.popleft())


def test_a_protocol_error_is_the_last_that_comes(client, scripted_server):
    client.globals()
    scripted_server.error(2, 3, "no such thing")
    (error,) = client.read()

    assert decode("ous", error.body, deque()) == (2, 3, "no such thing")
    assert client.read() == []


def test_hanging_up_is_an_end_of_file(client, scripted_server):
    scripted_server.hang_up()

    assert client.read() == []


def test_more_than_the_socket_takes_waits_for_the_client(client, scripted_server):
    flood = struct.pack("=III", 1, 12 << 16 | DELETE_ID, 99) * 100_000
    scripted_server.send_bytes(flood)
    received = 0
    while received < 100_000:
        received += len(client.read())

    assert received == 100_000


def test_corked_events_come_in_one_piece(client, scripted_server):
    with scripted_server.corked():
        for number in range(50):
            scripted_server.send(1, DELETE_ID, "u", number)

    assert len(client.read()) == 50


def test_several_clients_are_served_by_a_path(raw_client, scripted_server, tmp_path):
    scripted_server.listen(str(tmp_path / "wayland-9"))
    for _ in range(2):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(str(tmp_path / "wayland-9"))
        assert len(raw_client(sock).globals()) == 4
    scripted_server.close()

    assert not list(tmp_path.iterdir())


def test_bad_bytes_of_a_client_fail_the_test(raw_client):
    server = ScriptedServer()
    client = raw_client(server.client_socket)
    client.request(1, 9, "")

    assert client.read() == []
    with pytest.raises(ScriptFailed, match="opcode 9"):
        server.close()


def test_an_answer_that_raises_fails_the_test(raw_client):
    def answer(request):
        raise ZeroDivisionError("in the script")

    server = ScriptedServer()
    server.on("wl_display.sync", answer)
    raw_client(server.client_socket).sync()

    with pytest.raises(ScriptFailed) as failure:
        server.wait_for("wl_surface.commit")
    assert isinstance(failure.value.__cause__, ZeroDivisionError)
    server.close()


def test_a_failure_in_the_thread_does_not_hide_the_tests_own():
    with pytest.raises(KeyError) as failure, ScriptedServer() as server:
        server.client_socket.send(b"\0" * 8)
        with pytest.raises(ConnectionError):
            while server.client_socket.recv(1):
                pass
            raise ConnectionError
        raise KeyError("the test's own")

    assert "no valid size" in failure.value.__notes__[0]


def test_without_a_thread_nothing_happens_until_asked(raw_client):
    with ScriptedServer(threaded=False) as server:
        client = raw_client(server.client_socket)
        client.sync()
        assert server.requests == []
        server.process()

        assert [frame.object_id for frame in client.read()] == [2, 1]


def test_interfaces_of_ones_own_are_served(raw_client):
    table = parse_interfaces("interface my_thing 3\nrequest poke su\nevent poked s")
    with ScriptedServer(standard=False, interfaces=table) as server:
        server.add_global("my_thing")
        client = raw_client(server.client_socket)
        thing, _ = bound(client, server, "my_thing", 3)
        client.request(thing, 0, "su", "hard", 3)

        assert server.wait_for("my_thing.poke").arguments == ("hard", 3)


def test_closing_twice_leaves_no_thread_and_no_descriptor(raw_client, open_descriptors):
    descriptors, threads = open_descriptors(), threading.active_count()
    for _ in range(20):
        server = ScriptedServer()
        raw_client(server.client_socket).roundtrip()
        server.close()
        server.close()

    # Fewer, where what a test before this one had left is gone by now.
    assert open_descriptors() <= descriptors
    assert threading.active_count() <= threads
