"""What befalls a compositor, against the real client and against programs that are not ours."""

import subprocess
import time
from collections.abc import Iterator

import pytest

import wayfold
from wayfold.errors import ConnectionLost, ConnectTimeout, NotListening, WaitTimeout
from wayfold.testing import CompositorMissing, Faults, SeatWeston, Sway, Tap, Weston

TIMEOUT_S = 20


@pytest.fixture(params=[Weston, Sway], ids=["weston", "sway"])
def compositor(request) -> Iterator[Weston | Sway]:
    options = {"named": True} if request.param is Weston else {}
    with request.param(**options) as made:
        yield made


@pytest.fixture
def faults(compositor):
    return Faults(compositor)


@pytest.fixture
def weston_faults(weston_named):
    return Faults(weston_named)


def information(compositor):
    """Start wayland-info, which is not ours."""
    return subprocess.Popen(
        ["wayland-info"],
        env=dict(compositor.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    with process:
        told, errors = process.communicate(timeout=TIMEOUT_S)
    return process.returncode, bool(told), errors


def test_a_frozen_compositor_answers_when_it_is_thawed(compositor, faults):
    with wayfold.connect(compositor.display) as client:
        with faults.frozen(), pytest.raises(WaitTimeout):
            client.roundtrip(timeout=0.05)
        client.roundtrip()

        assert client.is_open


def test_another_program_waits_for_a_frozen_compositor_and_goes_on(compositor, faults):
    with faults.frozen():
        process = information(compositor)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)

    assert ended(process) == (0, True, "")


def test_a_window_of_another_program_lives_through_a_freeze(weston_named, weston_faults):
    with Tap(weston_named) as tap:
        shown = subprocess.Popen(["weston-simple-shm"], env=dict(tap.environment))
        tap.expect.eventually("wl_buffer.release", timeout=TIMEOUT_S)
        with weston_faults.frozen():
            position = tap.transcript.head
        tap.expect.after(position).eventually("wl_buffer.release", timeout=TIMEOUT_S)
        shown.terminate()

        assert ended(shown)[0] == -15


def test_a_killed_compositor_is_a_loss_and_its_socket_refuses(compositor, faults):
    with wayfold.connect(compositor.display) as client:
        faults.kill()
        with pytest.raises(ConnectionLost):
            client.run(timeout=TIMEOUT_S)
    with pytest.raises(NotListening, match="Connection refused"):
        wayfold.connect(compositor.display)

    assert ended(information(compositor)) == (
        255,
        False,
        "failed to create display: Connection refused\n",
    )


def test_a_program_whose_compositor_is_killed_ends_by_itself(weston_named, weston_faults):
    with Tap(weston_named) as tap:
        shown = subprocess.Popen(["weston-simple-shm"], env=dict(tap.environment))
        tap.expect.eventually("wl_buffer.release", timeout=TIMEOUT_S)
        weston_faults.kill()

        assert ended(shown)[0] >= 0


def test_after_a_restart_the_same_name_serves_again(compositor, faults):
    display, pid = compositor.display, compositor.pid
    faults.restart(refuses=True)

    assert (compositor.display, compositor.is_running) == (display, True)
    assert compositor.pid != pid
    assert ended(information(compositor)) == (0, True, "")


def test_while_it_is_down_it_refuses_and_then_serves(compositor, faults):
    with faults.down(), pytest.raises(NotListening):
        wayfold.connect(compositor.display)
    with wayfold.connect(compositor.display) as client:
        client.roundtrip()


def test_a_restart_without_a_gap_refuses_nobody(weston_named, weston_faults):
    with Tap(weston_named, listen=weston_named.runtime_directory / "watch") as tap:
        for _ in range(3):
            start = time.monotonic()
            weston_faults.restart()
            took = time.monotonic() - start
            with wayfold.connect(weston_named.display, timeout=TIMEOUT_S) as client:
                client.roundtrip()
            assert ended(information(tap)) == (0, True, "")

        tap.expect.never("connection.refused")
        assert took < 5


def test_who_connects_again_and_again_during_restarts_is_never_refused(weston_named, weston_faults):
    program = """
import os, socket, sys
path, number = sys.argv[1], 0
print("ready", flush=True)
while not os.path.exists(path + ".stop"):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
    number += 1
print(number)
"""
    display = weston_named.display
    knocking = subprocess.Popen(
        ["python3", "-c", program, display], stdout=subprocess.PIPE, text=True
    )
    knocking.stdout.readline()
    for _ in range(3):
        weston_faults.restart()
    open(f"{display}.stop", "w").close()
    told, _ = knocking.communicate(timeout=TIMEOUT_S)

    assert knocking.returncode == 0
    assert int(told) > 3


def test_a_client_of_before_a_restart_is_lost_and_connects_again(weston_named, weston_faults):
    with wayfold.connect(weston_named.display) as client:
        weston_faults.restart()
        with pytest.raises(ConnectionLost):
            client.run(timeout=TIMEOUT_S)
    with wayfold.connect(weston_named.display) as client:
        client.roundtrip()


def test_sway_cannot_start_again_without_refusing(sway):
    with pytest.raises(ValueError, match=r"needs a Weston\(named=True\)"):
        Faults(sway).restart()

    assert sway.is_running


def test_a_weston_for_one_client_cannot_start_again(weston):
    with pytest.raises(ValueError, match="named=True"):
        Faults(weston).restart()


def test_the_log_of_before_a_restart_is_kept(weston_named, weston_faults):
    weston_faults.restart()

    assert weston_named.log.count("Command line:") == 2


def test_a_stale_socket_refuses(weston_named, weston_faults):
    path = weston_faults.stale_socket()
    with pytest.raises(NotListening, match="Connection refused"):
        wayfold.connect(path)

    assert weston_faults.stale_socket() == path
    assert weston_named.is_running


def test_a_full_backlog_is_a_timeout_and_then_over(compositor, faults):
    with faults.full_backlog() as waiting:
        with pytest.raises(ConnectTimeout):
            wayfold.connect(compositor.display, timeout=0.05)
        process = information(compositor)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.1)

    assert waiting > 0
    assert ended(process) == (0, True, "")


