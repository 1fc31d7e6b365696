"""Every example does what it promises, against a real compositor."""

import contextlib
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import wayfold

EXAMPLES = Path(__file__).parents[1] / "examples"
RUN_BY = {
    "bank.py": "test_a_bank_sends_a_letter_to_who_is_overdrawn_once",
    "create_user.py": "test_a_user_whose_event_cannot_be_stored_is_not_there",
    "input_echo.py": "test_pointer_and_keyboard_are_echoed",
    "lagging_view.py": "test_a_view_that_fell_behind_says_so_and_comes_back",
    "lost_hints.py": "test_readings_are_seen_once_whatever_becomes_of_the_hints",
    "outage_watch.py": "test_an_operator_is_called_once_about_what_stays_broken",
    "registry.py": "test_the_globals_are_listed_with_their_versions",
    "selectors_loop.py": "test_a_loop_of_ones_own_hears_answers_and_timers",
    "toplevels.py": "test_windows_of_others_are_listed",
    "watch_outputs.py": "test_outputs_are_followed_as_they_come_and_go",
    "window.py": "test_a_window_draws_its_frames",
    "window_asyncio.py": "test_a_window_draws_its_frames",
}
EVDEV_A = 30  # linux/input-event-codes.h
BTN_LEFT = 0x110


def test_every_example_is_run_and_short():
    found = {path.name: path for path in EXAMPLES.glob("*.py")}

    assert found.keys() == RUN_BY.keys()
    assert all(name in globals() for name in RUN_BY.values())
    for name, path in found.items():
        assert len(path.read_text().splitlines()) < (150 if name == "outage_watch.py" else 95)


