"""Wayland objects as the user holds them: pywayland's classes, sending through our connection."""

from functools import cache
from typing import Any, Protocol

from wayfold.wayland.library import journal
from wayfold.wayland.marshal import Encoder
from wayfold.wayland.messages import request_messages

__all__ = ["Connected", "WaylandObject", "encoders", "object_class"]


class Connected(Protocol):
    """What an object needs from its connection."""

    def request(
        self, sender: "WaylandObject", opcode: int, arguments: tuple[Any, ...], makes: Any
    ) -> Any:
        """Check a request, log it, send it; give the object it makes, if any."""
        ...

    @property
    def is_lost(self) -> bool:
        """True where the compositor is gone."""
        ...

    def forget(self, gone: "WaylandObject") -> None:
        """Free what libwayland holds for an object."""
        ...


class WaylandObject:
    """One Wayland object: `subject` names it for ever, `version` is what it was bound at.

    Requests are methods, named as in the protocol (`wl_surface.commit` is `commit()`). Events go
    to the log; hear them with `client.on`.
    """

    interface: Any

    def __init__(self, connection: Connected, pointer: Any, subject: str, version: int) -> None:
        self._connection = connection
        self._pointer = pointer
        self.subject = subject
        self.version = version

    def __repr__(self) -> str:
        gone = "" if self.is_alive else ", destroyed"
        return f"<{self.subject} version {self.version}{gone}>"

    @property
    def is_alive(self) -> bool:
        """False once it was destroyed, or its connection closed."""
        return self._pointer is not None

    @property
    def is_lost(self) -> bool:
        """True where its connection was lost, so that it was not the protocol that ended it."""
        return self._connection.is_lost

    @property
    def destroyed(self) -> bool:
        """pywayland's word for an object that is not alive."""
        return not self.is_alive

    def proxy(self) -> Any:
        """Give the address of libwayland's wl_proxy; only while `is_alive`."""
        return journal().journal_proxy(self._pointer)

    def shares_connection(self, other: "WaylandObject") -> bool:
        """Tell whether both objects are of one connection, so that a request may name both."""
        return self._connection is other._connection

    def _marshal(self, opcode: int, *arguments: Any) -> None:
        self._connection.request(self, opcode, arguments, None)

    def _marshal_constructor(self, opcode: int, makes: Any, *arguments: Any) -> Any:
        return self._connection.request(self, opcode, arguments, makes)

    def _destroy(self) -> None:
        if self.is_alive:
            self._connection.forget(self)


@cache
def object_class(interface: Any) -> type[WaylandObject]:
    """Give the class of an interface's objects: ours before pywayland's generated one."""
    named = {"interface": interface}
    if not any(request.name == "destroy" for request in interface.requests):
        # Without such a request pywayland's own destroy() would free our pointer its own way.
        named["destroy"] = WaylandObject._destroy
    return type(interface.__name__, (WaylandObject, interface.proxy_class), named)


@cache
def encoders(interface: Any) -> tuple[Encoder, ...]:
    """Give an interface's requests by opcode."""
    return tuple(Encoder(message) for message in request_messages(interface))
