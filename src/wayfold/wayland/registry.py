"""Globals: bound as they come, released as they go."""

from collections.abc import Iterable, Mapping
from typing import Any

from wayfold.errors import MissingGlobal
from wayfold.log import Record
from wayfold.model import Global
from wayfold.protocol import schema
from wayfold.wayland.connection import Connection
from wayfold.wayland.handlers import Handlers, Turn
from wayfold.wayland.objects import WaylandObject

__all__ = ["BOUND_BY_DEFAULT", "Registry"]

BOUND_BY_DEFAULT = (
    "wl_fixes",
    "wl_compositor",
    "wl_shm",
    "wl_output",
    "wl_seat",
    "xdg_wm_base",
    "zxdg_output_manager_v1",
    "zwlr_foreign_toplevel_manager_v1",
    "ext_foreign_toplevel_list_v1",
)
"""What the model folds and a window needs."""

_TELLS_MORE = {"ext_foreign_toplevel_list_v1": "zwlr_foreign_toplevel_manager_v1"}
"""Both tell of the same windows, and nothing says which is which; where both are, one is bound."""

_RELEASED = ("wl_output", "wl_seat")
_ACKNOWLEDGED_SINCE = 2  # wl_fixes.ack_global_remove


class Registry:
    """Binds every wanted global at min(ours, offered), also those that come later."""

    def __init__(self, connection: Connection, handlers: Handlers, wanted: Iterable[str]) -> None:
        self._connection = connection
        self._wanted = frozenset(wanted)
        self._bound: dict[int, list[WaylandObject]] = {}
        self._unacknowledged: list[int] = []
        self._registry: Any = connection.display.get_registry()
        self._handlers = handlers
        about = self._registry.subject
        handlers.on("wl_registry.global_remove", self._removed, subject=about, turn=Turn.LAST)

    def start(self) -> None:
        """Bind what is wanted of what is offered, and from now on what comes later.

        To be called after the roundtrip that brings the first globals.
        """
        for found in tuple(self.offered.values()):
            self._bind_wanted(found)
        about = self._registry.subject
        self._handlers.on("wl_registry.global", self._offered, subject=about, turn=Turn.FIRST)
        self._acknowledge()

    @property
    def offered(self) -> Mapping[int, Global]:
        """The globals there are now, by name."""
        return self._connection.log.state.globals  # type: ignore[no-any-return]

    def bound(self, interface: str) -> list[WaylandObject]:
        """Give the live objects bound here, oldest first."""
        each = (made for objects in self._bound.values() for made in objects)
        return [made for made in each if made.is_alive and made.interface.name == interface]

    def bind(self, interface: str, min_version: int = 1, name: int | None = None) -> WaylandObject:
        """Bind a global at the newest version that both sides know.

        Without `name`, gives the object of that interface that is already bound, if it is new
        enough. Raises MissingGlobal where none is offered at `min_version` or newer.
        """
        if name is None:
            for made in self.bound(interface):
                if made.version >= min_version:
                    return made
        found = self._find(interface, min_version, name)
        if min_version > schema.interface(interface).version:
            raise ValueError(
                f"wayfold knows {interface} up to version {schema.interface(interface).version}, "
                f"not {min_version}"
            )
        return self._bind(found)

    def close(self) -> None:
        """Bind and release nothing more."""
        for handler in (self._removed, self._offered):
            self._handlers.off(handler)

    def _find(self, interface: str, min_version: int, name: int | None) -> Global:
        schema.interface(interface)
        offers = [
            each
            for each in self.offered.values()
            if each.interface == interface and name in (None, each.name)
        ]
        for each in offers:
            if each.version >= min_version:
                return each
        most = max((each.version for each in offers), default=None)
        raise MissingGlobal(interface, needed=min_version, offered=most)

    def _bind(self, found: Global) -> WaylandObject:
        interface = schema.interface(found.interface)
        version = min(found.version, interface.version)
        made: WaylandObject = self._registry.bind(found.name, interface, version)
        self._bound.setdefault(found.name, []).append(made)
        return made

    def _offered(self, record: Record) -> None:
        found = self.offered.get(record.data["name"])
        if found:  # by now it may have gone again
            self._bind_wanted(found)

    def _bind_wanted(self, found: Global) -> None:
        is_wanted = found.interface in self._wanted and not self._is_told_better(found.interface)
        if is_wanted and not self._bound.get(found.name):
            self._bind(found)

    def _is_told_better(self, interface: str) -> bool:
        other = _TELLS_MORE.get(interface)
        return other in self._wanted and any(o.interface == other for o in self.offered.values())

    def _removed(self, record: Record) -> None:
        name = record.data["name"]
        for made in self._bound.pop(name, ()):
            if made.is_alive and made.interface.name in _RELEASED:
                _release(made)
        self._unacknowledged.append(name)
        self._acknowledge()

    def _acknowledge(self) -> None:
        # Once for each removal (wl_fixes, version 2), also for those before wl_fixes was bound.
        fixes: list[Any] = self.bound("wl_fixes")
        if fixes and fixes[0].version >= _ACKNOWLEDGED_SINCE:
            while self._unacknowledged:
                fixes[0].ack_global_remove(self._registry, self._unacknowledged.pop())


def _release(made: Any) -> None:
    since = next(r.version for r in made.interface.requests if r.name == "release")
    if made.version >= (since or 1):
        made.release()
    else:
        made._destroy()
