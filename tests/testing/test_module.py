"""The weston module in C: under sanitizers, with whatever may come down its control line."""

import os
import random
import shutil
import socket
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CommandRefused,
    CompositorFailed,
    CompositorTimeout,
    SeatWeston,
    Weston,
)
from wayfold.testing.module import module_path
from wayfold.testing.tiers import MODULE_PACKAGES

NATIVE = Path(__file__).parents[2] / "src" / "wayfold" / "testing" / "native"
WARN = ("-std=gnu11", "-D_GNU_SOURCE", "-O1", "-g", "-Wall", "-Wextra", "-Werror")
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
SEEDS = range(4)
COMMANDS_OF_SEED = 1500
WORDS = [
    *("axis", "button", "clock", "key", "keyboard", "motion", "output", "ping", "pointer", "seat"),
    *("tick", "touch", "windows", "add", "remove", "list", "set", "now", "down", "up", "frame"),
    *("cancel", "real", "manual", "rate", "HEADLESS-1", "HEADLESS-2", "X" * 40, "%s%n", "..", ""),
    *(
        "0",
        "1",
        "2",
        "7",
        "30",
        "272",
        "-1",
        "640",
        "480",
        "1e9",
        "nan",
        "inf",
        "0x10",
        "99999999999",
    ),
    *("-2147483649", "\x7f", "é", "wait"),
]
LIKELY = [
    *("seat add", "seat remove", "pointer add", "pointer remove", "keyboard add", "touch add"),
    *("keyboard remove", "touch remove", "key 30 1", "key 30 0", "button 272 1", "button 272 0"),
    *("motion 10 10", "axis 0 15 1 0", "touch down 1 5 5", "touch motion 1 6 6", "touch up 1"),
    *("touch frame", "touch cancel", "output add HEADLESS-2 64 48 1 0", "output remove HEADLESS-2"),
    *("output set HEADLESS-2 128 96 2 3", "output remove HEADLESS-1", "output list", "tick now"),
    *("output add HEADLESS-1 80 60 1 0", "clock manual", "clock real", "clock rate 500", "ping"),
    *("windows list", "windows wait 0", "windows wait 3", "tick wait"),
]


def pkg_config(*arguments):
    done = subprocess.run(["pkg-config", *arguments], capture_output=True, text=True)
    return done.stdout.split() if done.returncode == 0 else None


def packages_of(major):
    return (f"libweston-{major}", "wayland-server", "xkbcommon", "pixman-1")


def build(target, major, *options):
    flags = pkg_config("--cflags", "--libs", *packages_of(major))
    assert flags, f"there are no headers of weston {major}: install {MODULE_PACKAGES[major]}"
    sources = [str(path) for path in sorted(NATIVE.glob("*.c"))]
    command = ["cc", "-shared", "-fPIC", "-fvisibility=hidden", *WARN, *options, *sources]
    done = subprocess.run([*command, *flags, "-o", str(target)], capture_output=True, text=True)
    assert not done.returncode, done.stderr[:4000]
    return target


@pytest.fixture(scope="module")
def major():
    told = subprocess.run(["weston", "--version"], capture_output=True, text=True, check=True)
    return int(told.stdout.split()[1].split(".")[0])


@pytest.fixture(scope="module")
def sanitized(tmp_path_factory, major):
    """The module with sanitizers in it."""
    return build(tmp_path_factory.mktemp("module") / "sanitized.so", major, *SANITIZE)


