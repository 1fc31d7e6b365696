"""Cage: a /tmp of its own, nobody's rights, nothing left."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.testing import CompositorFailed
from wayfold.testing.cage import Cage


def traces():
    return {path.name for path in Path("/tmp").glob(".X*-lock")} | set(x_sockets())


def x_sockets():
    folder = Path("/tmp/.X11-unix")
    return os.listdir(folder) if folder.exists() else []


def test_programs_find_it_by_its_environment():
    with Cage(outputs=2) as cage:
        command = ["wayland-info"]
        told = subprocess.run(command, env=cage.environment, capture_output=True, text=True).stdout

    assert told.count("'wl_output'") == 2
    assert "'wl_seat'" in told
    assert "width: 1280 px, height: 720" in told


def test_what_it_makes_in_tmp_is_seen_by_nobody_and_gone_when_it_is_killed():
    before = traces()
    with Cage() as cage:
        assert [path.name for path in (cage.runtime_directory / "tmp").glob(".X*-lock")]
        assert traces() == before
        mounts = Path(f"/proc/{cage.pid}/mountinfo").read_text()
        os.kill(cage.pid, signal.SIGKILL)
        assert " /tmp " in mounts
        assert str(cage.runtime_directory) not in Path("/proc/self/mountinfo").read_text()
        cage.kill()

    assert traces() == before
    assert not cage.runtime_directory.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_it_runs_as_nobody_where_the_tests_are_root():
    with Cage() as cage:
        assert os.stat(f"/proc/{cage.pid}").st_uid == os.stat(cage.runtime_directory).st_uid != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_without_root_it_needs_a_user_namespace_only():
    program = """
import os, pwd
from wayfold.testing.cage import Cage
nobody = pwd.getpwnam("nobody")
os.setgroups([]), os.setgid(nobody.pw_gid), os.setuid(nobody.pw_uid)
with Cage() as cage:
    print(os.stat(f"/proc/{cage.pid}").st_uid == nobody.pw_uid, cage.display)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True /tmp/")


def test_two_at_once_do_not_meet():
    with Cage() as first, Cage() as second:
        for cage in (first, second):
            with socket.socket(socket.AF_UNIX) as sock:
                sock.connect(cage.display)
        assert first.display != second.display


def test_a_start_that_fails_shows_the_log():
    with pytest.raises(CompositorFailed, match="invalid option"):
        Cage(arguments=["-x"]).start()


@pytest.mark.parametrize("outputs", [0, 9])
def test_outputs_that_cannot_be_are_refused(outputs):
    with pytest.raises(ValueError, match=f"not {outputs}"):
        Cage(outputs=outputs)
