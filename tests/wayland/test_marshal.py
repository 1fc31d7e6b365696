"""Arguments of requests: what goes on the wire, what goes into the log, what is refused."""

import os
from enum import IntEnum

import pytest

import wayfold
from wayfold.errors import DeadObject, RequestRefused, UnsupportedRequest
from wayfold.testing import ScriptedServer


class Edge(IntEnum):
    RIGHT = 8


@pytest.fixture
def shell(connected):
    """A server that offers xdg_wm_base, its client, and a toplevel made by the client."""
    server, client = connected(("xdg_wm_base", 6))
    surface = client.bind("wl_compositor").create_surface()
    toplevel = client.bind("xdg_wm_base").get_xdg_surface(surface).get_toplevel()
    return server, client, toplevel


@pytest.fixture
def data_device(connected):
    server, client = connected(("wl_data_device_manager", 3))
    manager = client.bind("wl_data_device_manager")
    return server, client, manager, manager.get_data_device(client.bind("wl_seat"))


def sent(server, client, key):
    client.roundtrip()
    return [request.arguments for request in server.requests if request.key == key]


def refused(client, request, *arguments):
    """Give the exception of a request that must leave no trace and cost nothing."""
    head = client.log.head
    with pytest.raises((TypeError, ValueError)) as caught:
        request(*arguments)
    assert client.log.head == head
    client.roundtrip()
    return caught.value


def test_integers_of_both_signs_reach_the_server(scripted_server, client):
    surface = client.bind("wl_compositor").create_surface()
    surface.damage(-(1 << 31), (1 << 31) - 1, -1, 0)

    assert sent(scripted_server, client, "wl_surface.damage") == [
        (-(1 << 31), (1 << 31) - 1, -1, 0)
    ]


def test_the_largest_unsigned_integer_and_an_enum_reach_the_server(shell):
    server, client, toplevel = shell
    toplevel.resize(client.bind("wl_seat"), (1 << 32) - 1, Edge.RIGHT)

    assert sent(server, client, "xdg_toplevel.resize")[0][1:] == ((1 << 32) - 1, 8)
    record = next(client.log.records(name="xdg_toplevel.resize"))
    assert record.data == {"seat": "wl_seat#6", "serial": (1 << 32) - 1, "edges": 8}


@pytest.mark.parametrize("text", ["", "plain", "żółć 日本 🪟", "x" * 4083])
def test_strings_reach_the_server_as_they_are(shell, text):
    server, client, toplevel = shell
    toplevel.set_title(text)

    assert sent(server, client, "xdg_toplevel.set_title") == [(text,)]


def test_null_objects_and_strings_reach_the_server(data_device):
    server, client, manager, device = data_device
    device.set_selection(None, 7)
    source = manager.create_data_source()
    device.set_selection(source, 8)

    (first, second) = sent(server, client, "wl_data_device.set_selection")
    assert first == (None, 7)
    assert second == (server.resource("wl_data_source").object_id, 8)
    logged = [r.data["source"] for r in client.log.records(name="wl_data_device.set_selection")]
    assert logged == [None, source.subject]


def test_descriptors_reach_the_server_and_stay_open_here(scripted_server, client):
    memory = os.memfd_create("test")
    os.pwrite(memory, b"wayfold", 0)
    client.bind("wl_shm").create_pool(memory, 4096)
    ((_, received, size),) = sent(scripted_server, client, "wl_shm.create_pool")

    assert os.pread(received, 9, 0) == b"wayfold"
    assert size == 4096
    os.close(memory)


def test_an_object_with_fileno_serves_as_a_descriptor(scripted_server, client, tmp_path):
    with open(tmp_path / "memory", "w+b") as memory:
        client.bind("wl_shm").create_pool(memory, 4)

        assert sent(scripted_server, client, "wl_shm.create_pool")


@pytest.mark.parametrize(
    ("given", "wire"),
    [
        ([1, 2], b"\1\0\0\0\2\0\0\0"),
        ([], b""),
        (b"", b""),
        (b"\1\2\3", b"\1\2\3"),
        (range(2), bytes(4) + b"\1\0\0\0"),
    ],
)
def test_arrays_reach_the_server(connected, given, wire):
    server, client = connected(("zwp_text_input_manager_v3", 2))
    text_input = client.bind("zwp_text_input_manager_v3").get_text_input(client.bind("wl_seat"))
    text_input.set_available_actions(given)

    key = "zwp_text_input_v3.set_available_actions"
    assert sent(server, client, key) == [(wire,)]
    logged = next(client.log.records(name=key)).data["available_actions"]
    assert logged == (given if isinstance(given, bytes) else list(given))


