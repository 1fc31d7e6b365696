"""A program that knows nothing of wayfold is recorded, and its recording answers like any other."""

import os
import signal
import sys
import tempfile

import pytest

from wayfold.log import Log
from wayfold.model import SessionModel
from wayfold.testing import ScriptedServer

UNTIL_SIGNALLED = """
import signal, sys, wayfold
with wayfold.connect() as client:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *told: client.stop())
    print("up", flush=True)
    client.run()
sys.exit(5)
"""


@pytest.fixture
def record(wayfold, tmp_path):
    """Record a program under a compositor."""

    def run(compositor, *command):
        path = tmp_path / "any.wayfold"
        return wayfold("record", "--any", "-o", path, "--", *command, compositor=compositor), path

    return run


def test_the_state_of_a_terminal_is_folded_from_its_recording(sway, record):
    done, path = record(sway, "foot", "sh", "-c", "exit 7")

    assert done.returncode == 7
    with Log.open(path, read_only=True, model=SessionModel()) as log:
        added = log.expect("window.added")
        (window,) = log.state_at(added.position).windows.values()
        assert (window.title, window.app_id) == ("foot", "foot")
        assert [r.data["name"] for r in log.records(name="output.added")] == ["HEADLESS-1"]
        log.expect.always("wl_surface.attach", after="xdg_surface.ack_configure")
        assert log.expect("program.ended").data == {"status": 7}
        times = [record.time_ns for record in log]
        assert times == sorted(times)
        assert log.verify() == len(log)


@pytest.mark.parametrize("how", [(), ("--any",)])
def test_without_a_compositor_no_file_is_made(how, wayfold, tmp_path):
    program = ("--", "true") if how else ()
    unset = wayfold("record", *how, *program)
    absent = wayfold("record", *how, "--display", tmp_path / "wayland-9", *program)
    (tmp_path / "wayland-8").touch()
    silent = wayfold("record", *how, "--display", tmp_path / "wayland-8", *program)

    assert [done.returncode for done in (unset, absent, silent)] == [1, 1, 1]
    assert "WAYLAND_DISPLAY is " in unset.stderr
    assert f"there is no socket {tmp_path}/wayland-9" in absent.stderr
    assert "wayland-8 does not take connections: Connection refused" in silent.stderr
    assert os.listdir(tmp_path) == ["wayland-8"]


def test_what_is_derived_is_right_behind_its_cause(sway, record):
    _, path = record(sway, "foot", "true")
    with Log.open(path, read_only=True) as log:
        (added,) = log.records(name="window.added")

        assert log[added.position - 1].name == "xdg_surface.configure"
        assert added.data["cause"] == added.position - 1


def test_a_program_that_cannot_be_run_is_told(weston_named, record):
    done, path = record(weston_named, "no-such-program")

    assert (done.returncode, path.exists()) == (1, False)
    assert "no-such-program cannot be run: No such file or directory" in done.stderr


def test_a_signal_is_told_as_a_shell_does(weston_named, record):
    done, _ = record(weston_named, "sh", "-c", "kill -TERM $$")

    assert done.returncode == 128 + 15


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("options", [("--any",), ()])
def test_a_signal_to_the_recorder_is_the_programs(options, number, weston_named, started, tmp_path):
    with tempfile.TemporaryDirectory() as folder:
        command = "record", *options, "-o", "x", "--", sys.executable, "-c", UNTIL_SIGNALLED
        running = started(*command, compositor=weston_named, TMPDIR=folder)
        assert running.stdout.readline() == "up\n"
        running.send_signal(number)
        _, errors = running.communicate(timeout=20)
        left = os.listdir(folder)

    assert (running.returncode, left) == (5, [])
    assert "records in x" in errors
    with Log.open(tmp_path / "x", read_only=True) as log:
        assert log.verify() == len(log) > 0


def test_without_a_display_nothing_is_run(record, tmp_path):
    done, _ = record(None, "touch", str(tmp_path / "ran"))

    assert done.returncode == 1
    assert "WAYLAND_DISPLAY is not set" in done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("options", "key"), [((), None), (("--include-input",), 30)])
def test_what_is_typed_is_masked_unless_asked_for(options, key, wayfold, tmp_path):
    def typed(request):
        request.created[0].event("key", 1, 2, 30, 1)

    with ScriptedServer() as server:
        server.listen(str(tmp_path / "wayland-0"))
        server.on("wl_seat.get_keyboard", typed)
        where = ("-o", tmp_path / "any.wayfold", "--display", tmp_path / "wayland-0")
        done = wayfold("record", "--any", *options, *where, "--", "wayland-info")

    assert done.returncode == 0
    with Log.open(tmp_path / "any.wayfold", read_only=True) as log:
        assert [record.data["key"] for record in log.records(name="wl_keyboard.key")] == [key]
