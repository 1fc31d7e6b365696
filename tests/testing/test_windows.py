"""Windows on the scripted server: configured, drawn, released."""

from collections import deque

import pytest

from wayfold.testing.wire import decode

CREATE_SURFACE, CREATE_POOL, CREATE_BUFFER = 0, 0, 0
GET_XDG_SURFACE, GET_TOPLEVEL = 2, 1
ATTACH, FRAME, COMMIT = 1, 3, 6


@pytest.fixture
def client(scripted_server, raw_client):
    scripted_server.serve_windows(size=(300, 200))
    return raw_client(scripted_server.client_socket)


@pytest.fixture
def window(client):
    """Make a toplevel and give the ids of surface, xdg_surface and xdg_toplevel."""
    names = {interface: name for name, interface, _ in client.globals()}
    compositor = client.bind(2, names["wl_compositor"], "wl_compositor", 5)
    shell = client.bind(2, names["xdg_wm_base"], "xdg_wm_base", 5)
    surface, shell_surface, toplevel = (client.new_id() for _ in range(3))
    client.request(compositor, CREATE_SURFACE, "n", surface)
    client.request(shell, GET_XDG_SURFACE, "no", shell_surface, surface)
    client.request(shell_surface, GET_TOPLEVEL, "n", toplevel)
    return surface, shell_surface, toplevel


def test_the_first_commit_is_answered_by_one_configure(client, window):
    surface, shell_surface, toplevel = window
    for _ in range(2):
        client.request(surface, COMMIT, "")
    resized, configured = client.roundtrip()[:2]

    assert (resized.object_id, decode("iia", resized.body, deque())) == (toplevel, (300, 200, b""))
    assert configured.object_id == shell_surface


def test_a_frame_ends_with_its_commit(client, window):
    surface, _, _ = window
    callback = client.new_id()
    client.request(surface, FRAME, "n", callback)
    assert callback not in {frame.object_id for frame in client.roundtrip()}
    client.request(surface, COMMIT, "")

    done = [frame for frame in client.roundtrip() if frame.object_id == callback]
    assert decode("u", done[0].body, deque()) == (16,)


def test_a_buffer_is_released_after_its_commit(client, window, tmp_path):
    surface, _, _ = window
    shm, pool, buffer = client.bind(2, 2, "wl_shm", 1), client.new_id(), client.new_id()
    with open(tmp_path / "pixels", "wb") as file:
        client.request(shm, CREATE_POOL, "nhi", pool, file.fileno(), 4096)
    client.request(pool, CREATE_BUFFER, "niiiiu", buffer, 0, 32, 32, 128, 1)
    client.request(surface, ATTACH, "?oii", buffer, 0, 0)
    client.request(surface, COMMIT, "")

    assert buffer in {frame.object_id for frame in client.roundtrip()}
