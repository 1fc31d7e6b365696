"""Weston, headless: the compositor that is fresh for each test."""

import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wayfold.testing.compositor import Compositor
from wayfold.testing.environment import private_environment
from wayfold.testing.failures import CompositorMissing
from wayfold.testing.module import module_path
from wayfold.testing.process import Command
from wayfold.testing.programs import require, version_of
from wayfold.testing.readiness import Deadline

if TYPE_CHECKING:
    from wayfold.testing.image import Image

__all__ = ["Weston", "listening_at"]

_RENDERERS = ("pixman", "gl", "noop")
_SHELLS = ("desktop", "kiosk", "fullscreen", "ivi")
_FIRST_USABLE = 10
_FIRST_WITH_RENDERER_OPTION = 12

_BACKLOG = 128
_UNUSED = "unused"  # beside a socket that was handed over, weston wants one of its own

# weston takes over a socket that listens already: so the first connection can be made before weston
# runs, and waits there instead of being tried again. Our module does it where it was built; without
# it, weston's own goes by the rules of sd_listen_fds(3), for which a shell must come first: the
# descriptor must be 3, and LISTEN_PID cannot be known before the process exists.
_HAND_OVER = ("/bin/sh", "-c", 'LISTEN_PID=$$ exec "$@" 3<&0 0</dev/null', "weston")

# No on-screen keyboard, panel or fading: they cost time and make pictures differ.
_CONFIG = """
[input-method]
path=

[shell]
panel-position=none
animation=none
startup-animation=none
close-animation=none
locking=false
"""


class _Options(NamedTuple):
    size: tuple[int, int]
    outputs: int
    scale: int
    renderer: str
    shell: str
    config: str
    screenshooter: bool
    arguments: tuple[str, ...]


class Weston(Compositor):
    """A headless weston for one client over a socket pair, or with `named` for several.

    `screenshooter` starts it so that clients may take screenshots of its output. weston 10's
    kiosk shell never shows a window without a seat, therefore the desktop shell. `config` is
    added to its weston.ini.
    """

    name = "weston"

    def __init__(
        self,
        *,
        named: bool = False,
        size: tuple[int, int] = (1024, 640),
        outputs: int = 1,
        scale: int = 1,
        renderer: str = "pixman",
        shell: str = "desktop",
        config: str = "",
        screenshooter: bool = False,
        modules: Sequence[str] = (),
        arguments: Sequence[str] = (),
        timeout: float = 10.0,
    ) -> None:
        super().__init__(timeout=timeout)
        self._is_named = named
        self._options = _checked(
            _Options(size, outputs, scale, renderer, shell, config, screenshooter, tuple(arguments))
        )
        self._modules = tuple(modules)

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        if self._is_named:
            self._launch_named(directory)
        else:
            self._launch_paired(directory)

    def _launch_paired(self, directory: Path) -> None:
        self._client_socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with theirs:
            environment = private_environment(directory)
            environment["WAYLAND_SERVER_SOCKET"] = str(theirs.fileno())
            self._run(Command(self._arguments(directory), environment, passed=(theirs,)))

    def _launch_named(self, directory: Path) -> None:
        self._display = "wayland-0"
        with listening_at(self.display) as listener:
            self._client_socket = self.connect()
            (directory / _UNUSED).unlink(missing_ok=True)
            self._run(self._listening(directory, listener))

    def _listening(self, directory: Path, listener: socket.socket) -> Command:
        environment = private_environment(directory)
        if (ours := module_path(version_of(require("weston")))) is not None:
            arguments = [*self._arguments(directory, str(ours)), f"--socket={_UNUSED}"]
            environment["WAYFOLD_LISTEN_FD"] = str(listener.fileno())
            return Command(arguments, environment, passed=(listener,))
        arguments = [*self._arguments(directory, "systemd-notify.so"), f"--socket={_UNUSED}"]
        environment["LISTEN_FDS"] = "1"
        return Command([*_HAND_OVER, *arguments], environment, listener=listener)

    def screenshot(self, output: str | None = None) -> "Image":
        """Give what an output shows; raises CapabilityMissing without `screenshooter`."""
        if self._is_named and not self._options.screenshooter:
            what = "lets nobody take pictures unless started with screenshooter=True"
            raise self._lacking("screencopy", what)
        return super().screenshot(output)

    @property
    def offers_seat(self) -> bool:
        """False: headless weston has none of its own."""
        return False

    def _check_restart(self, refuses: bool) -> None:
        if not self._is_named:
            raise ValueError("a weston for one client ends with it; start it with named=True")

    def _arguments(self, directory: Path, *modules: str) -> list[str]:
        path, major = _program()
        configuration = directory / "weston.ini"
        configuration.write_text(_CONFIG + self._options.config)
        arguments = [path, f"--config={configuration}", *_arguments(self._options, major)]
        if loaded := [*self._modules, *modules]:
            arguments.append(f"--modules={','.join(loaded)}")
        return [*arguments, *self._options.arguments]


def listening_at(path: str) -> socket.socket:
    """Give a socket that listens there, in place of one that does already."""
    # Renamed over it, so that at no time there is none.
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(f"{path}.new")
        listener.listen(_BACKLOG)
        os.rename(f"{path}.new", path)
    except BaseException:
        listener.close()
        raise
    return listener


def _checked(options: _Options) -> _Options:
    if options.renderer not in _RENDERERS:
        raise ValueError(f"renderer must be one of {_RENDERERS}, not {options.renderer!r}")
    if options.shell not in _SHELLS:
        raise ValueError(f"shell must be one of {_SHELLS}, not {options.shell!r}")
    if options.outputs not in (0, 1):
        raise ValueError(
            f"headless weston has at most one output, not {options.outputs}; "
            "wayfold.testing.SeatWeston and Sway have more"
        )
    if min(*options.size, options.scale) < 1:
        raise ValueError(f"size {options.size} and scale {options.scale} must be positive")
    return options


def _program() -> tuple[str, int]:
    path = require("weston")
    version = version_of(path)
    major = int(version.split(".")[0]) if version else 0
    if major < _FIRST_USABLE:
        raise CompositorMissing("weston", "weston", f"is {version}, too old: 10 is needed")
    return path, major


def _arguments(options: _Options, major: int) -> list[str]:
    width, height = options.size
    arguments = [
        "--backend=headless-backend.so",
        f"--shell={options.shell}-shell.so",
        # The flight recorder's 5 MiB ring costs more than the rest of the start.
        "--flight-rec-scopes=",
        # Frame callbacks stop after 300 s otherwise.
        "--idle-time=0",
        f"--width={width}",
        f"--height={height}",
        f"--scale={options.scale}",
    ]
    if options.outputs == 0:
        arguments.append("--no-outputs")
    if options.screenshooter:
        arguments.append("--debug")
    return arguments + _renderer(options.renderer, major)


def _renderer(renderer: str, major: int) -> list[str]:
    if major >= _FIRST_WITH_RENDERER_OPTION:
        return [f"--renderer={renderer}"]
    return [] if renderer == "noop" else [f"--use-{renderer}"]
