"""`wayfold matrix` runs a program under every compositor that is installed."""

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from wayfold.cli.hosts import HOSTS

WITH_SEAT = ["weston-seat", "sway", "cage", "mutter"]


def rows(wayfold, *arguments):
    done = wayfold("matrix", "--json", *arguments)
    return done.returncode, {row["compositor"]: row for row in json.loads(done.stdout)}


def test_a_program_that_runs_everywhere_gives_a_table_and_0(wayfold):
    done = wayfold("matrix", "--", "wayland-info")
    plan, heading, *lines = done.stdout.splitlines()

    assert (done.returncode, done.stderr) == (0, "")
    assert plan == "wayland-info, under 4 compositors, up to 30 s each"
    assert heading.split() == ["compositor", "version", "exit", "time", "can", "do"]
    assert [line.split()[0] for line in lines] == WITH_SEAT
    assert {line.split()[2] for line in lines} == {"0"}


def test_a_program_that_needs_a_seat_finds_one_under_each_compositor(wayfold):
    status, found = rows(wayfold, "foot", "-e", "true")

    assert status == 0
    assert list(found) == WITH_SEAT


def test_a_weston_without_a_seat_is_shown_where_it_is_asked_for(wayfold):
    status, found = rows(wayfold, "--no-seat", "foot", "-e", "true")

    assert status == 1
    assert set(found) == set(HOSTS)
    assert {name for name, row in found.items() if row["exit_code"]} == {"weston-named"}
    assert "no seats available" in found["weston-named"]["output"]
    assert found["weston-named"]["complaint"].startswith("it has no seat")
    for row in found.values():
        assert "seat" in row["capabilities"] or row["compositor"] != "weston-seat"
        assert row["version"][0].isdigit()
        assert row["time_ms"] > 0


def test_what_a_failing_program_says_is_shown_under_the_table(wayfold):
    done = wayfold("matrix", "sh", "-c", "echo one; echo two >&2; exit 3")

    assert done.returncode == 1
    assert done.stdout.count("exit code 3\n  one\n  two\n") == len(WITH_SEAT)


def test_a_program_that_takes_too_long_is_told_with_124(wayfold):
    status, found = rows(wayfold, "--timeout", "0.1", "sleep", "1000")

    assert status == 1
    assert {row["exit_code"] for row in found.values()} == {124}
    assert found["sway"]["complaint"] == "not ended after 0.1 s, and so ended"


def test_a_program_reads_nothing(wayfold):
    status, _ = rows(wayfold, "sh", "-c", "read line && exit 1; exit 0")

    assert status == 0


def test_a_program_that_is_interrupted_ends_the_rest_too(wayfold):
    status, found = rows(wayfold, "sh", "-c", "kill -INT $$")

    assert status == 130
    assert list(found) == WITH_SEAT[:1]


def test_a_terminal_is_told_what_is_waited_for(on_terminal):
    _, written = on_terminal("matrix", "--timeout", "1", "sleep", "1000")

    assert "sleep 1000, under 4 compositors, up to 1 s each" in written
    assert "weston-seat: 0 of 1 s" in written
    assert "mutter: 1 of 1 s" in written


def test_it_fits_a_terminal(on_terminal):
    status, written = on_terminal("matrix", "true")

    assert status == 0
    assert max(map(len, written.replace("\x1b[K", "").splitlines())) <= 80


def test_only_what_is_installed_is_run(wayfold):
    with tempfile.TemporaryDirectory() as directory:
        Path(directory).chmod(0o755)  # sway runs as nobody, who must reach it
        for tool in ("sway", "sh", "true"):
            (Path(directory) / tool).symlink_to(shutil.which(tool))
        done = wayfold("matrix", "true", PATH=directory)

    assert done.returncode == 0, done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["sway"]


def test_without_any_compositor_it_is_told_with_1(wayfold):
    done = wayfold("matrix", "true", PATH="/nowhere")

    assert done.returncode == 1
    assert done.stderr.startswith("wayfold matrix: no compositor is installed; known here: weston")


@pytest.mark.parametrize("arguments", [(), ("--",)])
def test_without_a_command_it_is_wrong_use(wayfold, arguments):
    done = wayfold("matrix", *arguments)

    assert done.returncode == 2
    assert "a COMMAND is needed" in done.stderr