def start(compositor, name, *options):
    return subprocess.Popen(
        [sys.executable, "-W", "error", EXAMPLES / name, *options],
        env=compositor.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def running(compositor, name, *options):
    """Give a running example whose output is read line by line; kill it at the end."""
    with start(compositor, name, *options) as program:
        try:
            yield program
        finally:
            program.kill()


def finished(compositor, name, *options):
    with running(compositor, name, *options) as program:
        output, errors = program.communicate(timeout=30)
    assert (program.returncode, errors) == (0, "")
    return output


def read_until(program, wanted):
    """Read lines until one contains what is wanted; the test's time-out is the deadline."""
    lines = []
    for line in program.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError(f"no {wanted!r} in {lines}; {program.stderr.read()}")


def told(folder, name, *arguments):
    """Give the lines that an example without a compositor prints, run in a folder."""
    command = [sys.executable, "-W", "error", EXAMPLES / name, *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    return done.stdout.splitlines()


def test_a_bank_sends_a_letter_to_who_is_overdrawn_once(tmp_path):
    def move(amount):
        return told(tmp_path, "bank.py", "bank.wayfold", "anna", amount)

    assert move(50)[0] == "account/anna: 50, 0 letters sent"
    letter, *after = move(-70)
    assert re.fullmatch("letter [0-9a-f]{32} account/anna -20", letter)
    assert after == ["account/anna: -20, 1 letters sent", "in all: -20, 0 records behind"]
    assert move(-200)[:2] == [
        "rejected: account/anna: -20 is there, and -100 is the limit",
        "account/anna: -20, 1 letters sent",
    ]
    assert move(-10)[0] == "account/anna: -30, 1 letters sent"
    assert move(30)[0] == "account/anna: 0, 1 letters sent"


def test_a_user_whose_event_cannot_be_stored_is_not_there(tmp_path):
    def create(*arguments):
        return told(tmp_path, "create_user.py", "users.wayfold", *arguments)

    anna = create("anna", "anna@example.org")
    bert = ("bert", "bert@example.org")
    assert anna[0] == "greeted  anna@example.org"
    assert create(*bert, "--no-room")[1:] == anna[1:]
    assert "UNIQUE constraint failed" in " ".join(create("carl", "anna@example.org"))
    assert (
        create("anna", "other@example.org")[0]
        == "refused  user/anna: is there, at anna@example.org"
    )
    assert create(*bert)[0] == "greeted  bert@example.org"
    assert create("dora", "none")[-1] == "in table user/anna user/bert"


def test_a_view_that_fell_behind_says_so_and_comes_back(tmp_path):
    lines = told(tmp_path, "lagging_view.py", "shop")

    assert lines[0] == "takings: database is locked"
    assert lines[1].startswith("    105 stored, 98 in the view, 7 behind, 0.")
    assert lines[4].startswith("    105 stored, 105 in the view, 0 behind, 0.0 s old, 0 parked")
    assert lines[6] == "KeyError: 'tea' at 106"
    assert lines[10:] == [
        lines[7].replace("2 parked", "0 parked"),
        lines[8].replace("180", "188", 1),
    ]
    told(tmp_path, "lagging_view.py", "shop")  # and once more, on what is there


def test_readings_are_seen_once_whatever_becomes_of_the_hints(tmp_path):
    for count in (50, 100):
        lines = told(tmp_path, "lost_hints.py", "sensor.wayfold")

        assert lines[0].startswith(f"{count} records stored; ")
        assert lines[1] == f"    {count} readings seen, {count} different, as of 0.0 s ago"
        assert lines[3].startswith(f"    {count} readings seen, {count} different, as of 1.")
        assert lines[4:] == ["the log is back", lines[1]]


def test_an_operator_is_called_once_about_what_stays_broken(weston_named, tmp_path):
    calls = tmp_path / "calls"
    program = ("sh", "-c", f'echo "$@" >> {calls}', "sh")
    options = ("--after", "0.2", "--silent", "0.5", "--expect", "HDMI-A-9", "--for", "2")
    for _ in range(2):
        finished(weston_named, "outage_watch.py", tmp_path / "x", *options, "--", *program)

    assert calls.read_text() == "outage HDMI-A-9 the screen is gone\n"


def test_the_globals_are_listed_with_their_versions(weston_named):
    output = finished(weston_named, "registry.py")

    assert re.search(r"wl_compositor version [45]  wl_compositor#", output)


@pytest.mark.parametrize("name", ["window.py", "window_asyncio.py"])
def test_a_window_draws_its_frames(weston_named, name):
    output = finished(weston_named, name, "--frames", "30")

    assert "30 frames of 480x320" in output


def test_a_loop_of_ones_own_hears_answers_and_timers(weston_named):
    output = finished(weston_named, "selectors_loop.py", "--for", "0.3")

    assert "done: wl_callback#" in output
    assert "ticked at position" in output


def test_outputs_are_followed_as_they_come_and_go(sway):
    with running(sway, "watch_outputs.py") as program:
        read_until(program, "there   HEADLESS-1: 1280x720")
        sway.command("create_output")
        read_until(program, "added   HEADLESS-2")
        sway.command("output HEADLESS-2 scale 2")

        assert read_until(program, "scale 2")[-1].startswith("changed   HEADLESS-2: 1280x720")


# sway 1.7 cannot take a headless output away, weston 10 cannot add one: a script can do both.
def test_outputs_are_followed_as_they_are_unplugged(tmp_path, scripted_server):
    scripted_server.listen(str(tmp_path / "wayland-0"))
    named = SimpleNamespace(environment={**os.environ, "WAYLAND_DISPLAY": tmp_path / "wayland-0"})
    with running(named, "watch_outputs.py") as program:
        read_until(program, "there   SCRIPTED-1")
        plugged = scripted_server.add_output("DP-1")
        read_until(program, "added   DP-1: 640x480")
        scripted_server.remove_global(plugged)

        assert read_until(program, "removed")[-1] == "removed  DP-1\n"


def test_windows_of_others_are_listed(sway):
    with running(sway, "window.py") as program:
        with wayfold.connect(sway.display) as client:
            client.wait_until(lambda state: any(t.title for t in state.toplevels.values()))
        output = finished(sway, "toplevels.py")
        program.terminate()

    assert "wayfold.example.window: 'waves' activated" in output


def test_a_compositor_without_toplevels_is_told(weston_named):
    with running(weston_named, "toplevels.py") as program:
        _, errors = program.communicate(timeout=30)

    assert program.returncode == 1
    assert "offers none of ext_foreign_toplevel_list_v1" in errors


def test_pointer_and_keyboard_are_echoed(sway, plug_keyboard):
    with wayfold.connect(sway.display) as client:
        pointer = client.bind("zwlr_virtual_pointer_manager_v1").create_virtual_pointer(None)
        keyboard = plug_keyboard(client)
        client.roundtrip()
        with running(sway, "input_echo.py") as program:
            client.wait_until(lambda state: any(t.title for t in state.toplevels.values()))
            read_until(program, "wl_keyboard.enter")
            pointer.motion_absolute(0, 640, 360, 1280, 720)
            pointer.frame()
            client.roundtrip()
            read_until(program, "wl_pointer.enter")
            pointer.button(1, BTN_LEFT, 1)
            pointer.frame()
            keyboard.key(2, EVDEV_A, 1)
            client.roundtrip()

            lines = read_until(program, "wl_keyboard.key")
            assert f"button={BTN_LEFT} state=1" in "".join(lines)
            assert f"key={EVDEV_A} state=1" in lines[-1]