@pytest.fixture
def under_sanitizers(sanitized, tmp_path, monkeypatch):
    """A weston whose every slip ends it."""
    library = subprocess.run(
        ["cc", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    program = tmp_path / "weston"
    program.write_text(
        f"#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 LD_PRELOAD={os.path.realpath(library)} "
        f'exec {shutil.which("weston")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with SeatWeston(module=sanitized, timeout=30, devices=("pointer", "keyboard", "touch")) as made:
        yield made


@pytest.fixture
def line(under_sanitizers):
    """Send a packet as it is, with descriptors, and give the answers."""

    def send(data, descriptors=(), answers=1):
        ours = under_sanitizers._control._ours
        ours.settimeout(20)
        if descriptors:
            socket.send_fds(ours, [data], list(descriptors))
        else:
            ours.send(data)
        return [ours.recv(1 << 18).decode() for _ in range(answers)]

    return send


def test_it_compiles_without_a_warning_for_every_weston_whose_headers_are_here(tmp_path):
    here = [known for known in MODULE_PACKAGES if pkg_config("--cflags", *packages_of(known))]

    assert here, "scripts/setup test installs the headers of one"
    for known in here:
        assert build(tmp_path / f"{known}.so", known, "-O2").exists()


def test_it_was_built_for_the_weston_that_is_here(major):
    path = module_path(f"{major}.0.0")

    assert path is not None
    assert path.name == f"weston{major}.so"


def test_every_command_of_the_seat_is_sound(under_sanitizers):
    for command in LIKELY[:18]:
        with suppress(CommandRefused):  # some come in a state where they cannot be done
            under_sanitizers.ask(command)

    assert under_sanitizers.ask("ping").startswith("weston")


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        (b"", "syntax"),
        (b"   ", "syntax"),
        (b"a\0b", "syntax"),
        (b"k" * 4000, "syntax"),
        (b"a b c d e f g h i j", "syntax"),
        (b"fly", "unknown"),
        ("fliég".encode(), "unknown"),
        (b"key", "syntax"),
        (b"key thirty 1", "syntax"),
        (b"key 768 1", "range"),
        (b"key 272 1", "range"),
        (b"button 30 1", "range"),
        (b"motion 1 nan", "syntax"),
        (b"motion 1e300 1", "range"),
        (b"output add ../x 1 1 1 0", "syntax"),
        (b"output add HEADLESS-1 1 1 1 0", "exists"),
        (b"output add new 64 64 1 8", "range"),
        (b"output remove nothing", "missing"),
        (b"touch up 1", "state"),
        (b"tick now", "state"),
        (b"clock rate 0", "range"),
        (b"seat add", "exists"),
        (b"windows wait -1", "range"),
    ],
)
def test_what_cannot_be_done_is_refused_by_kind(weston_line, command, kind):
    (answer,) = weston_line(command)

    assert answer.startswith(f"error {kind} ")


@pytest.fixture(scope="module")
def weston_line():
    """The line to a weston with the module as it was installed, which no bad command hurts."""
    with SeatWeston(devices=("pointer", "keyboard", "touch")) as made:

        def send(data):
            made._control._ours.send(data)
            return [made._control._ours.recv(4096).decode()]

        yield send


@pytest.mark.parametrize("seed", SEEDS)
def test_random_commands_are_answered_and_hurt_nothing(seed, under_sanitizers, line):
    chance = random.Random(seed)
    for _ in range(COMMANDS_OF_SEED):
        text = chance.choice(LIKELY)
        if chance.random() < 0.3:
            text = " ".join(chance.choices(WORDS, k=chance.randrange(1, 9)))
        if text.startswith(("tick wait", "windows wait", "exit")) and chance.random() < 0.9:
            continue
        waits = text.startswith(("tick", "windows"))
        answers = line(text.encode()) if not waits else line(text.encode(), answers=0)
        if waits:
            # Answered now or by the next command, which then has two answers.
            told = line(b"ping", answers=2)
            assert told[1].startswith("ok weston"), (text, told)
            answers = told[:1]
        assert answers[0].startswith(("ok", "error ")), (text, answers)

    assert under_sanitizers.is_running


def test_descriptors_that_come_with_a_command_do_not_pile_up(under_sanitizers, line):
    def held():
        return len(os.listdir(f"/proc/{under_sanitizers.pid}/fd"))

    counts = []
    with open(os.devnull, "rb") as file:
        for _ in range(3):
            for command in (b"ping", b"keyboard add", b"fly", b""):
                line(command, [file.fileno()] * 20)
            counts.append(held())

    assert counts[0] == counts[-1]


def test_a_keymap_that_is_none_is_refused(under_sanitizers, line):
    line(b"keyboard remove")
    under_sanitizers.ask("seat remove")
    line(b"seat add")
    with open(os.devnull, "rb") as file:
        assert line(b"keyboard add", [file.fileno()]) == ["error failed the keymap cannot be read"]
    text = os.memfd_create("keymap")
    os.write(text, b"xkb_keymap { nonsense")
    assert line(b"keyboard add", [text]) == ["error failed the keymap cannot be read"]
    os.close(text)

    assert line(b"keyboard add") == ["ok"]


def test_the_end_of_the_line_ends_weston():
    with SeatWeston() as weston:
        descriptor = os.pidfd_open(weston.pid)
        weston._control.close()
        weston._running.wait(5)

        assert os.waitid(os.P_PIDFD, descriptor, os.WEXITED | os.WNOWAIT).si_status == 0
        os.close(descriptor)


def test_clients_see_the_registry_of_any_weston(raw_client):
    with SeatWeston() as ours, Weston(named=True, screenshooter=True, shell="kiosk") as stock:
        mine, theirs = (raw_client(each.client_socket).globals() for each in (ours, stock))

    assert {name for _, name, _ in mine} - {name for _, name, _ in theirs} == {"wl_seat"}


def test_without_the_line_weston_does_not_start(major):
    weston = Weston(modules=[str(module_path(f"{major}.0"))])
    with pytest.raises(Exception, match="WAYFOLD_CONTROL_FD names no socket"):
        weston.start()


def test_without_the_module_the_seat_names_its_package(monkeypatch):
    from wayfold.testing import here

    monkeypatch.setattr(here, "module_path", lambda version: None)
    with pytest.raises(CapabilityMissing, match="install the package libweston-"):
        SeatWeston().start()


def test_windows_are_where_they_were_in_the_run_before(open_desk):
    places = []
    for _ in range(2):
        with SeatWeston(shell="desktop", size=(800, 600)) as weston:
            shown = open_desk(weston).shown
            places.append((shown.x, shown.y))

    assert places[0] == places[1]


def test_a_start_that_fails_shows_the_log():
    weston = SeatWeston(arguments=["--no-such-option"])
    with pytest.raises(CompositorFailed, match="unhandled option: --no-such-option"):
        weston.start()

    assert not weston.runtime_directory.exists()


def test_a_start_that_takes_too_long_is_given_up(mute_program):
    mute_program("weston")
    weston = SeatWeston(timeout=0.2)
    with pytest.raises(CompositorTimeout, match=r"did not answer in 0\.2 s"):
        weston.start()

    assert not weston.is_running


def test_frozen_it_is_told_and_thawed_it_is_in_step_again():
    with SeatWeston() as weston:
        weston.freeze()
        for command in ("motion 1 1", "output list"):
            with pytest.raises(CompositorTimeout, match=f"nothing came of '{command}' in 0"):
                weston.ask(command, timeout=0.05)
        weston.thaw()

        assert weston.outputs.names == ("HEADLESS-1",)
        assert weston.ask("ping").startswith("weston")


def test_many_leave_no_descriptor_and_no_directory(open_descriptors):
    counts = []
    for _ in range(5):
        with SeatWeston() as weston:
            weston.screenshot()
        counts.append(open_descriptors())

    assert counts[1] == counts[-1]
    assert not weston.runtime_directory.exists()


@pytest.mark.parametrize("part", ["seat", "outputs", "frame_clock", "windows"])
def test_before_its_start_it_has_nothing(part):
    with pytest.raises(ValueError, match="weston has not been started"):
        getattr(SeatWeston(), part)


@pytest.mark.parametrize("refuses", [True, False])
def test_started_again_it_has_its_socket_its_seat_and_its_outputs(refuses):
    with SeatWeston(outputs=2) as weston:
        weston.screenshot()
        before = weston.pid
        weston.restart(refuses=refuses)

        assert weston.pid != before
        assert weston.outputs.names == ("HEADLESS-1", "HEADLESS-2")
        weston.seat.pointer.move(1, 1)
        assert weston.screenshot().width == 1024
        weston.connect().close()
