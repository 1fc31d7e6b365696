"""A tap between real programs and real compositors: nothing changed, everything written down."""

import os
import subprocess
from collections.abc import Iterator

import pytest

import wayfold
from wayfold.errors import ConnectionLost, MalformedEvent, ProtocolViolation
from wayfold.testing import ScriptedServer, Tap
from wayfold.testing.interfaces import parse_interfaces
from wayfold.testing.wire import encode, receive

TIMEOUT_S = 20


@pytest.fixture
def tap(weston_named) -> Iterator[Tap]:
    with Tap(weston_named) as made:
        yield made


@pytest.fixture
def program(tap):
    """Start a program as a client of the tap; ended at the latest with the test."""
    started = []

    def start(*command, **options):
        started.append(subprocess.Popen(command, env=dict(tap.environment), **options))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_program_that_is_not_ours_is_told_message_by_message(tap, program):
    shown = program("weston-simple-shm")
    tap.expect.eventually("wl_buffer.release", timeout=TIMEOUT_S)
    shown.terminate()
    tap.expect.eventually("connection.closed", timeout=TIMEOUT_S)

    tap.expect.in_order(
        "connection.opened",
        "wl_registry.bind",
        "xdg_wm_base.get_xdg_surface",
        "wl_surface.commit",
        "xdg_surface.configure",
        "xdg_surface.ack_configure",
        "wl_surface.attach",
        "wl_surface.commit",
        "wl_buffer.release",
    )
    tap.expect.always("wl_surface.attach", after="xdg_surface.ack_configure")
    tap.expect.never("wire.*")
    assert tap.expect("wl_shm_pool.create_buffer").data["width"] == 250


def test_a_program_sees_what_it_would_see_without(tap, program, weston_named):
    def seen(process):
        told, errors = process.communicate(timeout=TIMEOUT_S)
        return process.returncode, told, errors

    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    plain = subprocess.Popen(["wayland-info"], env=dict(weston_named.environment), **options)

    assert seen(program("wayland-info", **options)) == seen(plain)


def test_a_terminal_and_its_keymap_pass_through_sway(sway):
    with Tap(sway) as tap:
        done = subprocess.run(
            ["foot", "--override=workers=0", "sh", "-c", "exit 7"],
            env=dict(tap.environment),
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_S,
        )
        tap.expect.eventually("connection.closed", timeout=TIMEOUT_S)

        assert done.returncode == 7
        tap.expect("xdg_toplevel.set_app_id", data={"app_id": "foot"})
        tap.expect.always("xdg_surface.ack_configure", after="xdg_surface.configure")
        tap.expect.never("wl_display.error")


def test_the_client_works_through_it_with_its_descriptors(tap):
    with wayfold.connect(tap.new_client()) as client:
        window = client.window("through", 64, 64, draw=lambda canvas: True)
        client.run(until=lambda _: window.frames == 5, timeout=TIMEOUT_S)
        client.roundtrip()

        assert window.frames >= 5
        asked = [r.name for r in client.log.records(origin="client", name="wl_surface.*")]

    passed = tap.transcript.records(origin="client", name="wl_surface.*")
    assert [record.name for record in passed] == asked


def test_a_protocol_error_still_arrives_before_the_end(tap):
    with wayfold.connect(tap.new_client()) as client:
        client.bind("wl_compositor").create_surface().set_buffer_scale(0)
        with pytest.raises(ProtocolViolation) as caught:
            client.roundtrip()

    assert caught.value.code_name == "invalid_scale"
    closed = {"before": "connection.closed", "timeout": TIMEOUT_S}
    tap.expect.eventually("wl_display.error", data={"code": 0}, **closed)


def test_a_compositor_that_dies_is_lost_behind_the_tap_too(tap, weston_named):
    with wayfold.connect(tap.new_client()) as client:
        weston_named.kill()
        with pytest.raises(ConnectionLost):
            client.run(timeout=TIMEOUT_S)


def test_a_compositor_that_is_gone_is_told_as_refused(tap, weston_named):
    weston_named.kill()
    with pytest.raises(wayfold.ConnectionFailed):
        wayfold.connect(tap.display)

    refused = tap.expect.eventually("connection.refused", timeout=TIMEOUT_S)
    assert refused.data == {"reason": "Connection refused", "path": weston_named.display}


def test_a_real_compositors_events_can_be_damaged(tap):
    with wayfold.connect(tap.new_client()) as client:
        tap.event_faults.corrupt("wl_callback.done", at=4)
        with pytest.raises(MalformedEvent):
            client.roundtrip(timeout=TIMEOUT_S)

    tap.expect("fault.corrupt", after="wl_callback.done")


def test_a_real_programs_requests_can_be_damaged(tap, program):
    tap.request_faults.drop("xdg_surface.ack_configure", times=None)
    shown = program("weston-simple-shm", stderr=subprocess.PIPE)
    error = tap.expect.eventually("wl_display.error", timeout=TIMEOUT_S)
    _, told = shown.communicate(timeout=TIMEOUT_S)

    assert error.origin == "compositor"
    assert b"xdg_surface" in told
    tap.expect("fault.drop", before="wl_display.error")


