"""Cage, headless: a kiosk on wlroots, which shows one window over the whole output."""

from collections.abc import Sequence
from pathlib import Path

from wayfold.testing.compositor import Compositor
from wayfold.testing.environment import wlroots_environment
from wayfold.testing.fifo import READY_NAME, TELL_DISPLAY, Fifo
from wayfold.testing.namespace import with_private_tmp
from wayfold.testing.process import Command, unprivileged
from wayfold.testing.programs import require
from wayfold.testing.readiness import Deadline

__all__ = ["Cage"]


class Cage(Compositor):
    """A headless cage for any number of clients, with up to eight outputs of 1280x720.

    It runs as the user `nobody` where the tests run as root, since cage 0.1 refuses root, and with
    a /tmp of its own: cage cannot do without a lock and a socket there for X programs, and leaves
    them when it is killed.
    """

    name = "cage"

    def __init__(
        self, *, outputs: int = 1, arguments: Sequence[str] = (), timeout: float = 10.0
    ) -> None:
        super().__init__(timeout=timeout)
        if not 1 <= outputs <= 8:
            raise ValueError(f"cage has 1 to 8 outputs, not {outputs}")
        self._user = unprivileged()
        self._output_count = outputs
        self._given = tuple(arguments)

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        tell = ["/bin/sh", "-c", TELL_DISPLAY]
        command = [require("cage"), *self._given, "--", *tell]
        with Fifo(directory / READY_NAME, self._user) as ready:
            arguments = with_private_tmp(command, self._user)
            environment = wlroots_environment(directory, self._output_count)
            process = self._run(Command(arguments, environment))
            self._display = ready.line(process.descriptor, deadline)
        self._client_socket = self.connect()
