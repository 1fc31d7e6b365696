"""A compositor that dies, lies or stands still: a typed error each, nothing lost, nothing hung."""

import os
import struct

import pytest

import wayfold
from wayfold.errors import (
    ConnectionLost,
    ConnectTimeout,
    JournalOverflow,
    MalformedEvent,
    NotWayland,
    ProtocolViolation,
)
from wayfold.log import Log
from wayfold.testing import ScriptedServer
from wayfold.wayland.connection import Connection
from wayfold.wayland.endpoint import open_endpoint

REGISTRY_GLOBAL, OUTPUT_MODE = 0, 1


def header(number, opcode, size):
    return struct.pack("=II", number, size << 16 | opcode)


def output_id(server):
    return server.resource("wl_output").object_id


def test_a_compositor_killed_while_we_wait_is_told_with_the_last_records(weston):
    client = wayfold.connect(weston.client_socket)
    client.loop.call_later(0.02, weston.kill)
    with pytest.raises(ConnectionLost, match="the compositor closed the connection") as caught:
        client.run(timeout=20)

    (lost,) = client.log.records(name="connection.lost")
    assert list(caught.value.last) == client.log[lost.position - 20 : lost.position]
    assert client.state.connection.status == "lost"
    assert not client.is_open
    client.close()


NONSENSE = {
    "no such opcode": lambda server: header(output_id(server), 99, 8),
    "larger than any message": lambda server: header(output_id(server), OUTPUT_MODE, 65532),
    "smaller than a header": lambda server: header(output_id(server), OUTPUT_MODE, 4),
    "size zero": lambda server: header(output_id(server), OUTPUT_MODE, 0),
    "arguments missing": lambda server: header(output_id(server), OUTPUT_MODE, 12) + bytes(4),
    "a string past the end": lambda server: (
        header(2, REGISTRY_GLOBAL, 20) + struct.pack("=III", 1, 5000, 0)
    ),
    "a string without its NUL": lambda server: (
        header(2, REGISTRY_GLOBAL, 24) + struct.pack("=II", 1, 4) + b"abcd" + struct.pack("=I", 1)
    ),
    "a null string": lambda server: header(2, REGISTRY_GLOBAL, 20) + struct.pack("=III", 1, 0, 1),
    "a descriptor that did not come": lambda server: (
        header(server.resource("wl_keyboard").object_id, 0, 16) + struct.pack("=II", 1, 10)
    ),
    "an object of another interface": lambda server: (
        header(server.resource("wl_keyboard").object_id, 1, 20)
        + struct.pack("=III", 1, output_id(server), 0)
    ),
}


@pytest.mark.parametrize("nonsense", NONSENSE)
def test_nonsense_on_the_wire_is_a_malformed_event(nonsense, client, scripted_server):
    client.roundtrip()
    head = client.log.head
    with pytest.raises(MalformedEvent) as caught:
        scripted_server.send_bytes(NONSENSE[nonsense](scripted_server))
        client.run(timeout=20)

    assert str(caught.value).startswith("the compositor sent a message that cannot be read")
    assert caught.value.last[-1].position >= head
    assert not client.is_open


def test_an_event_for_an_object_that_never_was_is_passed_over(client, scripted_server):
    scripted_server.send_bytes(header(4_000, 1, 12) + bytes(4))
    client.roundtrip()

    assert client.is_open


def test_text_that_is_not_utf8_is_told_and_the_connection_goes_on(client, scripted_server):
    text = b"ab\xff\xfe\0".ljust(8, b"\0")
    body = struct.pack("=I", 5) + text
    scripted_server.send_bytes(header(output_id(scripted_server), 4, 8 + len(body)) + body)
    with pytest.raises(MalformedEvent, match=r"not UTF-8.*replacement characters") as caught:
        client.roundtrip()

    assert caught.value.interface == "wl_output"
    assert [r.data["name"] for r in client.log.records(name="wl_output.name")][
        -1
    ] == "ab\ufffd\ufffd"
    client.roundtrip()


def test_a_hang_up_in_the_middle_of_a_message_is_a_loss(client, scripted_server):
    scripted_server.send_bytes(header(output_id(scripted_server), OUTPUT_MODE, 24) + bytes(3))
    scripted_server.hang_up()
    with pytest.raises(ConnectionLost):
        client.run(timeout=20)


