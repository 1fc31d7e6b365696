"""Weston with wayfold's module: its seat, its outputs and its clock are the test's."""

import os
import re
import socket
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import NamedTuple, Protocol

from wayfold.testing.control import ControlLine
from wayfold.testing.environment import private_environment
from wayfold.testing.failures import CapabilityMissing
from wayfold.testing.frame_clock import FrameClock
from wayfold.testing.here import standing
from wayfold.testing.keymap import Keymap, keymap_of
from wayfold.testing.module import module_path
from wayfold.testing.outputs import TRANSFORMS, Output, Outputs, Shape
from wayfold.testing.process import Command
from wayfold.testing.readiness import Deadline, HungUp, TimedOut
from wayfold.testing.seat import Device, Seat
from wayfold.testing.shown import Window
from wayfold.testing.tiers import tier
from wayfold.testing.weston import Weston, listening_at

__all__ = ["SeatWeston"]

_DEVICES: tuple[Device, ...] = ("pointer", "keyboard")
_MOST_OUTPUTS = 32  # a bit each in libweston's numbers; one more would end weston
# As weston's shells label windows: top-level window 'title' of application
_LABEL = re.compile(r"^.*? window(?: '(?P<title>.*)')?(?: of (?P<app_id>\S*))?$")


class SeatWeston(Weston):
    """A headless weston for any number of clients, moved by the test and not by its clients.

    `devices` are those of its seat from the start, none for no seat. Its outputs are called
    HEADLESS-1 and so on; `size` is in pixels. The kiosk shell centres windows and tells them the
    output's size; `shell="desktop"` places them by weston's random numbers, which are the same in
    each run. `layout` is the keyboard's, as for setxkbmap; `module` is loaded in place of the one
    that was installed.
    """

    name = "weston"

    def __init__(
        self,
        *,
        size: tuple[int, int] = (1024, 640),
        outputs: int = 1,
        scale: int = 1,
        devices: Sequence[Device] = _DEVICES,
        shell: str = "kiosk",
        layout: str = "us",
        module: Path | None = None,
        config: str = "",
        arguments: Sequence[str] = (),
        timeout: float = 10.0,
    ) -> None:
        super().__init__(
            outputs=0,
            shell=shell,
            config=config,
            screenshooter=True,
            arguments=arguments,
            timeout=timeout,
        )
        if not 0 <= outputs <= _MOST_OUTPUTS:
            raise ValueError(f"weston has 0 to {_MOST_OUTPUTS} outputs, not {outputs}")
        self._shapes = [Shape(size, scale)] * outputs
        self._wanted = tuple(devices)
        self._layout = layout
        self._module = module
        self._control: ControlLine | None = None
        self._first: socket.socket | None = None
        self._held: _Controls | None = None

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        self._modules = (str(self._module or _module()),)
        self._display = "wayland-0"
        with listening_at(self.display) as listener:
            self._client_socket = self.connect()
            self._hang_up()  # on the one before it, where it is started again
            self._launch_controlled(directory, listener)

    def _launch_controlled(self, directory: Path, listener: socket.socket) -> None:
        self._control = ControlLine(self._timeout)
        self._first, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs, self._control.theirs:
            named = {
                # Its first client is ours; weston makes no socket of its own then.
                "WAYLAND_SERVER_SOCKET": theirs,
                "WAYFOLD_LISTEN_FD": listener,
                "WAYFOLD_CONTROL_FD": self._control.theirs,
            }
            numbers = {name: str(sock.fileno()) for name, sock in named.items()}
            environment = private_environment(directory) | numbers
            self._run(Command(self._arguments(directory), environment, passed=(*named.values(),)))
        asked = self._furnished()  # compiles a keymap, for which weston's start leaves time
        self._control.tell(asked)
        self._control.hear(asked)

    def _furnished(self) -> list[tuple[str, int]]:
        """Give what is to be asked for a seat and outputs as wanted."""
        keymap = keymap_of(self._layout)
        devices, sockets = _Devices(self.ask, keymap), _Sockets(self.ask)
        wanted = ("seat", *self._wanted) if self._wanted else ()
        devices.present.update(wanted)
        seat, outputs, clock = Seat(devices, keymap), Outputs(sockets), FrameClock(self.ask)
        self._held = _Controls(seat, outputs, clock)
        return [*map(devices.adding, wanted), *(sockets.adding(each)[1] for each in self._shapes)]

    @property
    def _controls(self) -> "_Controls":
        if self._held is None:
            raise ValueError(f"{self.name} has not been started")
        return self._held

    def ask(self, command: str, *, timeout: float | None = None, descriptor: int = -1) -> str:
        """Give the module's answer to a command, as native/module.c tells them.

        Raises CommandRefused, CompositorTimeout, and CompositorFailed where weston is gone.
        """
        if self._control is None:
            raise ValueError(f"{self.name} has not been started")
        try:
            return self._control.ask(command, timeout=timeout, descriptor=descriptor)
        except (HungUp, TimedOut):
            with self._told():
                raise

    def _own(self) -> socket.socket:
        assert self._first is not None
        return self._first

    @property
    def is_held(self) -> bool:
        """True where its frame clock is manual."""
        return self.frame_clock.is_manual

    def _paint(self) -> None:
        if self.is_held:
            self.ask("tick wait")

    @property
    def offers_seat(self) -> bool:
        """True where it was started with devices."""
        return bool(self._wanted)

    @property
    def seat(self) -> Seat:
        """Give its seat."""
        return self._controls.seat

    @property
    def outputs(self) -> Outputs:
        """Give its outputs."""
        return self._controls.outputs

    @property
    def frame_clock(self) -> FrameClock:
        """Give its clock."""
        return self._controls.clock

    @property
    def windows(self) -> list[Window]:
        """Give the windows that are mapped, the topmost first."""
        return [_window(line) for line in self.ask("windows list").splitlines()]

    def wait_for_windows(self, count: int = 1, *, timeout: float = 5.0) -> list[Window]:
        """Wait until so many windows are mapped and painted, and give them."""
        self.ask(f"windows wait {count}", timeout=timeout)
        return self.windows

    def _kill(self) -> None:
        super()._kill()
        if self._owner == os.getpid():
            self._hang_up()

    def _hang_up(self) -> None:
        for end in (self._first, self._control):
            if end is not None:
                end.close()

    def _check_restart(self, refuses: bool) -> None:
        """Allow either: the socket is ours, and not weston's."""


