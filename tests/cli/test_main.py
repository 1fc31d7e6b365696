"""What every command has: help, exit codes, quiet pipes, plain text where that is wanted."""

import re
import signal
import subprocess
from itertools import cycle

import pytest

from wayfold.log import Log

COMMANDS = (
    "demo",
    "info",
    "watch",
    "record",
    "log",
    "state",
    "diff",
    "why",
    "timeline",
    "verify",
    "parked",
    "outage",
    "run",
    "matrix",
    "doctor",
)
ESCAPE = "\x1b"


def test_help_names_every_command(wayfold):
    done = wayfold("--help")

    assert done.returncode == 0
    assert tuple(re.findall(r"^    (\w+)", done.stdout, re.MULTILINE)) == COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example_and_fits_the_terminal(wayfold, command):
    done = wayfold(command, "--help")

    assert done.returncode == 0
    assert f"example: wayfold {command}" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "arguments",
    [(), ("none",), ("watch", "--for", "-1"), ("watch", "--for", "soon"), ("info", "extra"),
     ("demo", "--frames", "0"), ("watch", "--bind", "wl_nothing"), ("diff", "file", "1"),
     ("watch", ""), ("log", "file", ""),
     ("outage", "run", "file", "--post", "http://x/", "--expect", "")],
)  # fmt: skip
def test_wrong_use_is_told_with_2(wayfold, arguments):
    done = wayfold(*arguments)

    assert done.returncode == 2
    assert done.stderr.startswith("usage: wayfold")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["info", "watch", "record"])
def test_without_a_compositor_it_is_told_with_1(wayfold, command):
    done = wayfold(command)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"wayfold {command}: neither WAYLAND_SOCKET nor WAYLAND_DISPLAY")


@pytest.mark.parametrize("command", ["run", "matrix", "watch", "doctor", "outage list"])
def test_an_unknown_option_is_told_with_the_commands_own_usage(wayfold, command):
    done = wayfold(*command.split(), "--bogus", "word")

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"usage: wayfold {command} [")
    assert f"wayfold {command}: error: unrecognized arguments: --bogus" in done.stderr


def test_only_what_is_needed_is_said_to_be_missing(wayfold):
    assert wayfold("log").stderr.endswith("arguments are required: FILE\n")
    assert max(map(len, wayfold().stderr.splitlines())) <= 80


def test_the_version_is_told(wayfold):
    import wayfold as package

    assert wayfold("--version").stdout == f"wayfold {package.__version__}\n"


def test_ctrl_c_ends_with_130_and_no_traceback(started, weston_named):
    running = started("watch", compositor=weston_named)
    assert running.stdout.readline()
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=20)

    assert (running.returncode, errors) == (130, "")


def test_a_pipe_that_closes_is_quiet(started, weston_named):
    for command in (("watch", "--for", "1"), ("info",)):
        running = started(*command, compositor=weston_named)
        running.stdout.close()
        assert running.stderr.read() == ""
        assert running.wait(20) == 0


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_what_the_terminal_has_no_character_for_is_escaped(wayfold, encoding):
    demo = ("demo", "--headless", "--frames", "3", "--output", "x.png")
    done = wayfold(*demo, PYTHONIOENCODING=encoding)

    assert done.returncode == 0
    assert "Error" not in done.stderr
    assert r"null \u2192" in done.stdout


@pytest.mark.parametrize("where", ["2>&-", "<&- 2>&-", "<&-"])
@pytest.mark.parametrize("command", [("info",), ("watch", "--for", "0"), ("doctor",)])
def test_complaints_that_nobody_hears_are_no_failure(redirected, command, where, weston_named):
    done = redirected(where, command, weston_named)

    assert (done.returncode, done.stderr) == (0, "")


WRITING = [
    "log lamps",
    "log lamps --json",
    "state lamps",
    "state lamps --json",
    "diff lamps 0 9",
    "why lamps connection.status",
    "verify lamps",
    "verify lamps --json",
    "timeline lamps -o page.html",
    "parked lamps",
    "outage list kiosk",
    "outage pending kiosk",
    "outage pending kiosk --json",
    "doctor --json",
    "info",
    "info --json",
    "watch --for 0.1",
    "--help",
    "log --help",
    "--version",
]


@pytest.mark.parametrize(("command", "unbuffered"), list(zip(WRITING, cycle(("", "1")))))
def test_an_output_that_takes_nothing_is_told(files, redirected, weston_named, command, unbuffered):
    full, closed, pipe = (
        redirected(where, command.split(), weston_named, cwd=files, PYTHONUNBUFFERED=unbuffered)
        for where in (">/dev/full", ">&-", "| true")
    )

    assert (full.returncode, closed.returncode, pipe.stderr) == (1, 1, "")
    assert re.fullmatch(TOLD.format("the disk is full: make room, or .*"), full.stderr)
    assert re.fullmatch(TOLD.format("it is closed: send it somewhere, .*"), closed.stderr)


TOLD = r"wayfold( \w+)?: the output cannot be written; {}\n"


def test_a_watch_goes_on_where_nobody_reads_what_it_says(started, tmp_path):
    url = "http://127.0.0.1:9/"
    watch = started(
        "outage", "run", "x", "--display", "none", "--post", url, "--after", "0.01s", "--for", "0.5"
    )
    watch.stderr.close()

    assert watch.wait(20) == 0
    with Log.open(tmp_path / "x", read_only=True) as log:
        assert log.expect("effect.attempted", after="error.occurred")


def test_an_error_is_not_told_among_what_was_asked_for(redirected, weston_named):
    done = redirected("2>&-", ("info", "--display", "none"), weston_named)

    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize("command", [("info",), ("watch", "--for", "0.1"), ("doctor",)])
def test_a_terminal_gets_lines_that_fit_and_a_pipe_gets_no_escapes(
    wayfold, on_terminal, weston_named, command
):
    status, written = on_terminal(*command, compositor=weston_named)
    plain = re.sub(r"\x1b\[\d*[mK]", "", written)
    piped = wayfold(*command, compositor=weston_named).stdout

    assert status == 0
    # A path is not cut, so that it can be copied.
    lines = [line for line in plain.splitlines() if not re.fullmatch(r" {4}/\S+", line)]
    assert max(map(len, lines)) <= 80
    assert ESCAPE not in piped
    assert (ESCAPE in written) is (command[0] != "watch")


@pytest.mark.parametrize("plain", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colour_can_be_refused(on_terminal, weston_named, plain):
    _, written = on_terminal("info", compositor=weston_named, **plain)

    assert ESCAPE not in written


def test_python_m_is_the_command_that_is_installed():
    import shutil
    import sys
    from pathlib import Path

    installed = shutil.which("wayfold", path=str(Path(sys.executable).parent))
    assert installed, "the package is not installed in this environment"
    done = subprocess.run([installed, "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("wayfold ")