def test_a_message_in_many_pieces_is_one_event(client, scripted_server):
    mode = header(output_id(scripted_server), OUTPUT_MODE, 24) + struct.pack("=4i", 1, 7, 8, 9)
    for place in range(len(mode)):
        scripted_server.send_bytes(mode[place : place + 1])
        client.dispatch(0)
    client.wait_until(lambda _: client.log[-1].name == "wl_output.mode")

    assert client.log[-1].data == {"flags": 1, "width": 7, "height": 8, "refresh": 9}


def test_a_server_that_never_answers_is_given_up_in_time():
    told = r"a socket did not answer within 0\.05 s"
    with (
        ScriptedServer() as server,
        server.sync_held(),
        pytest.raises(ConnectTimeout, match=told),
    ):
        wayfold.connect(server.client_socket, timeout=0.05)


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\xff" * 64]
)
def test_what_does_not_speak_wayland_is_told(answer):
    with ScriptedServer(threaded=False) as server:
        server.send_bytes(answer)
        with pytest.raises(NotWayland, match="a socket does not speak Wayland"):
            wayfold.connect(server.client_socket, timeout=5)


def test_requests_that_a_frozen_compositor_does_not_read_all_arrive_later(
    client, scripted_server, tmp_path
):
    surface, shm = client.bind("wl_compositor").create_surface(), client.bind("wl_shm")
    client.roundtrip()
    scripted_server.freeze()
    with open(tmp_path / "memory", "w+b") as memory:
        memory.truncate(4)
        for number in range(20_000):
            surface.damage(number, 0, 1, 1)
            if number % 100 == 0:
                shm.create_pool(memory, 4)
        client.dispatch(0)
    scripted_server.thaw()
    client.roundtrip(timeout=30)

    damaged = [r for r in scripted_server.requests if r.key == "wl_surface.damage"]
    assert [r.arguments[0] for r in damaged] == list(range(20_000))
    assert sum(r.key == "wl_shm.create_pool" for r in scripted_server.requests) == 200


def test_a_descriptor_that_cannot_be_sent_does_not_cost_the_connection(run_python, weston_named):
    program = """
import errno, os, resource, wayfold
with wayfold.connect() as client:
    shm = client.bind("wl_shm")
    memory = os.memfd_create("memory")
    os.ftruncate(memory, 4)
    resource.setrlimit(resource.RLIMIT_NOFILE, (memory + 1, memory + 1))
    while True:  # those in between
        try:
            os.dup(memory)
        except OSError:
            break
    try:
        shm.create_pool(memory, 4)
    except OSError as error:
        assert error.errno == errno.EMFILE, error
    assert not list(client.log.records(name="wl_shm.create_pool"))
    client.roundtrip()
"""
    done = run_python(program, environment=weston_named.environment)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_waiting_loop_uses_no_processor_while_the_socket_is_full(client, scripted_server):
    surface = client.bind("wl_compositor").create_surface()
    scripted_server.freeze()
    for number in range(20_000):
        surface.damage(number, 0, 1, 1)
    before = os.times().user + os.times().system
    client.dispatch(0.3)
    used = os.times().user + os.times().system - before
    scripted_server.thaw()

    assert used < 0.2


def test_more_at_once_than_the_journal_may_hold_is_told_and_never_dropped():
    with ScriptedServer() as server:
        endpoint = open_endpoint(server.client_socket, {}, timeout_s=0)
        connection = Connection(endpoint, Log.memory(), lambda *_: frozenset(), limit_bytes=100)
        connection.display.get_registry()
        connection.flush()
        with pytest.raises(JournalOverflow, match="100 bytes"):
            for _ in range(10_000):
                connection.read()
        told = list(connection.log.records(name="wl_registry.global"))
        connection.close()

    assert [record.data["name"] for record in told] == list(range(1, len(told) + 1))


def test_an_error_is_a_violation_with_its_story_on_weston(wayland_client):
    surface = wayland_client.bind("wl_compositor").create_surface()
    surface.set_buffer_scale(0)
    with pytest.raises(ProtocolViolation) as caught:
        wayland_client.roundtrip()

    assert (caught.value.interface, caught.value.code_name) == ("wl_surface", "invalid_scale")
    assert caught.value.request.name == "wl_surface.set_buffer_scale"
    assert caught.value.request.data == {"scale": 0}
