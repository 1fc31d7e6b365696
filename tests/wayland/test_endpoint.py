"""Where the compositor is found, and what is said where it is not."""

import fcntl
import os
import socket
import threading
from contextlib import contextmanager

import pytest

import wayfold
from wayfold.errors import (
    ConnectionFailed,
    ConnectTimeout,
    NoDisplay,
    NoSuchSocket,
    NotListening,
    NotWayland,
)
from wayfold.wayland.endpoint import open_endpoint


@pytest.fixture
def listening(scripted_server, runtime_directory):
    scripted_server.listen(str(runtime_directory / "wayland-7"))
    return runtime_directory / "wayland-7"


@contextmanager
def answering(path, answer):
    """Listen at a path and give each connection to `answer` in a thread."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve():
            accepted, _ = listener.accept()
            with accepted:
                answer(accepted)

        thread = threading.Thread(target=serve)
        thread.start()
        yield
        thread.join()


def connects(display):
    with wayfold.connect(display) as client:
        return len(client.state.globals) == 4


def test_a_name_is_looked_up_in_the_runtime_directory(listening):
    assert connects("wayland-7")


def test_a_path_is_taken_as_it_is(listening, monkeypatch):
    monkeypatch.delenv("XDG_RUNTIME_DIR")

    assert connects(str(listening))
    assert connects(listening)


def test_the_display_is_read_from_the_environment(listening, monkeypatch):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-7")

    assert connects(None)


def test_a_socket_is_taken_over(scripted_server):
    sock = scripted_server.client_socket

    assert connects(sock)
    assert sock.fileno() == -1


def test_a_descriptor_is_taken_over(scripted_server):
    number = scripted_server.client_socket.detach()

    assert connects(number)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


def test_an_inherited_socket_is_used_once_and_not_inherited_further(
    scripted_server, runtime_directory, monkeypatch
):
    number = scripted_server.client_socket.detach()
    os.set_inheritable(number, True)
    monkeypatch.setenv("WAYLAND_SOCKET", str(number))
    monkeypatch.setenv("WAYLAND_DISPLAY", "nowhere")

    with wayfold.connect():
        assert "WAYLAND_SOCKET" not in os.environ
        assert fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC


def test_an_endpoint_that_nobody_takes_is_closed(listening, open_descriptors):
    before = open_descriptors()
    endpoint = open_endpoint(listening, {}, timeout_s=5)
    assert endpoint.descriptor.fileno() >= 0
    del endpoint

    assert open_descriptors() <= before + 1  # the server's end of it


def test_nothing_set_names_the_sockets_that_are_there(runtime_directory):
    (runtime_directory / "wayland-3").touch()
    (runtime_directory / "wayland-3.lock").touch()

    with pytest.raises(NoDisplay, match=r"`wayfold run -- COMMAND`.*: wayland-3\)"):
        wayfold.connect()


def test_nothing_set_at_all_is_said(monkeypatch, runtime_directory):
    monkeypatch.delenv("XDG_RUNTIME_DIR")

    with pytest.raises(NoDisplay, match="XDG_RUNTIME_DIR is not set either"):
        wayfold.connect()
    with pytest.raises(NoDisplay, match="'wayland-0' is a name within XDG_RUNTIME_DIR"):
        wayfold.connect("wayland-0")


def test_an_empty_name_is_told(runtime_directory):
    with pytest.raises(NoDisplay, match="name is empty"):
        wayfold.connect("")


def test_a_missing_socket_names_those_that_are_there(runtime_directory):
    (runtime_directory / "wayland-1").touch()

    with pytest.raises(
        NoSuchSocket, match=r"no socket .*/wayland-9 \(in .*: wayland-1\)"
    ) as caught:
        wayfold.connect("wayland-9")
    assert caught.value.display == str(runtime_directory / "wayland-9")


def test_a_missing_socket_in_a_missing_directory_is_said(runtime_directory):
    with pytest.raises(NoSuchSocket, match="cannot be read"):
        wayfold.connect(runtime_directory / "gone" / "wayland-0")


def test_a_stale_socket_is_not_listening(runtime_directory):
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(runtime_directory / "wayland-0"))

    with pytest.raises(NotListening, match="Connection refused"):
        wayfold.connect("wayland-0")


def test_a_plain_file_is_not_listening(runtime_directory):
    (runtime_directory / "wayland-0").touch()

    with pytest.raises(NotListening):
        wayfold.connect("wayland-0")


def test_a_path_too_long_for_a_socket_is_refused_with_its_limit(runtime_directory):
    with pytest.raises(NoSuchSocket, match="longer than the 107 bytes"):
        wayfold.connect("/tmp/" + "x" * 103)


@pytest.mark.parametrize("number", ["x", "-1", "3.5"])
def test_a_bad_inherited_socket_is_refused(number, runtime_directory, monkeypatch):
    monkeypatch.setenv("WAYLAND_SOCKET", number)

    with pytest.raises(ConnectionFailed, match="must be a descriptor's number"):
        wayfold.connect()


def test_a_closed_inherited_socket_is_refused(runtime_directory, monkeypatch):
    monkeypatch.setenv("WAYLAND_SOCKET", "987")

    with pytest.raises(ConnectionFailed, match="WAYLAND_SOCKET=987 is not an open socket"):
        wayfold.connect()


def test_an_internet_socket_is_refused_and_stays_the_callers(open_descriptors):
    with socket.socket(socket.AF_INET) as sock:
        before = open_descriptors()

        with pytest.raises(ConnectionFailed, match="a socket is not a Unix stream socket"):
            wayfold.connect(sock)
        assert sock.fileno() >= 0
        assert open_descriptors() == before


def test_a_closed_socket_is_refused():
    with socket.socket(socket.AF_UNIX) as sock:
        pass

    with pytest.raises(ConnectionFailed, match="a socket is not an open socket"):
        wayfold.connect(sock)


def test_a_file_is_not_a_socket(open_descriptors):
    reading, writing = os.pipe()
    before = open_descriptors()

    with pytest.raises(ConnectionFailed, match="is not an open socket"):
        wayfold.connect(reading)
    assert open_descriptors() == before
    os.close(reading)
    os.close(writing)


HTTP = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("answer", [b"", b"\n", b"\xff" * 64, HTTP, b"\0" * 4096])
def test_what_does_not_speak_wayland_is_told_so(answer, runtime_directory, open_descriptors):
    def reply(accepted):
        accepted.recv(1)
        accepted.sendall(answer)

    before = open_descriptors()
    with (
        answering(runtime_directory / "wayland-0", reply),
        pytest.raises(NotWayland, match="wayland-0 does not speak Wayland"),
    ):
        wayfold.connect("wayland-0", timeout=5)
    assert open_descriptors() == before


def test_a_server_that_closes_at_once_does_not_speak_wayland(runtime_directory):
    with (
        answering(runtime_directory / "wayland-0", lambda accepted: None),
        pytest.raises(NotWayland),
    ):
        wayfold.connect("wayland-0")


def test_a_silent_server_times_out(runtime_directory, open_descriptors):
    is_over = threading.Event()
    before = open_descriptors()

    with answering(runtime_directory / "wayland-0", lambda accepted: is_over.wait(5)):
        with pytest.raises(ConnectTimeout, match=r"did not answer within 0\.05 s"):
            wayfold.connect("wayland-0", timeout=0.05)
        is_over.set()
    assert open_descriptors() == before


@pytest.mark.parametrize("timeout", [0, 0.05])
def test_a_full_backlog_times_out(timeout, runtime_directory):
    with socket.socket(socket.AF_UNIX) as full, socket.socket(socket.AF_UNIX) as first:
        full.bind(str(runtime_directory / "wayland-0"))
        full.listen(0)
        first.connect(str(runtime_directory / "wayland-0"))

        with pytest.raises(ConnectTimeout, match=f"took no connection within {timeout} s"):
            wayfold.connect("wayland-0", timeout=timeout)


@pytest.mark.parametrize("timeout", [1e300, float("inf"), None])
def test_a_timeout_may_be_as_long_as_anybody_wants(timeout, listening):
    with wayfold.connect(listening, timeout=timeout) as client:
        client.roundtrip(timeout=timeout)


def test_a_display_whose_path_is_no_utf_8_is_told_by_escapes(weston_named, tmp_path):
    path = os.fsencode(tmp_path) + b"/\xff"
    os.symlink(weston_named.display, path)
    with wayfold.connect(os.fsdecode(path)) as client:
        (opened,) = client.log.records(name="connection.opened")

    assert opened.data["display"] == f"{tmp_path}/\\udcff"
