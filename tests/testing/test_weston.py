"""Weston as a fixture: ready when it is given, told apart when it fails."""

import os
import shutil
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CompositorFailed,
    CompositorMissing,
    CompositorTimeout,
    Weston,
)

SYNC_AND_DELETE = [(3, 0), (1, 1)]
OF_NO_MODULE = """#!/bin/sh
[ "$1" = --version ] && echo weston 11.0.0 && exit
for option
do
    shift
    case $option in --use-*) option={option}${{option#--use-}} ;; esac
    set -- "$@" "$option"
done
exec {weston} "$@"
"""


def interfaces(client):
    return [interface for _, interface, _ in client.globals()]


def test_the_given_connection_is_as_good_as_new(weston, raw_client):
    client = raw_client(weston.client_socket)

    assert client.get_registry() == 2
    frames = client.roundtrip()
    assert [(frame.object_id, frame.opcode) for frame in frames[-2:]] == SYNC_AND_DELETE


def test_one_client_has_what_a_window_needs(weston, raw_client):
    found = interfaces(raw_client(weston.client_socket))

    assert {"wl_compositor", "wl_shm", "wl_output", "xdg_wm_base"} <= set(found)
    assert found.count("wl_output") == 1


def test_several_clients_come_by_name(weston_named, raw_client):
    for _ in range(3):
        sock = socket.socket(socket.AF_UNIX)
        sock.connect(weston_named.display)
        assert "wl_compositor" in interfaces(raw_client(sock))


@pytest.fixture
def weston_without_module(tmp_path, monkeypatch):
    """A weston that says it is of a version for which wayfold has no module."""
    path = shutil.which("weston")
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    option = "--use-" if int(told.stdout.split()[1].split(".")[0]) < 12 else "--renderer="
    (tmp_path / "weston").write_text(OF_NO_MODULE.format(weston=path, option=option))
    (tmp_path / "weston").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with Weston(named=True) as made:
        yield made


def test_without_our_module_weston_takes_the_socket_over_by_its_own(
    weston_without_module, raw_client
):
    weston_without_module.restart(refuses=False)

    assert "wl_compositor" in interfaces(raw_client(weston_without_module.connect()))
    command = Path(f"/proc/{weston_without_module.pid}/cmdline").read_text()
    assert "--modules=systemd-notify.so" in command


def test_programs_find_it_by_its_environment(weston_named):
    told = subprocess.run(
        ["wayland-info"], env=weston_named.environment, capture_output=True, text=True, check=True
    )

    assert "'wl_compositor'" in told.stdout


def test_it_has_no_name_for_one_client(weston):
    with pytest.raises(CapabilityMissing, match="serves one client only"):
        _ = weston.display


def test_it_sees_nothing_of_the_session_around_it(weston, monkeypatch):
    with open(f"/proc/{weston.pid}/environ", "rb") as file:
        names = {entry.split(b"=")[0] for entry in file.read().split(b"\0") if entry}

    assert names <= {
        *(b"PATH", b"HOME", b"LANG", b"LC_ALL", b"TZ", b"XDG_RUNTIME_DIR"),
        *(b"LD_LIBRARY_PATH", b"XDG_DATA_DIRS", b"XKB_CONFIG_ROOT", b"WAYLAND_SERVER_SOCKET"),
    }


def test_its_directory_is_private_and_short(weston):
    assert weston.runtime_directory.stat().st_mode & 0o777 == 0o700
    assert len(str(weston.runtime_directory)) < 40