class _Controls(NamedTuple):
    seat: Seat
    outputs: Outputs
    clock: FrameClock


class _Ask(Protocol):
    def __call__(
        self, command: str, *, timeout: float | None = None, descriptor: int = -1
    ) -> str: ...


class _Devices:
    def __init__(self, ask: _Ask, keymap: Keymap) -> None:
        self.ask = ask
        self.keymap = keymap
        self.present: set[str] = set()

    def adding(self, device: str) -> tuple[str, int]:
        return f"{device} add", self.keymap.descriptor if device == "keyboard" else -1

    def change(self, device: str, is_wanted: bool) -> None:
        if is_wanted:
            command, descriptor = self.adding(device)
            self.ask(command, descriptor=descriptor)
            self.present.add(device)
        else:
            self.ask(f"{device} remove")
            self.present -= {device} if device != "seat" else self.present

    def motion(self, x: float, y: float) -> None:
        self.ask(f"motion {x:.6f} {y:.6f}")

    def button(self, code: int, is_down: bool) -> None:
        self.ask(f"button {code} {is_down:d}")

    def axis(self, axis: int, distance: float, steps: int, source: int) -> None:
        self.ask(f"axis {axis} {distance:.6f} {steps} {source}")

    def key(self, code: int, is_down: bool) -> None:
        self.ask(f"key {code} {is_down:d}")

    def touch(self, action: str, finger: int = 0, x: float = 0.0, y: float = 0.0) -> None:
        place = f" {x:.6f} {y:.6f}" if action in ("down", "motion") else ""
        self.ask("touch cancel" if action == "cancel" else f"touch {action} {finger}{place}")
        if action != "cancel":
            self.ask("touch frame")


class _Sockets:
    def __init__(self, ask: _Ask) -> None:
        self.ask = ask
        self._names: set[str] = set()

    def list(self) -> list[Output]:
        return [_output(line) for line in self.ask("output list").splitlines()]

    def adding(self, shape: Shape, name: str | None = None) -> tuple[str, tuple[str, int]]:
        # A name that was given once comes back only where it is asked for.
        if name is None:
            name = next(new for new in _stock_names() if new not in self._names)
        self._names.add(name)
        return name, (f"output add {name} {_words(shape)}", -1)

    def add(self, shape: Shape, name: str | None) -> str:
        added, (command, _) = self.adding(shape, name)
        self.ask(command)
        return added

    def remove(self, name: str) -> None:
        self.ask(f"output remove {name}")

    def change(self, name: str, shape: Shape) -> None:
        self.ask(f"output set {name} {_words(shape)}")


def _stock_names() -> Iterator[str]:
    return (f"HEADLESS-{number}" for number in count(1))


def _words(shape: Shape) -> str:
    if shape.scale != int(shape.scale):
        reason = f"weston's scales are whole numbers, not {shape.scale:g}; sway has such scales"
        raise CapabilityMissing(["fractional-scale"], [reason])
    width, height = shape.size
    return f"{width} {height} {shape.scale:.0f} {TRANSFORMS.index(shape.transform)}"


def _output(line: str) -> Output:
    name, *words = line.split()
    x, y, width, height, scale, transform, refresh = map(int, words)
    return Output(name, x, y, Shape((width, height), scale, TRANSFORMS[transform]), refresh)


def _window(line: str) -> Window:
    *words, label = line.split(" ", 6)
    x, y = map(float, words[:2])
    width, height, pid, is_focused = map(int, words[2:])
    found = _LABEL.match(label)
    title, app_id = (found["title"] or "", found["app_id"] or "") if found else ("", "")
    return Window(title, app_id, x, y, width, height, pid, bool(is_focused))


def _module() -> str:
    found = standing(tier("weston-seat"))
    if found.lack:
        raise CapabilityMissing(["seat"], [found.lack], [found.package] if found.package else [])
    return str(module_path(found.version))
