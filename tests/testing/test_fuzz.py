"""Damage by chance: the client bears it; what a client does not bear is kept and comes again."""

import json
import subprocess
import sys

import pytest

import wayfold
from wayfold.testing import FuzzFailed, fuzz, replay
from wayfold.testing.fuzz import Case

LIMIT_S = 0.2


def a_session(server):
    """Connect, open a window, draw; give up soon where an answer was lost."""
    with wayfold.connect(server.client_socket, timeout=LIMIT_S) as client:
        client.window("fuzzed", 32, 32, draw=lambda canvas: canvas.number < 3)
        client.roundtrip(timeout=LIMIT_S)
        client.roundtrip(timeout=LIMIT_S)


def fragile(server):
    """Connect with a handler that takes every event for what it should be."""
    with wayfold.connect(server.client_socket, bind=(), timeout=LIMIT_S) as client:
        client.on("wl_shm.format", lambda record: 100 // (record.data["format"] < 2))
        client.bind("wl_shm")
        client.roundtrip(timeout=LIMIT_S)


def found(folder, check=fragile):
    with pytest.raises(FuzzFailed) as caught:
        fuzz(check, folder=folder, seeds=range(2000), allowed=wayfold.WayfoldError)
    return caught.value


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_client_bears_whatever_comes(first, tmp_path, open_descriptors):
    before = open_descriptors()
    count = fuzz(
        a_session,
        folder=tmp_path,
        seeds=range(first, first + 50),
        allowed=wayfold.WayfoldError,
    )

    assert count == 50
    assert list(tmp_path.iterdir()) == []
    assert open_descriptors() == before


def test_what_breaks_a_client_is_told_with_the_steps_it_takes(tmp_path):
    failed = found(tmp_path)

    assert isinstance(failed.__cause__, ZeroDivisionError)
    assert len(failed.steps) == 1
    assert str(failed) == (
        f"seed {failed.seed}: ZeroDivisionError: integer division or modulo by zero\n"
        f"with\n  {failed.steps[0]}\n"
        f"saved to {tmp_path}/fuzz-{failed.seed}.json, for replay"
    )


def test_a_saved_case_comes_again(tmp_path):
    failed = found(tmp_path)
    with pytest.raises(ZeroDivisionError) as caught:
        replay(failed.path, fragile, allowed=wayfold.WayfoldError)

    assert caught.value.__notes__ == [f"with {failed.steps[0]} (seed {failed.seed})"]
    replay(failed.path, a_session, allowed=wayfold.WayfoldError)


def test_a_seed_is_always_the_same_case():
    assert Case.of(7) == Case.of(7)
    assert Case.of(7).steps != Case.of(8).steps


def test_a_case_that_takes_the_process_with_it_is_there_too(tmp_path):
    program = f"""
import os
from wayfold.testing import fuzz
fuzz(lambda server: os.abort(), folder={str(tmp_path)!r}, seeds=[7])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True)
    case = Case.load(tmp_path / "fuzz-7.json")

    assert done.returncode < 0
    assert case == Case.of(7)
    assert "process ended" in json.loads((tmp_path / "fuzz-7.json").read_text())["failure"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "Expecting value"), ("{}", "format"), ('{"format": 2}', "of format 2, and 1 is known")],
)
def test_a_file_that_holds_no_case_is_refused(text, why, tmp_path):
    (tmp_path / "case.json").write_text(text)
    with pytest.raises(ValueError, match=f"holds no case of a fuzz test: .*{why}"):
        replay(tmp_path / "case.json", a_session)


def test_a_program_that_is_not_ours_ends_by_itself_whatever_comes(tmp_path):
    def check(server):
        path = tmp_path / "wayland-0"
        server.listen(str(path))
        done = subprocess.run(
            ["/usr/bin/wayland-info"],
            env={"WAYLAND_DISPLAY": str(path)},
            capture_output=True,
            timeout=LIMIT_S,
        )
        assert done.returncode >= 0, done.stderr

    fuzz(check, folder=tmp_path, seeds=range(30), allowed=subprocess.TimeoutExpired)