def test_the_caller_may_change_an_array_afterwards(connected):
    _, client = connected(("zwp_text_input_manager_v3", 2))
    text_input = client.bind("zwp_text_input_manager_v3").get_text_input(client.bind("wl_seat"))
    given = bytearray(b"\1\2\3\4")
    text_input.set_available_actions(given)
    given[0] = 9

    assert client.log[-1].data["available_actions"] == b"\1\2\3\4"


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        (1 << 31, ValueError, "argument x: 2147483648 is not within"),
        (-(1 << 31) - 1, ValueError, "is not within"),
        (1.0, TypeError, "a whole number is needed, not float"),
        ("1", TypeError, "a whole number is needed, not str"),
        (None, TypeError, "a whole number is needed, not NoneType"),
    ],
)
def test_what_is_no_32_bit_integer_is_refused(client, value, kind, message):
    surface = client.bind("wl_compositor").create_surface()
    error = refused(client, surface.damage, value, 0, 1, 1)

    assert type(error) is kind
    assert message in str(error)


def test_a_negative_unsigned_integer_is_refused(shell):
    _, client, toplevel = shell

    assert "-1 is not within 0" in str(
        refused(client, toplevel.show_window_menu, client.bind("wl_seat"), -1, 0, 0)
    )


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("a\0b", ValueError, "argument title: a string must not contain a NUL"),
        (None, TypeError, "argument title must not be None"),
        (b"bytes", TypeError, "a str is needed, not bytes"),
        ("\ud800", ValueError, "surrogates not allowed"),
        ("x" * 4084, RequestRefused, "it would take 4100 bytes, .* at most 4096"),
        ("x" * 1_000_000, RequestRefused, "at most 4096"),
    ],
)
def test_what_is_no_wayland_string_is_refused(shell, text, kind, message):
    _, client, toplevel = shell
    error = refused(client, toplevel.set_title, text)

    assert type(error) is kind
    with pytest.raises(kind, match=message):
        raise error


@pytest.mark.parametrize("number", [-1, 1 << 31, 987, "1", None])
def test_what_is_no_open_descriptor_is_refused(client, number):
    refused(client, client.bind("wl_shm").create_pool, number, 4096)


@pytest.mark.parametrize("values", [[1 << 32], [-1], "ab", 3, [1.5], ["1"]])
def test_what_is_no_array_is_refused(connected, values):
    _, client = connected(("zwp_text_input_manager_v3", 2))
    text_input = client.bind("zwp_text_input_manager_v3").get_text_input(client.bind("wl_seat"))

    assert "available_actions" in str(refused(client, text_input.set_available_actions, values))


def test_an_object_of_another_interface_is_refused(shell):
    _, client, _ = shell
    get_xdg_surface = client.bind("xdg_wm_base").get_xdg_surface

    error = refused(client, get_xdg_surface, client.bind("wl_seat"))
    assert "argument surface must be wl_surface, not wl_seat" in str(error)
    assert "not int" in str(refused(client, get_xdg_surface, 3))
    assert "must not be None" in str(refused(client, get_xdg_surface, None))


def test_a_class_and_a_foreign_proxy_are_no_objects(shell):
    from pywayland.protocol.wayland import WlSurface

    _, client, _ = shell
    get_xdg_surface = client.bind("xdg_wm_base").get_xdg_surface
    surface = client.bind("wl_compositor").create_surface()

    assert type(refused(client, get_xdg_surface, type(surface))) is TypeError
    assert type(refused(client, get_xdg_surface, WlSurface.proxy_class(None))) is TypeError


def test_an_object_of_another_connection_is_refused(client, scripted_server):
    with ScriptedServer() as other, wayfold.connect(other.client_socket) as stranger:
        foreign = stranger.bind("wl_compositor").create_region()
        surface = client.bind("wl_compositor").create_surface()

        error = refused(client, surface.set_opaque_region, foreign)
        assert type(error) is RequestRefused
        assert f"{foreign.subject} belongs to another connection" in str(error)


def test_a_dead_object_as_an_argument_is_refused(client):
    region = client.bind("wl_compositor").create_region()
    surface = client.bind("wl_compositor").create_surface()
    region.destroy()

    error = refused(client, surface.set_input_region, region)
    assert isinstance(error, DeadObject)
    assert (error.request, error.subject, error.dead) == (
        "wl_surface.set_input_region",
        surface.subject,
        region.subject,
    )


def test_a_request_newer_than_its_object_is_refused_with_both_versions():
    with ScriptedServer(standard=False) as server:
        server.add_global("wl_compositor", 4)
        with wayfold.connect(server.client_socket) as client:
            surface = client.bind("wl_compositor").create_surface()
            assert surface.version == 4

            error = refused(client, surface.offset, 0, 0)
    assert isinstance(error, UnsupportedRequest)
    assert (error.since, error.bound, error.request) == (5, 4, "wl_surface.offset")
    assert "needs version 5, the object is at version 4" in str(error)


def test_too_few_and_too_many_arguments_are_refused(client):
    surface = client.bind("wl_compositor").create_surface()

    refused(client, surface.damage, 1, 2)
    refused(client, surface.damage, 1, 2, 3, 4, 5)
