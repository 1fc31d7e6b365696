"""A Wayland server that a test writes: it reads requests, answers, and can send anything."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from wayfold.expect.expectations import Expectations
from wayfold.testing.closing import Closing
from wayfold.testing.failures import RequestTimeout
from wayfold.testing.interfaces import Interface, known_interfaces
from wayfold.testing.peer import Peer, Request, Resource
from wayfold.testing.script import Answer, Script, refuse
from wayfold.testing.service import Service
from wayfold.testing.states import Greeting, output_state
from wayfold.testing.transcript import Transcript
from wayfold.testing.windows import Windows
from wayfold.testing.wire import Argument
from wayfold.testing.wire_faults import WireFaults

__all__ = ["ScriptedServer"]

_TIMEOUT_S = 5.0
_STANDARD: dict[str, int] = {"wl_compositor": 5, "wl_shm": 1, "wl_seat": 7, "wl_output": 4}


class ScriptedServer(Closing):
    """Serves clients from a thread of its own, so that a client may block on it.

    `standard` offers wl_compositor, wl_shm, wl_seat and wl_output. Registry, bind, sync and
    destruction are answered; everything else is the test's. With `threaded=False` nothing happens
    until `process` is called. What goes wrong in the thread is raised by `close`.
    """

    def __init__(
        self,
        *,
        standard: bool = True,
        interfaces: Mapping[str, Interface] | None = None,
        threaded: bool = True,
    ) -> None:
        self.requests: list[Request] = []
        self._interfaces = known_interfaces(interfaces)
        self._script = Script(self._interfaces)
        self._leaving_at_bind: dict[str, bool] = {}
        self._service = Service(self._interfaces, self._answer)
        self._lock = self._service.lock
        self.client_socket = self.new_client()
        if standard:
            for interface, version in _STANDARD.items():
                self.add_global(interface, version)
        if threaded:
            self._service.start()

    def _answer(self, request: Request) -> None:
        self.requests.append(request)
        if request.key == "wl_registry.bind":
            self._leave_at_bind(request)
        self._script.answer(request)

    @property
    def transcript(self) -> Transcript:
        """Every request and event of every client, as records."""
        return self._service.transcript

    @property
    def expect(self) -> Expectations:
        """What is expected of the transcript, as `Log.expect`."""
        return self.transcript.expect

    @property
    def wire_faults(self) -> WireFaults:
        """Damage the events on their way out."""
        return self._service.faults

    @property
    def peers(self) -> list[Peer]:
        """The clients, oldest first, with those that have gone."""
        return self._service.peers

    @property
    def peer(self) -> Peer:
        """The client that came last."""
        return self.peers[-1]

    def new_client(self) -> socket.socket:
        """Give the client's end of a new connection; whoever takes it owns it."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self._service.accept(ours)
        return theirs

    def listen(self, path: str) -> None:
        """Take connections on a socket of this path too, as for `$WAYLAND_DISPLAY`."""
        self._service.listen(path)

    def add_global(
        self, interface: str, version: int | None = None, *, greeting: Greeting | None = None
    ) -> int:
        """Offer a global, tell the clients, and give its name; `greeting` runs at each bind."""
        with self._lock:
            newest = version or self._interfaces[interface].version
            offered = self._script.add_global(interface, newest, greeting)
            for registry in self.resources("wl_registry"):
                registry.event("global", offered.name, interface, newest)
        return offered.name

    def add_output(self, name: str, *, size: tuple[int, int] = (640, 480), scale: int = 1) -> int:
        """Plug in an output and give its global's name."""
        return self.add_global("wl_output", 4, greeting=output_state(name, size=size, scale=scale))

    def serve_windows(self, *, size: tuple[int, int] = (0, 0)) -> int:
        """Offer xdg_wm_base and let windows live; 0, 0 leaves the size to the client."""
        with self._lock:
            for key, answer in Windows(self.next_serial, size).answers.items():
                self._script.set_answer(key, answer)
            return self.add_global("xdg_wm_base", 5)

    def remove_global(self, name: int, *, refuses_bind: bool = True) -> None:
        """Withdraw a global; a client that binds it all the same loses its connection."""
        with self._lock:
            if refuses_bind:
                del self._script.globals[name]
            for registry in self.resources("wl_registry"):
                registry.event("global_remove", name)

    def on_bind(self, interface: str, greeting: Greeting) -> None:
        """Send these first events to whoever binds this interface."""
        with self._lock:
            self._script.greetings[interface] = greeting

    def on(self, key: str, answer: Answer) -> None:
        """Answer a request such as `wl_surface.commit` in this way."""
        with self._lock:
            self._script.set_answer(key, answer)

    def next_serial(self) -> int:
        """Give a serial larger than every one before."""
        with self._lock:
            return self._script.next_serial()

    def resources(self, interface: str, *, global_name: int | None = None) -> list[Resource]:
        """Give the live objects of an interface, of all clients, oldest first."""
        with self._lock:
            return [
                resource
                for peer in self.peers
                if peer.is_open
                for resource in peer.resources.values()
                if resource.interface.name == interface
                and global_name in (None, resource.global_name)
            ]

    def resource(self, interface: str, *, global_name: int | None = None) -> Resource:
        """Give the newest live object of an interface; raises LookupError."""
        found = self.resources(interface, global_name=global_name)
        if not found:
            raise LookupError(f"no client has a live {interface}")
        return found[-1]

    def event(
        self, interface: str, name: str, *arguments: Argument, global_name: int | None = None
    ) -> None:
        """Send an event to every live object of an interface; raises LookupError if none."""
        with self.corked():
            self.resource(interface, global_name=global_name)
            for resource in self.resources(interface, global_name=global_name):
                resource.event(name, *arguments)

    def send(self, object_id: int, opcode: int, signature: str, *arguments: Argument) -> None:
        """Send any message to the newest client, whatever the protocol says of it."""
        self.peer.send(object_id, opcode, signature, *arguments)

    def send_bytes(self, data: bytes, descriptors: tuple[int, ...] = ()) -> None:
        """Send bytes to the newest client as they are."""
        self.peer.send_bytes(data, descriptors)

    def error(self, object_id: int, code: int, message: str) -> None:
        """Send a protocol error about an object of the newest client, and hang up."""
        with self._lock:
            refuse(self.peer.resources[object_id], code, message)

    def error_at(self, key: str, code: int, message: str) -> None:
        """Answer the next request such as `wl_surface.commit` with a protocol error about it."""
        with self._lock:
            self._script.check_request(key)
            self._script.errors[key] = (code, message)

    def remove_at_bind(self, interface: str, *, refuses: bool = False) -> None:
        """Withdraw a global of an interface when the next client is just binding it.

        With `refuses` that costs the client its connection, as it does with some compositors;
        without, the object lives on without a global, as it does with the others.
        """
        with self._lock:
            self._leaving_at_bind[interface] = refuses

    def _leave_at_bind(self, request: Request) -> None:
        name = request.arguments[0]
        for offered in list(self._script.globals.values()):
            if offered.name == name and offered.interface in self._leaving_at_bind:
                refuses = self._leaving_at_bind.pop(offered.interface)
                self.remove_global(offered.name, refuses_bind=refuses)

    def hang_up(self) -> None:
        """Close the newest client's connection without a word."""
        with self._lock:
            self.peer.close()
        self._service.wake()

    @contextmanager
    def corked(self) -> Iterator[None]:
        """Send what is sent inside in one piece."""
        with self._lock:
            peers = list(self.peers)
            for peer in peers:
                peer.cork()
            try:
                yield
            finally:
                for peer in peers:
                    peer.uncork()

    @contextmanager
    def sync_held(self) -> Iterator[None]:
        """Leave wl_display.sync unanswered inside; answer what came at the end."""
        with self._lock:
            self._script.is_holding_sync = True
        try:
            yield
        finally:
            with self.corked():
                self._script.release_sync()

    def freeze(self) -> None:
        """Stop reading, as a stopped compositor does."""
        with self._lock:
            self._service.is_frozen = True
        self._service.wake()

    def thaw(self) -> None:
        """Read again."""
        with self._lock:
            self._service.is_frozen = False
        self._service.wake()

    def wait_for(
        self, wanted: str | Callable[[Request], bool], timeout: float = _TIMEOUT_S
    ) -> Request:
        """Give the first request of this key, or that fulfils this; raises RequestTimeout."""
        deadline = time.monotonic() + timeout
        with self._lock:
            while (found := self._first(wanted)) is None:
                self._service.raise_failure()
                left = deadline - time.monotonic()
                if left <= 0:
                    seen = "\n".join(f"  {request}" for request in self.requests[-20:])
                    raise RequestTimeout(f"{wanted} did not come in {timeout:g} s; seen:\n{seen}")
                self._service.answered.wait(left)
        return found

    def _first(self, wanted: str | Callable[[Request], bool]) -> Request | None:
        for request in self.requests:
            if request.key == wanted if isinstance(wanted, str) else wanted(request):
                return request
        return None

    def process(self, timeout: float | None = 0.0) -> None:
        """Serve what has come, after waiting for something for up to `timeout` seconds."""
        self._service.process(timeout)

    def close(self) -> None:
        """Hang up on everybody; raises ScriptFailed if the server's thread had to stop."""
        self._service.close()
        self.client_socket.close()
        self._service.raise_failure()
