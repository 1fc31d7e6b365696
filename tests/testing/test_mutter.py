"""Mutter: monitors as asked for, a session bus of its own, nothing left."""

import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from wayfold.testing import CompositorFailed, CompositorMissing
from wayfold.testing.mutter import Mutter


def test_monitors_are_as_asked_for():
    with Mutter(size=(800, 600), outputs=2) as mutter:
        command = ["wayland-info"]
        told = subprocess.run(
            command, env=mutter.environment, capture_output=True, text=True
        ).stdout

    assert told.count("'wl_output'") == 2
    assert told.count("width: 800 px, height: 600") == 2
    assert "'wl_seat'" in told


def test_its_bus_is_its_own_and_everything_ends_with_it():
    before = set(Path("/tmp").glob("dbus-*"))
    with Mutter() as mutter:
        members = group_of(mutter.pid)
        assert {"dbus-daemon", "mutter"} <= set(members.values())
        bus = mutter.environment["DBUS_SESSION_BUS_ADDRESS"]
        assert Path(bus.removeprefix("unix:path=")).is_socket()

    assert set(Path("/tmp").glob("dbus-*")) == before
    assert not group_of(mutter.pid)
    assert not mutter.runtime_directory.exists()


def group_of(leader):
    """Give the running processes of a group, by number."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = entry.read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        state, _, group, *_ = rest.split()
        if int(group) == leader and state != "Z":
            found[int(entry.parent.name)] = name
    return found


def test_a_crash_is_told_at_the_end():
    with pytest.raises(CompositorFailed, match="mutter crashed"), Mutter() as mutter:
        (pid,) = [pid for pid, name in group_of(mutter.pid).items() if name == "mutter"]
        os.kill(pid, signal.SIGSEGV)
        leader = os.pidfd_open(mutter.pid)
        assert select.select([leader], [], [], 20)[0]
        os.close(leader)


def test_without_its_bus_program_it_names_the_package(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CompositorMissing, match="install the package dbus-daemon"):
        Mutter().start()


def test_outputs_that_cannot_be_are_refused():
    with pytest.raises(ValueError, match="at least one output"):
        Mutter(outputs=0)
