"""One connection with all that a good client does with it; a reconnect makes another."""

from collections.abc import Iterable, Iterator

from wayfold.log import Log
from wayfold.model import group_ends
from wayfold.wayland.connection import Connection
from wayfold.wayland.endpoint import Endpoint
from wayfold.wayland.handlers import Handlers
from wayfold.wayland.loop import Loop
from wayfold.wayland.manners import Manners
from wayfold.wayland.objects import WaylandObject
from wayfold.wayland.registry import Registry

__all__ = ["Link"]


class Link:
    """A connection in a loop, its registry and its manners; all of it goes in `close`."""

    def __init__(
        self, endpoint: Endpoint, log: Log, handlers: Handlers, loop: Loop, *, bind: Iterable[str]
    ) -> None:
        self.connection = Connection(endpoint, log, group_ends)
        self._handlers = handlers
        self._loop = loop
        self._descriptor = self.connection.descriptor
        loop.add(self._descriptor, self.connection.read)
        self.registry = Registry(self.connection, handlers, bind)
        self._manners = Manners(self.connection, handlers, self.registry)
        self.connection.hear(handlers.is_heard, handlers.tell)

    def first_roundtrips(self) -> Iterator[WaylandObject]:
        """Give the wl_callback of each roundtrip that must be over before the next step."""
        yield self.connection.display.sync()
        self.registry.start()
        self._handlers.deliver()
        yield self.connection.display.sync()
        self._handlers.deliver()
        if self._manners.has_devices:
            yield self.connection.display.sync()  # a keyboard tells its keymap after its seat
        self.connection.ready()

    def flush(self) -> None:
        """Send what is waiting, and wait for the socket where it is full."""
        is_sent = self.connection.flush()
        self._loop.want_write(self._descriptor, not is_sent)

    def close(self) -> None:
        """Destroy every object and disconnect; again it does nothing."""
        self.registry.close()
        self._manners.close()
        if self.connection.is_ours:  # a fork has the same epoll, and would take it from its parent
            self._loop.remove(self._descriptor)
        self.connection.close()