def test_blocked_writes_lose_nothing(weston, open_descriptors):
    connection = weston.client_socket.dup()
    with wayfold.connect(weston.client_socket) as client, connection:
        surface = client.bind("wl_compositor").create_surface()
        client.roundtrip()
        before = open_descriptors()
        with Faults(weston).blocked_writes(connection):
            for number in range(1000):
                surface.damage(number, 0, 1, 1)
            client.dispatch(0)
            with pytest.raises(WaitTimeout):
                client.roundtrip(timeout=0.05)
        client.roundtrip()

        assert open_descriptors() == before
        client.expect.count("wl_surface.damage", 1000)


def test_blocked_writes_block_a_socket_at_once(weston):
    room = weston.client_socket.getsockopt(1, 7)
    with Faults(weston).blocked_writes(weston.client_socket):
        weston.client_socket.setblocking(False)
        sent = 0
        with pytest.raises(BlockingIOError):
            while True:
                sent += weston.client_socket.send(bytes(512))

    assert sent < 20_000
    assert weston.client_socket.getsockopt(1, 7) == room


def test_a_scripted_server_freezes_and_has_no_process(scripted_server, client):
    faults = Faults(scripted_server)
    with faults.frozen(), pytest.raises(WaitTimeout):
        client.roundtrip(timeout=0.05)
    client.roundtrip()

    with pytest.raises(ValueError, match="not a ScriptedServer"):
        faults.kill()


def test_a_restart_that_fails_says_why_and_leaves_nothing(weston_named, weston_faults, monkeypatch):
    directory = weston_named.runtime_directory
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CompositorMissing):
        weston_faults.restart()

    assert not weston_named.is_running
    assert not directory.exists()


@pytest.mark.parametrize("refuses", [True, False])
def test_a_weston_with_a_seat_starts_again_and_shows_windows(refuses):
    with SeatWeston() as weston:
        before = weston.screenshot().width
        Faults(weston).restart(refuses=refuses)
        with subprocess.Popen(["weston-simple-shm"], env=dict(weston.environment)) as shown:
            (window,) = weston.wait_for_windows(timeout=TIMEOUT_S)
            weston.seat.pointer.move(*window.middle)
            shown.terminate()

        assert weston.screenshot().width == before
