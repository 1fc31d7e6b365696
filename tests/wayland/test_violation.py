"""What is told when the compositor refuses us, and what is left afterwards."""

import struct

import pytest

import wayfold
from wayfold.errors import ConnectionLost, ProtocolViolation


def violation(client):
    with pytest.raises(ProtocolViolation) as caught:
        client.roundtrip()
    return caught.value


@pytest.fixture
def surface(client):
    made = client.bind("wl_compositor").create_surface()
    client.roundtrip()
    return made


def test_an_error_tells_the_whole_story(client, surface, scripted_server):
    surface.set_buffer_scale(2)
    surface.attach(None, 0, 0)
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 0, "scale is 2")
    error = violation(client)

    assert (error.interface, error.subject) == ("wl_surface", surface.subject)
    assert (error.code, error.code_name) == (0, "invalid_scale")
    assert error.text == "scale is 2"
    assert error.request.name == "wl_surface.attach"
    assert error.last[-1].position == error.last[0].position + 19
    assert str(error) == (
        f"{surface.subject}: error 0 (invalid_scale): scale is 2; most likely caused by "
        f"wl_surface.attach(buffer=None, x=0, y=0) on {surface.subject} "
        f"at position {error.request.position}"
    )


def test_a_code_that_the_protocol_does_not_name_is_told_as_a_number(
    client, surface, scripted_server
):
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 99, "new")
    error = violation(client)

    assert (error.code, error.code_name) == (99, None)
    assert f"{surface.subject}: error 99: new" in str(error)


@pytest.mark.parametrize("text", ["", "line\nbreak", "x: error 5: y", "żółć", "%s%n", "x" * 3900])
def test_the_compositors_words_are_told_as_they_are(client, surface, scripted_server, text):
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 1, text)

    assert violation(client).text == text


def test_an_error_of_the_display_names_the_object_in_words(client, surface, scripted_server):
    client.display.sync()
    number = scripted_server.resource("wl_surface").object_id
    scripted_server.error(1, 1, f"invalid method 12, object wl_surface#{number}")
    error = violation(client)

    assert (error.interface, error.code_name) == ("wl_display", "invalid_method")
    assert error.request.name == "wl_compositor.create_surface"
    assert error.request.data["id"] == surface.subject


def test_an_error_about_an_object_destroyed_here_is_a_violation_too(
    client, surface, scripted_server
):
    number = scripted_server.resource("wl_surface").object_id
    surface.destroy()
    scripted_server.error(number, 2, "too late")
    error = violation(client)

    assert (error.code, error.text) == (2, "too late")
    assert error.request is not None


def test_after_an_error_everything_raises_with_the_story(client, surface, scripted_server):
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 0, "bad scale")
    first = violation(client)

    assert not client.is_open
    for attempt in (client.roundtrip, client.dispatch, surface.commit, client.display.sync):
        with pytest.raises(ConnectionLost, match=r"wl_surface#\d+: error 0.*bad scale") as caught:
            attempt()
        assert caught.value.__cause__ is first
    head = client.log.head
    client.close()
    assert client.log.head == head


def test_the_log_and_the_state_say_that_the_connection_is_lost(client, surface, scripted_server):
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 0, "bad scale")
    violation(client)
    (record,) = client.log.records(name="connection.lost")

    assert record.data["error"] == "ProtocolViolation"
    assert "bad scale" in record.data["reason"]
    assert client.state.connection.status == "lost"
    assert not client.state.outputs
    assert len(client.log.state_at(record.position - 1).outputs) == 1


def test_what_was_read_before_the_error_is_in_the_log(client, surface, scripted_server):
    scripted_server.event("wl_output", "name", "last words")
    client.dispatch()
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 0, "bad")
    error = violation(client)

    assert "last words" in [record.data.get("name") for record in error.last]


def test_the_error_survives_a_socket_that_is_closed_already(client, surface, scripted_server):
    scripted_server.error(scripted_server.resource("wl_surface").object_id, 0, "then silence")
    scripted_server.close()
    with pytest.raises(ProtocolViolation) as caught:
        for _ in range(2000):  # more than libwayland holds back
            surface.damage(0, 0, 1, 1)

    assert caught.value.text == "then silence"
    assert caught.value.request.name == "wl_surface.damage"


