"""A client of raw bytes, so that the harness is not tested by what it tests."""

import os
import shutil
import socket
import tempfile
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import wayfold
from wayfold.testing.wire import Argument, Frame, decode, encode, receive, split, transmit

TIMEOUT_S = 5.0
MUTE = """#!/bin/sh
[ "$1" = --version ] && exec {path} --version
exec tail -f /dev/null
"""
DISPLAY, SYNC, GET_REGISTRY, BIND = 1, 0, 1, 0


class RawClient:
    """Numbers its objects from 2 and never reuses a number."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(TIMEOUT_S)
        self.socket = sock
        self.descriptors: deque[int] = deque()
        self._buffer = bytearray()
        self._last_id = 1

    def new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def request(self, object_id: int, opcode: int, signature: str, *given: Argument) -> None:
        transmit(self.socket, encode(object_id, opcode, signature, given))

    def get_registry(self) -> int:
        registry = self.new_id()
        self.request(DISPLAY, GET_REGISTRY, "n", registry)
        return registry

    def bind(self, registry: int, name: int, interface: str, version: int) -> int:
        bound = self.new_id()
        self.request(registry, BIND, "usun", name, interface, version, bound)
        return bound

    def sync(self) -> int:
        callback = self.new_id()
        self.request(DISPLAY, SYNC, "n", callback)
        return callback

    def read(self) -> list[Frame]:
        """Wait for something and give the messages that are whole; none at the end."""
        packet = receive(self.socket)
        self.descriptors.extend(packet.descriptors)
        self._buffer += packet.data
        return list(split(self._buffer))

    def roundtrip(self) -> list[Frame]:
        """Give all that comes before and with the answer to a sync."""
        callback = self.sync()
        frames: list[Frame] = []
        while callback not in {frame.object_id for frame in frames}:
            new = self.read()
            assert new or self._buffer, f"hung up after {frames}"
            frames += new
        return frames

    def globals(self) -> list[tuple[Argument, ...]]:
        registry = self.get_registry()
        return [
            decode("usu", frame.body, deque())
            for frame in self.roundtrip()
            if frame.object_id == registry
        ]


@pytest.fixture
def raw_client() -> Iterator[Callable[[socket.socket], RawClient]]:
    clients: list[RawClient] = []

    def make(sock: socket.socket) -> RawClient:
        clients.append(RawClient(sock))
        return clients[-1]

    yield make
    for client in clients:
        client.socket.close()


@pytest.fixture
def mute_program(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Put a program on the path that has a version and otherwise says nothing."""
    with tempfile.TemporaryDirectory() as directory:
        # Whoever the compositor runs as must reach it, which pytest's own directories forbid.
        Path(directory).chmod(0o755)

        def put(name: str) -> None:
            program = Path(directory) / name
            program.write_text(MUTE.format(path=shutil.which(name)))
            program.chmod(0o755)
            monkeypatch.setenv("PATH", directory, prepend=os.pathsep)

        yield put


class Desk:
    """A client of a compositor with one red window, which is shown when it is given."""

    def __init__(self, compositor, size=(200, 150), *, animated=False):
        self.compositor = compositor
        self.client = wayfold.connect(compositor.connect())
        self.animated = animated
        self.drawn = 0
        self.window = self.client.window("desk", *size, draw=self._draw, app_id="test.desk")
        self.client.run(until=lambda _: self.drawn, timeout=5)
        (self.shown,) = compositor.wait_for_windows()
        self.client.roundtrip()

    def _draw(self, canvas):
        self.drawn += 1
        canvas.data[:] = bytes((0, 0, 255, 255)) * (canvas.width * canvas.height)
        return self.animated

    def heard(self, *names):
        """Give what came of these events, as (name, data), until now."""
        self.client.roundtrip()
        wanted = self.client.log.records(name=names, origin="compositor")
        return [(record.name.partition(".")[2], record.data) for record in wanted]

    def close(self):
        self.client.close()


@pytest.fixture
def open_desk():
    """Open desks, and close them at the end of the test."""
    opened = []

    def open_it(compositor, **options):
        opened.append(Desk(compositor, **options))
        return opened[-1]

    yield open_it
    for each in opened:
        each.close()


@pytest.fixture
def desk(compositor, open_desk):
    """A client of the test's compositor with a red window that is shown."""
    return open_desk(compositor)