def test_pieces_and_delays_change_nothing_for_a_real_program(tap, program):
    tap.event_faults.split(3, pause=0.0)
    tap.request_faults.split(5, pause=0.0)
    shown = program("weston-simple-shm")
    tap.expect.eventually("wl_callback.done", after="wl_surface.frame", timeout=TIMEOUT_S)

    assert shown.poll() is None
    tap.expect.never("wl_display.error")


def test_a_frozen_tap_lets_nothing_through(tap):
    with wayfold.connect(tap.new_client()) as client:
        tap.freeze()
        with pytest.raises(wayfold.WaitTimeout):
            client.roundtrip(timeout=0.05)
        tap.thaw()
        client.roundtrip()


def test_more_than_the_sockets_hold_all_arrives(tap, tmp_path):
    with wayfold.connect(tap.new_client()) as client, open(tmp_path / "memory", "w+b") as memory:
        memory.truncate(4)
        surface, shm = client.bind("wl_compositor").create_surface(), client.bind("wl_shm")
        for number in range(10_000):
            surface.damage(number, 0, 1, 1)
            if number % 100 == 0:
                shm.create_pool(memory, 4)
        client.roundtrip(timeout=TIMEOUT_S)

    damaged = tap.expect.count("wl_surface.damage", 10_000)
    assert [record.data["x"] for record in damaged] == list(range(10_000))
    tap.expect.count("wl_shm.create_pool", 100)


def test_closing_leaves_no_descriptor_and_no_socket(weston_named, open_descriptors):
    before = open_descriptors()
    for _ in range(3):
        with Tap(weston_named) as tap, wayfold.connect(tap.display) as client:
            client.roundtrip()
            path = tap.display
        tap.close()

    assert open_descriptors() == before
    assert not os.path.exists(path)


@pytest.fixture
def between(tmp_path):
    """A tap before a scripted server."""
    with ScriptedServer() as server:
        server.listen(str(tmp_path / "wayland-7"))
        with Tap(tmp_path / "wayland-7") as tap:
            yield server, tap


def test_an_error_arrives_when_the_compositor_has_stopped_reading(between):
    server, tap = between
    with tap.new_client() as sock:
        sock.send(encode(1, 1, "n", [2]).data)
        server.wait_for("wl_display.get_registry")
        server.freeze()
        sock.setblocking(False)
        with pytest.raises(BlockingIOError):
            while True:
                sock.send(encode(1, 0, "n", [3]).data * 100)
        server.error(2, 7, "enough")
        sock.settimeout(TIMEOUT_S)

        assert b"enough" in everything(sock)


def everything(sock):
    """Read to the end, also where the other side left without reading all."""
    told = b""
    try:
        while data := sock.recv(65536):
            told += data
    except ConnectionResetError:
        pass
    return told


def test_what_a_program_does_not_read_stays_with_the_compositor(between):
    server, tap = between
    with tap.new_client() as sock:
        tap.expect.eventually("connection.opened", timeout=TIMEOUT_S)
        sock.send(encode(1, 1, "n", [2]).data)
        server.wait_for("wl_display.get_registry")
        flood = encode(1, 1, "u", [99]).data * 60_000
        server.send_bytes(flood)
        position = tap.transcript.head
        while tap.transcript.wait(0.2):
            position = tap.transcript.head

        assert position < 50_000
        assert server.peer.is_writing
        sock.settimeout(TIMEOUT_S)
        received = 0
        while received < len(flood):
            received += len(sock.recv(1 << 20))


def test_a_descriptor_that_is_dropped_on_the_way_is_closed(between, open_descriptors, tmp_path):
    server, tap = between
    with wayfold.connect(tap.new_client()) as client, open(tmp_path / "keymap", "w+b") as file:
        client.roundtrip()
        before = open_descriptors()
        tap.event_faults.drop("wl_keyboard.keymap", times=None)
        for _ in range(5):
            server.event("wl_keyboard", "keymap", 1, file.fileno(), 8)
        client.roundtrip()

        tap.expect.count("fault.drop", 5)
        assert open_descriptors() == before


def test_it_stands_before_any_socket(tmp_path):
    with ScriptedServer() as server:
        server.listen(str(tmp_path / "wayland-7"))
        with Tap(tmp_path / "wayland-7", listen=tmp_path / "tapped") as tap:
            with wayfold.connect(tmp_path / "tapped") as client:
                assert len(client.state.globals) == 4
            assert tap.environment["WAYLAND_DISPLAY"] == str(tmp_path / "tapped")


def test_what_the_tap_does_not_know_is_forwarded_all_the_same(tmp_path):
    table = parse_interfaces("interface my_thing 1\nrequest take h\nevent given h")
    with ScriptedServer(standard=False, interfaces=table) as server:
        server.add_global("my_thing")
        server.listen(str(tmp_path / "wayland-7"))
        with Tap(tmp_path / "wayland-7") as tap, tap.new_client() as sock:
            sock.settimeout(TIMEOUT_S)
            sock.send(encode(1, 1, "n", [2]).data)
            sock.send(encode(2, 0, "usun", [1, "my_thing", 1, 3]).data)
            server.wait_for("wl_registry.bind")
            with open(tmp_path / "file", "w+b") as file:
                server.event("my_thing", "given", file.fileno())
            got = []
            while not got:
                got += receive(sock).descriptors
            tap.expect("wire.unknown", subject="my_thing#*", origin="compositor")

            assert os.path.samestat(os.fstat(got[0]), os.stat(tmp_path / "file"))
            os.close(got[0])
