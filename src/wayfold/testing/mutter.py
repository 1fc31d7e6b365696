"""Mutter, headless: GNOME's compositor, with a session bus of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from wayfold.testing.compositor import Compositor
from wayfold.testing.environment import private_environment
from wayfold.testing.fifo import READY_NAME, TELL_DISPLAY, Fifo
from wayfold.testing.process import Command
from wayfold.testing.programs import require
from wayfold.testing.readiness import Deadline

__all__ = ["Mutter"]

_DISPLAY = "wayland-0"
_BUS_NAME = "bus"

# The distribution's configuration has the bus listen in /tmp, where a kill leaves the socket, and
# start whatever service somebody names.
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={path}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


class Mutter(Compositor):
    """A headless mutter for any number of clients, with a monitor for each output.

    Programs find its session bus too: a GNOME program then talks to nobody outside.
    """

    name = "mutter"

    def __init__(
        self,
        *,
        size: tuple[int, int] = (1280, 720),
        outputs: int = 1,
        arguments: Sequence[str] = (),
        timeout: float = 20.0,
    ) -> None:
        super().__init__(timeout=timeout)
        if outputs < 1 or min(size) < 1:
            raise ValueError(f"mutter has at least one output, not {outputs} of {size}")
        self._size = size
        self._output_count = outputs
        self._given = tuple(arguments)

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        configuration = directory / "bus.conf"
        configuration.write_text(_BUS.format(path=directory / _BUS_NAME))
        bus = [require("dbus-run-session"), f"--config-file={configuration}", "--"]
        with Fifo(directory / READY_NAME, self._user) as ready:
            command = [*bus, *self._arguments()]
            process = self._run(Command(command, private_environment(directory)))
            self._display = ready.line(process.descriptor, deadline)
        self._client_socket = self.connect()

    def _arguments(self) -> list[str]:
        width, height = self._size
        return [
            require("mutter"),
            "--wayland",
            "--headless",
            "--no-x11",
            f"--wayland-display={_DISPLAY}",
            *[f"--virtual-monitor={width}x{height}"] * self._output_count,
            *self._given,
            *("--", "/bin/sh", "-c", TELL_DISPLAY),
        ]

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the environment in which a program finds this compositor and no other."""
        bus = f"unix:path={self.runtime_directory / _BUS_NAME}"
        return {**super().environment, "DBUS_SESSION_BUS_ADDRESS": bus}