@pytest.mark.compositor(size=(800, 600), scale=2)
def test_size_and_scale_are_those_asked_for(weston_named):
    told = subprocess.run(
        ["wayland-info", "-i", "wl_output"],
        env=weston_named.environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "width: 1600 px, height: 1200 px" in told
    assert "scale: 2" in told


@pytest.mark.compositor(outputs=0)
def test_it_can_have_no_output(weston, raw_client):
    assert "wl_output" not in interfaces(raw_client(weston.client_socket))


@pytest.mark.compositor(config="[libinput]\nenable-tap=true\n", screenshooter=True)
def test_options_reach_its_command_line_and_its_file(weston):
    assert "--debug" in weston.log
    assert "enable-tap=true" in (weston.runtime_directory / "weston.ini").read_text()


@pytest.mark.parametrize(
    "options",
    [{"outputs": 2}, {"renderer": "vulkan"}, {"shell": "fish"}, {"size": (0, 1)}, {"scale": 0}],
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match="|".join(options).rstrip("s")):
        Weston(**options)


@pytest.mark.parametrize("named", [False, True])
def test_a_start_that_fails_shows_the_log(named):
    weston = Weston(named=named, arguments=["--no-such-option"])
    with pytest.raises(CompositorFailed, match="unhandled option: --no-such-option") as failure:
        weston.start()

    assert failure.value.exit_status == 1
    assert not weston.runtime_directory.exists()


@pytest.mark.parametrize("named", [False, True])
def test_a_start_that_takes_too_long_is_given_up(named, mute_program):
    mute_program("weston")
    weston = Weston(named=named, timeout=0.1)
    with pytest.raises(CompositorTimeout, match=r"did not answer in 0\.1 s"):
        weston.start()

    assert not weston.is_running
    assert not weston.runtime_directory.exists()


def test_a_missing_program_names_its_package(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(CompositorMissing, match="install the package weston"):
        Weston().start()


def test_frozen_it_answers_nothing_and_thawed_it_goes_on(weston, raw_client):
    client = raw_client(weston.client_socket)
    weston.freeze()
    client.sync()
    client.socket.settimeout(0.05)
    with pytest.raises(TimeoutError):
        client.read()
    weston.thaw()
    client.socket.settimeout(5)

    assert [frame.object_id for frame in client.read()] == [2, 1]


def test_it_answers_until_it_is_frozen_or_gone(weston_named):
    assert weston_named.answers()
    weston_named.freeze()
    assert not weston_named.answers(0.05)
    weston_named.kill()
    assert not weston_named.answers()


def test_frozen_it_can_be_stopped(raw_client):
    with Weston(named=True) as weston:
        weston.freeze()

    assert not weston.runtime_directory.exists()


def test_killed_it_hangs_up_and_leaves_a_dead_socket(weston_named, raw_client):
    client = raw_client(weston_named.client_socket)
    weston_named.kill()

    assert client.read() == []
    with pytest.raises(ConnectionRefusedError), socket.socket(socket.AF_UNIX) as sock:
        sock.connect(weston_named.display)


def test_a_crash_is_told_at_the_end():
    with pytest.raises(CompositorFailed, match="crashed: killed by SIGSEGV"), Weston() as weston:
        os.kill(weston.pid, signal.SIGSEGV)
        weston.client_socket.settimeout(5)
        assert weston.client_socket.recv(1) == b""


def test_a_crash_does_not_hide_the_tests_own_failure():
    with pytest.raises(KeyError) as failure, Weston() as weston:
        os.kill(weston.pid, signal.SIGSEGV)
        weston.client_socket.recv(1)
        raise KeyError("the test's own")

    assert "SIGSEGV" in failure.value.__notes__[0]


def test_its_last_client_may_leave_first():
    with Weston() as weston:
        weston.client_socket.close()

    assert "Primary client died" in weston.log or not weston.is_running


def test_the_log_outlives_it():
    with Weston() as weston:
        pass

    assert "weston 1" in weston.log
    assert not weston.is_running


def test_many_leave_no_descriptor_no_process_and_no_directory(open_descriptors):
    with Weston() as weston:
        parent = weston.runtime_directory.parent
    before = open_descriptors(), set(parent.iterdir())
    for _ in range(10):
        with Weston(named=True):
            pass

    assert (open_descriptors(), set(parent.iterdir())) == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-weston.pid, os.WNOHANG)


def test_several_can_be_started_at_once(raw_client):
    westons = [Weston() for _ in range(4)]
    threads = [threading.Thread(target=weston.start) for weston in westons]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for weston in westons:
        assert "wl_shm" in interfaces(raw_client(weston.client_socket))
        weston.stop()
