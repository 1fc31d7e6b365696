"""Programs that nobody here wrote start, show a window and end, under every tier that serves them.

That a window is shown is what the compositor says, or its picture; where it gives neither, that it
asks the program for the next frame.
"""

import contextlib
import os
import re
import signal
import subprocess
from dataclasses import dataclass
from glob import glob
from pathlib import Path

import pytest

from wayfold.testing import open_compositor
from wayfold.testing.image import Image

pytestmark = pytest.mark.real_programs

SDL = "/usr/libexec/installed-tests/SDL2"
MPV = ("mpv", "--no-config", "--vo=wlshm", "--no-audio")
QT = next(iter(glob("/usr/lib/*/qt5/examples/widgets/mainwindows/application/application")), "")
TIMEOUT_S = 30
EVERYWHERE = ("weston-named", "weston-seat", "sway", "cage", "mutter")
WITH_SEAT = EVERYWHERE[1:]
"""Headless weston on its own has no wl_seat: foot and GTK 4 refuse it, SDL crashes."""


@dataclass(frozen=True)
class Program:
    """A command, what makes it end, and how it ends then; it may name {clip} and {fifo}."""

    command: tuple[str, ...]
    end: signal.Signals | str = signal.SIGTERM
    code: int = -signal.SIGTERM
    tiers: tuple[str, ...] = EVERYWHERE


def without(*names):
    return tuple(tier for tier in EVERYWHERE if tier not in names)


PROGRAMS = {
    # It has two buffers and aborts where a compositor keeps both for a moment, as sway does.
    "weston-simple-shm": Program(("weston-simple-shm",), signal.SIGINT, 0, without("sway")),
    "weston-flower": Program(("weston-flower",)),
    "weston-eventdemo": Program(("weston-eventdemo",)),
    "weston-terminal": Program(("weston-terminal", "--shell={shell}"), "fifo", 0),
    "foot": Program(("foot", "{shell}"), "fifo", 7, WITH_SEAT),  # it gives its shell's exit code
    "gtk 3": Program(("gtk3-demo",)),
    "gtk 4": Program(("gtk4-demo",), tiers=WITH_SEAT),
    "qt 5": Program((QT,)),
    # cage 0.1.4 shows its window black.
    "sdl 2": Program((f"{SDL}/testsprite2",), code=0, tiers=without("weston-named", "cage")),
    # Where the compositor chooses the size, mpv 0.40 starts with none, and loses its connection.
    "mpv": Program((*MPV, "--geometry=320x240", "{clip}"), "itself", 0),
}
CASES = [(name, tier) for name, program in PROGRAMS.items() for tier in program.tiers]


@pytest.fixture
def places(tmp_path):
    """A clip of a second, and a shell that ends once something is written to its fifo."""
    clip, shell, fifo = (tmp_path / name for name in ("clip.y4m", "shell", "fifo"))
    clip.write_bytes(b"YUV4MPEG2 W64 H48 F10:1 Ip A1:1 C420jpeg\n" + frames(10))
    os.mkfifo(fifo)
    shell.write_text(f"#!/bin/sh\nread line <{fifo}\nexit 7\n")
    shell.chmod(0o755)
    return {"clip": clip, "shell": shell, "fifo": fifo}