def test_the_error_survives_descriptors_for_a_socket_that_is_closed(
    client, scripted_server, tmp_path
):
    shm = client.bind("wl_shm")
    client.roundtrip()
    scripted_server.error(scripted_server.resource("wl_shm").object_id, 0, "no more pools")
    scripted_server.close()
    with open(tmp_path / "memory", "w+b") as memory, pytest.raises(ProtocolViolation) as caught:
        for _ in range(60):
            shm.create_pool(memory, 4)

    assert caught.value.text == "no more pools"


def test_weston_refuses_an_ack_of_a_serial_it_never_sent(wayland_client):
    client = wayland_client
    surface = client.bind("wl_compositor").create_surface()
    xdg_surface = client.bind("xdg_wm_base").get_xdg_surface(surface)
    xdg_surface.get_toplevel()
    xdg_surface.ack_configure(12345)
    error = violation(client)

    assert error.interface in ("xdg_surface", "xdg_wm_base")
    assert error.code_name in ("invalid_serial", "invalid_surface_state")
    assert error.request.name == "xdg_surface.ack_configure"
    assert error.request.data == {"serial": 12345}


def test_weston_refuses_a_surface_without_a_role(wayland_client):
    client = wayland_client
    surface = client.bind("wl_compositor").create_surface()
    xdg_surface = client.bind("xdg_wm_base").get_xdg_surface(surface)
    surface.commit()
    error = violation(client)

    assert (error.interface, error.code_name) == ("xdg_surface", "not_constructed")
    assert error.subject == xdg_surface.subject
    assert error.text


def test_weston_refuses_a_second_role(wayland_client):
    client = wayland_client
    surface = client.bind("wl_compositor").create_surface()
    shell = client.bind("xdg_wm_base")
    shell.get_xdg_surface(surface).get_toplevel()
    shell.get_xdg_surface(surface)
    error = violation(client)

    assert (error.interface, error.code_name) == ("xdg_wm_base", "role")
    assert error.request.name in ("xdg_wm_base.get_xdg_surface", "xdg_surface.get_toplevel")


def test_weston_refuses_a_buffer_before_the_first_configure(wayland_client, tmp_path):
    client = wayland_client
    with open(tmp_path / "memory", "w+b") as memory:
        memory.truncate(400)
        pool = client.bind("wl_shm").create_pool(memory, 400)
    surface = client.bind("wl_compositor").create_surface()
    client.bind("xdg_wm_base").get_xdg_surface(surface).get_toplevel()
    surface.attach(pool.create_buffer(0, 10, 10, 40, 0), 0, 0)
    surface.commit()
    error = violation(client)

    assert (error.interface, error.code_name) == ("xdg_surface", "unconfigured_buffer")


def test_weston_refuses_a_pool_of_no_size(wayland_client, tmp_path):
    with open(tmp_path / "memory", "w+b") as memory:
        wayland_client.bind("wl_shm").create_pool(memory, 0)
    error = violation(wayland_client)

    assert (error.interface, error.code_name) == ("wl_shm", "invalid_stride")
    assert error.request.name == "wl_shm.create_pool"


def test_the_error_is_told_where_the_compositor_left_requests_unread(scripted_server):
    client = wayfold.connect(scripted_server.client_socket)
    with client:
        client.roundtrip()
        scripted_server.freeze()
        client.display.sync()
        client.prepare()  # sent, and never read: the socket then ends with ECONNRESET
        peer = scripted_server.peer
        peer.socket.sendall(wire_error("you have been refused"))
        peer.socket.close()
        client.display.sync()
        with pytest.raises(ProtocolViolation, match="you have been refused"):
            client.run(timeout=5)


def wire_error(message):
    text = message.encode() + b"\0"
    padded = text + bytes(-len(text) % 4)
    body = struct.pack(f"=III{len(padded)}s", 1, 1, len(text), padded)
    return struct.pack("=II", 1, (8 + len(body)) << 16) + body
