"""What a scripted server answers by itself: registry, bind, sync, destruction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from wayfold.testing.interfaces import Interface
from wayfold.testing.peer import Peer, Request, Resource
from wayfold.testing.states import Greeting, output_state, seat_state, shm_state
from wayfold.testing.wire import whole

__all__ = ["Answer", "Global", "Script", "refuse"]

Answer = Callable[[Request], None]
"""Answers a request, in the server's thread."""

_INVALID_OBJECT = 0  # wl_display.error


@dataclass(frozen=True, slots=True)
class Global:
    """A global on offer, and what is sent to whoever binds it."""

    name: int
    interface: str
    version: int
    greeting: Greeting | None = None


class Script:
    """Decides the answer to each request; knows the globals, not the sockets."""

    def __init__(self, interfaces: Mapping[str, Interface]) -> None:
        self.globals: dict[int, Global] = {}
        self.greetings: dict[str, Greeting] = {
            "wl_output": output_state(),
            "wl_seat": seat_state(),
            "wl_shm": shm_state(),
        }
        self.is_holding_sync = False
        self.errors: dict[str, tuple[int, str]] = {}
        """Requests that are answered with a protocol error, with its code and text."""
        self._interfaces = interfaces
        self._serial = 0
        self._last_name = 0
        self._held: list[Resource] = []
        self._answers: dict[str, Answer] = {
            "wl_display.get_registry": self._get_registry,
            "wl_display.sync": self._sync,
            "wl_fixes.destroy_registry": self._destroy_registry,
            "wl_registry.bind": self._bind,
        }

    def add_global(self, interface: str, version: int, greeting: Greeting | None) -> Global:
        """Offer a global under a name that was never used."""
        self._last_name += 1
        offered = Global(self._last_name, interface, version, greeting)
        self.globals[offered.name] = offered
        return offered

    def next_serial(self) -> int:
        """Give a serial larger than every one before."""
        self._serial += 1
        return self._serial

    def set_answer(self, key: str, answer: Answer) -> None:
        """Answer `interface.request` in this way from now on, in place of what was before."""
        self.check_request(key)
        self._answers[key] = answer

    def check_request(self, key: str) -> None:
        """Raise LookupError where no interface known here has such a request."""
        interface, _, name = key.partition(".")
        known = self._interfaces.get(interface)
        if known is None or all(request.name != name for request in known.requests):
            raise LookupError(f"the server's table has no request {key!r}")

    def answer(self, request: Request) -> None:
        """Do what the protocol or the test wants at a request."""
        if request.key in self.errors:
            refuse(request.resource, *self.errors.pop(request.key))
            return
        answer = self._answers.get(request.key)
        if answer is not None:
            answer(request)
        if _is_destructor(request) and request.resource.is_alive:
            request.resource.peer.forget(request.resource)

    def release_sync(self) -> None:
        """Answer every sync that was held back."""
        self.is_holding_sync = False
        held, self._held = self._held, []
        for callback in held:
            self._done(callback)

    def _get_registry(self, request: Request) -> None:
        (registry,) = request.created
        for offered in self.globals.values():
            registry.event("global", offered.name, offered.interface, offered.version)

    def _sync(self, request: Request) -> None:
        (callback,) = request.created
        if self.is_holding_sync:
            self._held.append(callback)
        else:
            self._done(callback)

    def _done(self, callback: Resource) -> None:
        callback.event("done", self.next_serial())
        callback.peer.forget(callback)

    def _destroy_registry(self, request: Request) -> None:
        peer = request.resource.peer
        peer.forget(peer.resources[whole(request.arguments[0])])

    def _bind(self, request: Request) -> None:
        name, version, object_id = (whole(request.arguments[place]) for place in (0, 2, 3))
        offered = self.globals.get(name)
        refusal = _refusal(offered, request)
        if offered is None or refusal:
            refuse(request.resource, _INVALID_OBJECT, refusal)
            return
        bound = request.resource.peer.add(object_id, offered.interface, version, name)
        greeting = offered.greeting or self.greetings.get(offered.interface)
        if greeting is not None:
            greeting(bound)


def refuse(resource: Resource, code: int, message: str) -> None:
    """Send wl_display.error about an object and hang up, as every compositor does."""
    peer: Peer = resource.peer
    peer.resources[1].event("error", resource.object_id, code, message)
    peer.end()


def _refusal(offered: Global | None, request: Request) -> str:
    name, interface, version = map(str, request.arguments[:3])
    if offered is None or interface != offered.interface:
        return f"invalid global {interface} ({name})"
    if not 0 < int(version) <= offered.version:
        return (
            f"invalid version for global {interface} ({name}): "
            f"have {offered.version}, wanted {version}"
        )
    return ""


def _is_destructor(request: Request) -> bool:
    return any(
        message.is_destructor and message.name == request.name
        for message in request.resource.interface.requests
    )