def frames(count):
    """Give frames of one colour each, brighter and brighter."""
    chroma = bytes([200]) * (64 * 48 // 2)
    return b"".join(b"FRAME\n" + bytes([n * 20]) * (64 * 48) + chroma for n in range(count))


@contextlib.contextmanager
def started(compositor, command, log, **environment):
    """Start a program, at home beside its log; killed at the end, if it has not ended."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command,
            env={**compositor.environment, "HOME": str(log.parent), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        ) as process,
    ):
        try:
            yield process
        finally:
            process.kill()


def wait_for_window(compositor, tier, empty, log):
    """Wait until a window is shown, by the best witness there is."""
    if tier in ("weston-seat", "sway"):
        assert compositor.wait_for_windows(timeout=TIMEOUT_S)
    elif empty is not None:
        while compositor.screenshot().pixels == empty.pixels:
            pass  # each picture waits for a frame; the test's own time-out ends it
    else:
        wait_for_frame(log)


def wait_for_frame(log):
    """Follow a program's WAYLAND_DEBUG until it is asked for a frame after its first one."""
    command = ["tail", "-n", "+1", "-F", log]
    callbacks = set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as tail:
        for line in tail.stdout:
            # libwayland 1.23 writes # for the @ of those before it.
            if asked := re.search(rb"wl_surface[@#]\d+\.frame\(new id wl_callback[@#](\d+)", line):
                callbacks.add(asked[1])
            done = re.search(rb"wl_callback[@#](\d+)\.done", line)
            if done and done[1] in callbacks:
                tail.kill()
                return
    raise AssertionError(log.read_text(errors="replace"))


def make_end(process, how, places):
    if isinstance(how, signal.Signals):
        process.send_signal(how)
    elif how == "fifo":
        places["fifo"].write_text("go\n")


@pytest.mark.parametrize(("name", "tier"), CASES, ids=["-".join(case) for case in CASES])
def test_it_starts_shows_a_window_and_ends_as_it_should(
    name, tier, places, tmp_path, record_property
):
    record_property("program", (name, tier))
    program, log = PROGRAMS[name], tmp_path / "log"
    command = [word.format(**places) for word in program.command]
    told = {"WAYLAND_DEBUG": "client"} if tier == "mutter" else {}
    with open_compositor(tier=tier) as compositor:
        empty = compositor.screenshot() if tier in ("weston-named", "cage") else None
        with started(compositor, command, log, **told) as process:
            wait_for_window(compositor, tier, empty, log)
            make_end(process, program.end, places)

            assert process.wait(TIMEOUT_S) == program.code, log.read_text(errors="replace")


@pytest.mark.parametrize("demo", ["gtk3-demo", "gtk4-demo"])
def test_gtk_ends_by_itself_with_0(demo, tmp_path):
    with (
        open_compositor(["seat"]) as compositor,
        started(compositor, [demo, "--run=dialog", "--autoquit"], tmp_path / "log") as process,
    ):
        assert compositor.wait_for_windows(timeout=TIMEOUT_S)
        assert process.wait(TIMEOUT_S) == 0


def exit_code_of_typed_quit(compositor, log):
    """Type Qt's shortcut, see its window go, and give its exit code; None where it hangs then."""
    keyboard = compositor.seat.keyboard  # there before the program looks for one
    with started(compositor, [QT], log) as process:
        compositor.wait_for_windows(timeout=TIMEOUT_S)
        # A shortcut that comes before Qt holds its window for active does nothing.
        while compositor.windows:
            keyboard.tap("Control_L", "q")
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.5)
        try:
            return process.wait(5)
        except subprocess.TimeoutExpired:
            return None


@pytest.mark.parametrize("tier", ["weston-seat", "sway"])
def test_qt_closes_its_window_and_ends_with_0_when_its_shortcut_is_typed(tier, tmp_path):
    with open_compositor(["seat"], tier=tier) as compositor:
        # Qt 5.15 sometimes deadlocks once its window is gone: ~QWaylandDisplay waits for its event
        # thread, and that in wl_display_read_events for a reader that will not come.
        attempts = (exit_code_of_typed_quit(compositor, tmp_path / "log") for _ in range(8))

        assert next(code for code in attempts if code is not None) == 0


@pytest.mark.parametrize("tier", ["sway", "cage"])
def test_grim_sees_what_the_harness_sees(tier, tmp_path):
    picture = tmp_path / "grim.png"
    with open_compositor(tier=tier) as compositor:
        done = run(compositor, "grim", picture)
        ours = compositor.screenshot()

    assert done.returncode == 0, done.stderr
    assert Image.load(picture).pixels == ours.pixels


def test_wlr_randr_lists_the_outputs():
    with open_compositor(tier="sway", outputs=2) as compositor:
        done = run(compositor, "wlr-randr")
        names = list(compositor.outputs.names)

    assert done.returncode == 0, done.stderr
    assert {line.split()[0] for line in done.stdout.splitlines() if line[0] != " "} == set(names)


@pytest.mark.parametrize("tier", ["weston-seat", "sway"])
def test_what_wl_copy_takes_wl_paste_gives(tier):
    with open_compositor(["seat"], tier=tier) as compositor:
        copied = run(compositor, "wl-copy", "what is copied")
        pasted = run(compositor, "wl-paste", "--no-newline")

    assert (copied.returncode, pasted.returncode) == (0, 0), copied.stderr + pasted.stderr
    assert pasted.stdout == "what is copied"


def run(compositor, *command):
    # wl-copy goes on in the background, and would keep a pipe open.
    with Path(os.devnull).open("w") as nowhere:
        return subprocess.run(
            command,
            env=compositor.environment,
            stdin=subprocess.DEVNULL,
            stdout=nowhere if command[0] == "wl-copy" else subprocess.PIPE,
            stderr=nowhere if command[0] == "wl-copy" else subprocess.PIPE,
            text=True,
            timeout=TIMEOUT_S,
        )
