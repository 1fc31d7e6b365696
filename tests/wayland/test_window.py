"""A window keeps to the protocol's order of configure, acknowledgement, frames and buffers."""

import pytest

import wayfold
from wayfold.testing import ScriptedServer


def noted(client, *names):
    """Give the requests of these names in order, without their interfaces."""
    found = client.log.records(name=names or "*", origin="client")
    return [record.name.partition(".")[2] for record in found]


def animate(canvas):
    canvas.data[:] = bytes((canvas.number % 256, 0, 0, 0)) * (len(canvas.data) // 4)
    return True


@pytest.fixture
def desktop():
    """A scripted server with windows of a given size, and a client of it."""
    opened = []

    def open_desktop(size=(0, 0), **output):
        server = ScriptedServer(standard=not output)
        opened.append(server)
        if output:
            for interface in ("wl_compositor", "wl_shm"):
                server.add_global(interface, 5 if interface == "wl_compositor" else 1)
            server.add_output("DP-1", **output)
        server.serve_windows(size=size)
        opened.append(wayfold.connect(server.client_socket))
        return server, opened[-1]

    yield open_desktop
    for each in reversed(opened):
        each.close()


def test_frames_are_paced_by_the_compositor_on_weston(wayland_client):
    window = wayland_client.window("w", 64, 48, draw=animate)
    wayland_client.run(until=lambda _: window.frames == 10, timeout=20)
    drawn = noted(wayland_client, "wl_surface.frame", "wl_surface.attach", "wl_surface.commit")
    frames = [
        record
        for record in wayland_client.log.records(name="wl_callback.done")
        if record.subject in frame_callbacks(wayland_client)
    ]

    assert drawn == ["commit", *["frame", "attach", "commit"] * 10]
    assert len(frames) == 9
    assert window.is_mapped


def frame_callbacks(client):
    return {record.data["callback"] for record in client.log.records(name="wl_surface.frame")}


def test_nothing_is_attached_before_the_first_configure_is_acknowledged(desktop):
    _, client = desktop()
    window = client.window("w", 10, 10)

    assert "attach" not in noted(client)
    assert not window.is_mapped
    client.run(until=lambda _: window.frames, timeout=5)
    order = noted(client, "xdg_surface.ack_configure", "wl_surface.attach")
    assert order == ["ack_configure", "attach"]


def test_the_compositor_decides_on_the_size(desktop):
    server, client = desktop(size=(300, 200))
    sizes = []
    window = client.window("w", 10, 10, draw=lambda canvas: sizes.append(canvas[1:4]))
    client.run(until=lambda _: window.frames, timeout=5)
    server.event("xdg_toplevel", "configure", 50, 0, b"")
    server.event("xdg_surface", "configure", server.next_serial())
    client.run(until=lambda _: window.frames == 2, timeout=5)

    assert sizes == [(300, 200, 1200), (50, 200, 200)]
    assert (window.width, window.height) == (50, 200)


def test_buffers_are_used_again_once_they_are_released(desktop):
    _, client = desktop()
    window = client.window("w", 10, 10, draw=animate)
    client.run(until=lambda _: window.frames == 50, timeout=5)

    assert len(set(attached(client))) <= 2
    assert noted(client, "wl_shm_pool.create_buffer") == ["create_buffer"] * len(
        set(attached(client))
    )


def attached(client):
    return [record.data["buffer"] for record in client.log.records(name="wl_surface.attach")]


def test_a_compositor_that_keeps_every_buffer_gets_four_and_then_no_more_frames(desktop):
    server, client = desktop()
    server.on("wl_surface.commit", lambda request: None)
    window = client.window("w", 10, 10, draw=animate)
    client.roundtrip()
    server.event("xdg_surface", "configure", 1)
    client.run(until=lambda _: window.frames, timeout=5)
    for frames in (2, 3, 4, 4):
        client.roundtrip()  # the request for a frame has arrived
        server.event("wl_callback", "done", 1)
        client.run(until=lambda _, frames=frames: window.frames == frames, timeout=5)
    client.roundtrip()

    assert window.frames == 4
    assert len(set(attached(client))) == 4
    server.event("wl_buffer", "release")
    client.run(until=lambda _: window.frames == 5, timeout=5)
    assert window.frames == 5


def test_a_window_takes_the_scale_of_the_output_it_is_on(desktop):
    server, client = desktop(scale=2)
    sizes = []
    window = client.window("w", 10, 10, draw=lambda canvas: sizes.append(canvas[1:5]))
    client.run(until=lambda _: window.frames, timeout=5)
    output = server.resource("wl_output").object_id
    server.resource("wl_surface").event("enter", output)
    client.run(until=lambda _: window.frames == 2, timeout=5)

    assert sizes == [(10, 10, 40, 1), (20, 20, 80, 2)]
    assert noted(client, "wl_surface.set_buffer_scale")[-1:] == ["set_buffer_scale"]
    assert client.state.surfaces[window.surface.subject].scale == 2


def test_a_scale_that_was_asked_for_stays(desktop):
    server, client = desktop(scale=3)
    window = client.window("w", 10, 10, scale=1)
    client.run(until=lambda _: window.frames, timeout=5)
    server.resource("wl_surface").event("enter", server.resource("wl_output").object_id)
    client.roundtrip()

    assert (window.scale, window.frames) == (1, 1)


def test_a_wish_to_close_is_noted(desktop):
    server, client = desktop()
    window = client.window("w", 10, 10)
    client.run(until=lambda _: window.frames, timeout=5)
    server.event("xdg_toplevel", "close")
    client.run(until=lambda _: window.is_close_requested, timeout=5)

    assert client.state.windows[window.toplevel.subject].close_requested


def test_an_exception_in_draw_leaves_run_and_the_window_goes_on(wayland_client):
    def draw(canvas):
        if not fixed:
            raise RuntimeError("no paint")
        return False

    fixed = []
    window = wayland_client.window("w", 20, 20, draw=draw)
    with pytest.raises(RuntimeError, match="no paint"):
        wayland_client.run(timeout=5)
    fixed.append(True)
    window.redraw()
    wayland_client.roundtrip()

    assert window.frames == 1


@pytest.mark.parametrize("ask", [lambda w: w.redraw(), lambda w: w.resize(30, 40)])
def test_what_draw_asks_for_counts_from_the_next_frame_on(ask, desktop):
    _, client = desktop()
    window = client.window("w", 10, 10, draw=lambda canvas: canvas.number < 2 and ask(window))
    client.run(until=lambda _: window.frames == 3, timeout=5)
    client.roundtrip()
    client.roundtrip()

    assert window.frames == 3


@pytest.mark.parametrize("end", [lambda c, w: c.close(), lambda c, w: w.destroy()])
def test_a_window_may_end_while_it_is_drawn(end, desktop):
    _, client = desktop()
    window = client.window("w", 10, 10, draw=lambda canvas: end(client, window))
    client.run(timeout=0.1)

    assert window.frames == 0


def test_a_window_may_wait_while_it_is_drawn(desktop):
    server, client = desktop()

    def draw(canvas):
        if canvas.number == 0:
            server.event("xdg_toplevel", "configure", 50, 60, b"")
            server.event("xdg_surface", "configure", server.next_serial())
            client.roundtrip()

    window = client.window("w", 10, 10, draw=draw)
    client.run(until=lambda _: window.frames == 2, timeout=5)

    assert (window.width, window.height) == (50, 60)


@pytest.mark.parametrize("end", [lambda c, w: c.close(), lambda c, w: w.destroy()])
def test_a_window_that_is_gone_draws_no_more(end, desktop):
    _, client = desktop()
    window = client.window("w", 10, 10)
    client.run(until=lambda _: window.frames, timeout=5)
    client.roundtrip()
    end(client, window)
    head = client.log.head
    window.redraw()
    window.resize(20, 20)

    assert window.frames == 1
    assert client.log.head == head


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_window_may_be_destroyed_behind_its_connection(is_lost, desktop):
    server, client = desktop()
    window = client.window("w", 10, 10, draw=animate)
    client.run(until=lambda _: window.frames, timeout=5)
    if is_lost:
        server.hang_up()
        with pytest.raises(wayfold.ConnectionLost):
            client.run(timeout=5)
    else:
        client.close()
    window.destroy()

    assert not window.is_mapped


def test_a_redraw_without_animation_draws_once(desktop):
    _, client = desktop()
    window = client.window("w", 10, 10, draw=lambda canvas: False)
    client.run(until=lambda _: window.frames, timeout=5)
    client.roundtrip()
    for _ in range(3):
        window.redraw()
    client.roundtrip()
    client.roundtrip()

    assert window.frames == 3  # one at once, and one for all that came before its frame was done


def test_resizing_draws_a_frame_of_the_new_size(desktop):
    _, client = desktop()
    window = client.window("w", 10, 10)
    client.run(until=lambda _: window.frames, timeout=5)
    client.roundtrip()
    window.resize(30, 40)

    created = list(client.log.records(name="wl_shm_pool.create_buffer"))[-1].data
    assert (created["width"], created["height"], created["stride"]) == (30, 40, 120)


@pytest.mark.parametrize(
    "size", [(0, 10), (10, -1), (10.0, 10), (True, 10), ("10", 10), (50_000, 50_000), (None, 1)]
)
def test_a_size_that_no_buffer_can_have_is_refused_before_anything_is_sent(desktop, size):
    _, client = desktop()
    head = client.log.head
    with pytest.raises(ValueError, match=r"must be a whole number|takes more than"):
        client.window("w", *size)

    assert "get_toplevel" not in noted(client)
    assert client.log.head == head
    client.roundtrip()


@pytest.mark.parametrize("scale", [0, -1, 1.5])
def test_a_scale_that_no_buffer_can_have_is_refused(desktop, scale):
    _, client = desktop()

    with pytest.raises(ValueError, match="scale must be a whole number"):
        client.window("w", 10, 10, scale=scale)


@pytest.mark.parametrize("title", ["x" * 5000, "a\0b", "\ud800", None])
def test_a_title_that_cannot_be_sent_leaves_nothing_behind(desktop, title):
    _, client = desktop()
    with pytest.raises((ValueError, TypeError), match=r"set_title"):
        client.window(title, 10, 10)

    client.roundtrip()
    assert not client.state.surfaces
    assert not client.log.state.windows


def test_what_cannot_be_called_cannot_draw(desktop):
    _, client = desktop()
    with pytest.raises(TypeError, match="draw must be a function of a canvas, not int"):
        client.window("w", 10, 10, draw=7)

    assert not client.state.surfaces


def test_a_destroyed_window_is_gone_and_again_is_harmless(wayland_client, open_descriptors):
    before = open_descriptors()
    window = wayland_client.window("w", 20, 20, draw=animate)
    wayland_client.run(until=lambda _: window.frames == 3, timeout=5)
    window.destroy()
    window.destroy()
    wayland_client.roundtrip()

    assert not window.is_mapped
    assert not wayland_client.state.windows
    assert not wayland_client.state.surfaces
    assert open_descriptors() == before


def test_several_windows_draw_side_by_side(wayland_client):
    windows = [wayland_client.window(f"w{k}", 20 + k, 20, draw=animate) for k in range(3)]
    wayland_client.run(until=lambda _: min(w.frames for w in windows) >= 5, timeout=20)

    titles = {window.title for window in wayland_client.state.windows.values()}
    assert titles == {"w0", "w1", "w2"}


def test_windows_on_sway_are_tiled_and_told(sway):
    with wayfold.connect(sway.display) as client:
        window = client.window("w", 20, 20, draw=animate, app_id="wayfold.test")
        client.wait_until(lambda state: (window.width, window.height) == (1280, 720))
        client.run(until=lambda _: window.frames >= 3, timeout=20)
        (toplevel,) = client.state.toplevels.values()

        assert (toplevel.title, toplevel.app_id) == ("w", "wayfold.test")
        assert client.state.windows[window.toplevel.subject].width == 1280
