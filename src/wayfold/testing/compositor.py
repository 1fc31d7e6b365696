"""What every compositor under test is: a process, a private directory, a way in for clients."""

import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from wayfold.testing.environment import program_environment
from wayfold.testing.failures import CapabilityMissing, CompositorFailed, CompositorTimeout
from wayfold.testing.guardian import guardian
from wayfold.testing.process import Command, CompositorProcess, how_it_ended, own_user
from wayfold.testing.readiness import Deadline, HungUp, TimedOut, roundtrip

if TYPE_CHECKING:  # what most compositors are never asked for is loaded when one is
    from wayfold.testing.frame_clock import FrameClock
    from wayfold.testing.image import Image
    from wayfold.testing.observer import Observer
    from wayfold.testing.outputs import Outputs
    from wayfold.testing.seat import Seat
    from wayfold.testing.shown import Window

__all__ = ["Compositor"]

_ENDING_S = 1.0


class Compositor:
    """A headless compositor of its own; ready once entered, gone without a trace once left.

    It has `timeout` seconds to start, and as long for each answer.
    """

    name = "compositor"

    def __init__(self, *, timeout: float) -> None:
        self._timeout = timeout
        self._process: CompositorProcess | None = None
        self._directory: Path | None = None
        self._client_socket: socket.socket | None = None
        self._display: str | None = None
        self._observer: Observer | None = None
        self._was_stopped = False
        self.is_frozen = False
        self._earlier_log = ""
        self._owner = os.getpid()
        self._user = own_user()

    def _launch(self, directory: Path, deadline: Deadline) -> None:
        """Run it by `_run` and set a client socket that it will answer once it is ready."""
        raise NotImplementedError

    def _run(self, command: Command) -> CompositorProcess:
        if self._process is not None:
            # Only now, when whatever takes its place on the socket is there already.
            self._process.stop()
            self._earlier_log += self._process.log
        self._process = CompositorProcess(command)
        self.is_frozen = False
        return self._process

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.stop()
        except CompositorFailed as failure:
            if error is None:
                raise
            error.add_note(str(failure))

    def start(self) -> None:
        """Start it and wait for its answer; raises the errors of wayfold.testing.failures."""
        self._directory = guardian().make_directory(self._user.user_id, self._user.group_id)
        self._begin(self._directory)

    def _begin(self, directory: Path) -> None:
        self._forget_observer()
        try:
            self._await_answer(directory, Deadline(self._timeout))
        except HungUp as error:
            raise self._failed(f"{self.name} did not start") from error
        except TimedOut as error:
            self._kill()
            message = f"{self.name} did not answer in {self._timeout:g} s"
            raise CompositorTimeout(message, self.log) from error
        except BaseException:
            self._kill()
            raise

    def _await_answer(self, directory: Path, deadline: Deadline) -> None:
        self._launch(directory, deadline)
        roundtrip(self.client_socket, self._running.descriptor, deadline)

    def _failed(self, what: str) -> CompositorFailed:
        # It hangs up a moment before it ends; killed in between, its exit status would be ours.
        self._running.wait(_ENDING_S)
        self._kill()
        status = self._running.exit_status
        return CompositorFailed(f"{what}: {how_it_ended(status)}", self.log, status)

    @property
    def _running(self) -> CompositorProcess:
        if self._process is None:
            raise ValueError(f"{self.name} has not been started")
        return self._process

    def answers(self, timeout: float = 1.0) -> bool:
        """Ask it over `client_socket`, which nobody else may use then, and tell if it answers."""
        try:
            roundtrip(self.client_socket, self._running.descriptor, Deadline(timeout))
        except (HungUp, TimedOut):
            return False
        return True

    @property
    def pid(self) -> int:
        """Give its process's number."""
        return self._running.pid

    @property
    def log(self) -> str:
        """Give what it has written, also after its end and before a restart."""
        return self._earlier_log + ("" if self._process is None else self._process.log)

    @property
    def is_running(self) -> bool:
        """True until it has ended in whatever way."""
        return self._process is not None and not self._process.has_ended

    @property
    def runtime_directory(self) -> Path:
        """Give its private $XDG_RUNTIME_DIR."""
        if self._directory is None:
            raise ValueError(f"{self.name} has not been started")
        return self._directory

    @property
    def client_socket(self) -> socket.socket:
        """Give a connection that nobody has used yet; whoever takes it owns it."""
        if self._client_socket is None:
            raise ValueError(f"{self.name} has not been started")
        return self._client_socket

    @property
    def display(self) -> str:
        """Give the path of its socket, as for $WAYLAND_DISPLAY."""
        if self._display is None:
            _ = self.client_socket  # there is none before it is started
            raise self._lacking("display", "serves one client only, by its client_socket")
        return str(self.runtime_directory / self._display)

    @property
    def offers_seat(self) -> bool:
        """True where programs find a seat, whether or not a test can move it."""
        return True

    def connect(self) -> socket.socket:
        """Give another connection that nobody has used yet; the caller owns it."""
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self.display)
        except BaseException:
            sock.close()
            raise
        return sock

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the environment in which a program finds this compositor and no other.

        With what makes the toolkits use Wayland, as wayfold.testing.environment lists it.
        """
        return program_environment(self.runtime_directory, self.display)

    @property
    def seat(self) -> "Seat":
        """Give its seat; raises CapabilityMissing where tests cannot move it."""
        raise self._lacking("seat")

    @property
    def outputs(self) -> "Outputs":
        """Give its outputs; raises CapabilityMissing where tests cannot change them."""
        raise self._lacking("outputs")

    @property
    def frame_clock(self) -> "FrameClock":
        """Give its clock; raises CapabilityMissing where tests cannot set it."""
        raise self._lacking("frame-clock")

    @property
    def windows(self) -> "list[Window]":
        """Give the windows that it shows; raises CapabilityMissing where it does not tell them."""
        raise self._lacking("window-list", "does not tell which windows it shows")

    def wait_for_windows(self, count: int = 1, *, timeout: float = 5.0) -> "list[Window]":
        """Wait until it shows so many windows, and give them.

        Raises CompositorTimeout after `timeout` seconds, CapabilityMissing as `windows` does.
        """
        return self.windows

    def screenshot(self, output: str | None = None) -> "Image":
        """Give what an output shows, the first one without a name.

        Raises CapabilityMissing where it gives no pictures, LookupError for an unknown output.
        """
        from wayfold.testing.pictures import take_picture

        with self._told():
            return take_picture(self._observe(), output, self._paint)

    @property
    def is_held(self) -> bool:
        """True where nothing is painted but by a tick or for a picture."""
        return False

    def _paint(self) -> None:
        """Paint a frame, where nobody does while a picture is waited for."""

    def _lacking(self, capability: str, what: str = "was started without it") -> CapabilityMissing:
        reason = f"this {self.name} {what}; needs=[{capability!r}] chooses one that has it"
        return CapabilityMissing([capability], [reason])

    def _observe(self) -> "Observer":
        if self._running.has_ended:
            raise HungUp
        if self._observer is None:
            from wayfold.testing.observer import Observer

            self._observer = Observer(self._own(), self._running.descriptor, self._timeout)
        return self._observer

    def _forget_observer(self) -> None:
        if self._observer is not None:
            self._observer.close()
            self._observer = None

    def _own(self) -> socket.socket:
        """Give a connection for the harness itself."""
        if self._display is None:
            raise self._lacking("screencopy", "serves one client only, by its client_socket")
        return self.connect()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what goes wrong with a connection as what went wrong with the compositor."""
        try:
            yield
        except HungUp as error:
            raise CompositorFailed(f"{self.name} is gone", self.log) from error
        except TimedOut as error:
            what = str(error) or f"it did not answer in {self._timeout:g} s"
            raise CompositorTimeout(f"{self.name}: {what}", self.log) from error

    def freeze(self) -> None:
        """Stop it in its tracks; it keeps its sockets and answers nothing."""
        self._running.signal(signal.SIGSTOP)
        self.is_frozen = True

    def thaw(self) -> None:
        """Let it go on."""
        self._running.signal(signal.SIGCONT)
        self.is_frozen = False

    def kill(self) -> None:
        """Kill it as a crash would, and wait for its end; its sockets stay until `stop`."""
        self._was_stopped = True
        if self._owner == os.getpid():
            self._running.stop()

    def restart(self, *, refuses: bool = True) -> None:
        """Kill it, unless that has been done, and start it again on the same socket.

        Who connects meanwhile is refused, as after a crash; with `refuses=False` it waits and is
        served by the new one. A seat must be asked for again. Raises ValueError where that cannot
        be had, and as `start`.
        """
        self._check_restart(refuses)
        if refuses:
            self.kill()
        self.client_socket.close()
        self._was_stopped = True
        with ExitStack() as stack:
            if self._observer is not None:
                stack.callback(self._observer.close)
            self._observer = None
            self._begin(self.runtime_directory)
        self._was_stopped = False

    def _check_restart(self, refuses: bool) -> None:
        """Raise ValueError where it cannot be started again like this."""
        if not refuses:
            raise ValueError(
                f"{self.name} opens its socket by itself, so that connections are refused until "
                "then; refuses=False needs a Weston(named=True)"
            )

    def stop(self) -> None:
        """End it and remove its directory; raises CompositorFailed if it had crashed before."""
        had_ended = self._process is not None and self._process.has_ended
        self._kill()
        status = self._process.exit_status if self._process is not None else None
        if had_ended and not self._was_stopped and status:
            self._was_stopped = True
            raise CompositorFailed(f"{self.name} crashed: {how_it_ended(status)}", self.log, status)
        self._was_stopped = True

    def _kill(self) -> None:
        # A forked child leaves the `with` of its parent too, and must not end what it never had.
        if self._owner != os.getpid():
            return
        if self._client_socket is not None:
            self._client_socket.close()
        self._forget_observer()
        if self._process is not None:
            self._process.stop()
        if self._directory is not None:
            guardian().remove_directory(self._directory)
