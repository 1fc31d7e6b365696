"""Sway, headless: outputs that come and go, virtual input, foreign toplevels."""

import json
import socket
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wayfold.testing.compositor import Compositor
from wayfold.testing.environment import wlroots_environment
from wayfold.testing.failures import CapabilityMissing, CommandRefused
from wayfold.testing.fifo import READY_NAME, Fifo
from wayfold.testing.keymap import keymap_of
from wayfold.testing.outputs import Outputs
from wayfold.testing.process import Command, unprivileged
from wayfold.testing.programs import require, version_of
from wayfold.testing.readiness import Deadline, HungUp, TimedOut
from wayfold.testing.seat import Seat
from wayfold.testing.shown import Window
from wayfold.testing.sway_seat import SwayDevices, SwaySockets, windows_of

__all__ = ["Sway"]

_MAGIC = b"i3-ipc"
_HEAD = struct.Struct("=6sII")
_RUN_COMMAND, _SUBSCRIBE, _GET_OUTPUTS, _GET_TREE = 0, 2, 3, 4
_IPC_NAME = "ipc"

# sway runs exec lines once its sockets listen; then somebody who waits for the fifo gets the name.
_CONFIG = """
xwayland disable
default_border none
output * resolution {width}x{height} scale {scale}
exec echo $WAYLAND_DISPLAY >$XDG_RUNTIME_DIR/ready
"""


class Sway(Compositor):
    """A headless sway for any number of clients, with up to eight outputs at its start.

    Its outputs are called HEADLESS-1 and so on; `size` is in pixels. It runs as the user `nobody`
    where the tests run as root, since sway 1.7 refuses root. With `seat` the devices of its seat
    are there from the start, and not from the first use of `seat` on. `layout` is the keyboard's,
    as for setxkbmap; `config` is added to sway's configuration.
    """

    name = "sway"

    def __init__(
        self,
        *,
        size: tuple[int, int] = (1280, 720),
        outputs: int = 1,
        scale: float = 1.0,
        seat: bool = False,
        layout: str = "us",
        config: str = "",
        arguments: Sequence[str] = (),
        timeout: float = 10.0,
    ) -> None:
        super().__init__(timeout=timeout)
        self._layout = layout
        self._seat: Seat | None = None
        self._has_seat = seat
        if not 0 <= outputs <= 8 or min(*size, scale) <= 0:
            raise ValueError(f"{outputs} outputs of {size} at scale {scale} cannot be had")
        self._user = unprivileged()
        self._output_count = outputs
        width, height = size
        self._config = _CONFIG.format(width=width, height=height, scale=scale) + config
        self._given = tuple(arguments)

    def start(self) -> None:
        """Start it and wait for its answer; raises the errors of wayfold.testing.failures."""
        super().start()
        if self._has_seat:
            _ = self.seat

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        program = require("sway")
        configuration = directory / "config"
        configuration.write_text(self._config)
        configuration.chmod(0o644)  # sway may be another user, and our umask may be any
        self._seat = None
        # Of a run before this one: sway would name its socket otherwise.
        (directory / _IPC_NAME).unlink(missing_ok=True)
        with Fifo(directory / READY_NAME, self._user) as ready:
            command = [program, f"--config={configuration}", *self._given]
            process = self._run(Command(command, self._environment(directory), self._user))
            self._display = ready.line(process.descriptor, deadline)
        self._client_socket = self.connect()

    def _environment(self, directory: Path) -> dict[str, str]:
        return {
            **wlroots_environment(directory, self._output_count),
            "SWAYSOCK": str(directory / _IPC_NAME),
        }

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the environment in which a program finds this compositor and no other."""
        return {**super().environment, "SWAYSOCK": str(self.runtime_directory / _IPC_NAME)}

    @property
    def told_outputs(self) -> list[Mapping[str, Any]]:
        """Give what sway tells about its outputs, in the words of sway-ipc(7)."""
        found: list[Mapping[str, Any]] = self._ask(_GET_OUTPUTS)
        return found

    @property
    def tree(self) -> Mapping[str, Any]:
        """Give sway's tree of windows, in the words of sway-ipc(7)."""
        found: Mapping[str, Any] = self._ask(_GET_TREE)
        return found

    def command(self, text: str) -> None:
        """Run sway commands, as in sway(5); raises CommandRefused."""
        for answer in self._ask(_RUN_COMMAND, text):
            if not answer["success"]:
                raise CommandRefused(text, answer.get("error", "no reason given"))

    def create_output(self) -> str:
        """Plug in an output and give its name."""
        before = self._output_names()
        self.command("create_output")
        (created,) = self._output_names() - before
        return created

    @property
    def can_remove_outputs(self) -> bool:
        """True where this sway knows `output NAME unplug`; 1.7 does not."""
        version = version_of(require("sway")) or "0"
        return tuple(map(int, version.split(".")[:2])) > (1, 7)

    def remove_output(self, name: str) -> None:
        """Unplug an output; raises CapabilityMissing in sway 1.7, which cannot."""
        if not self.can_remove_outputs:
            reason = "sway unplugs outputs from 1.8 on; an older one is here"
            raise CapabilityMissing(["hotplug"], [reason])
        self.command(f"output {name} unplug")

    @property
    def seat(self) -> Seat:
        """Give its seat; the first use plugs a virtual pointer and keyboard in, which stay."""
        if self._seat is None:
            with self._told():
                keymap = keymap_of(self._layout)
                devices = SwayDevices(self._observe(), self, keymap, self._told)
            self._seat = Seat(devices, keymap)
        return self._seat

    @property
    def outputs(self) -> Outputs:
        """Give its outputs."""
        return Outputs(SwaySockets(self))

    @property
    def windows(self) -> list[Window]:
        """Give the windows that are visible."""
        return windows_of(self.tree)

    def wait_for_windows(self, count: int = 1, *, timeout: float = 5.0) -> list[Window]:
        """Wait until so many windows are visible, and give them."""
        deadline = Deadline(timeout)
        with self._told(), self._ipc() as ipc:
            _say(ipc, _SUBSCRIBE, '["window"]')
            while len(found := self.windows) < count:
                deadline.wait(ipc.fileno(), self._running.descriptor)
                _hear(ipc)
        return found

    def _output_names(self) -> set[str]:
        return {output["name"] for output in self.told_outputs}

    def _ask(self, kind: int, text: str = "") -> Any:
        with self._told(), self._ipc() as ipc:
            _say(ipc, kind, text)
            return _hear(ipc)

    def _ipc(self) -> socket.socket:
        ipc = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        ipc.settimeout(self._timeout)
        try:
            ipc.connect(str(self.runtime_directory / _IPC_NAME))
        except OSError as error:
            ipc.close()
            raise HungUp from error
        return ipc


def _say(ipc: socket.socket, kind: int, text: str) -> None:
    payload = text.encode()
    ipc.sendall(_HEAD.pack(_MAGIC, len(payload), kind) + payload)


def _hear(ipc: socket.socket) -> Any:
    try:
        _, length, _ = _HEAD.unpack(_exactly(ipc, _HEAD.size))
        return json.loads(_exactly(ipc, length))
    except TimeoutError as error:
        raise TimedOut from error


def _exactly(sock: socket.socket, length: int) -> bytes:
    received = b""
    while len(received) < length:
        piece = sock.recv(length - len(received))
        if not piece:
            raise HungUp
        received += piece
    return received
