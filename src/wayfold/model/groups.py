"""Which records end a group: after them, derived facts may be due."""

from types import MappingProxyType

__all__ = ["ends_group", "group_ends"]

_ALWAYS = 2**32

_EVENTS = MappingProxyType(
    {
        "wl_registry": {"global_remove": (1, _ALWAYS)},
        "wl_output": {"geometry": (1, 1), "mode": (1, 1), "done": (2, _ALWAYS)},
        "zxdg_output_v1": {"done": (1, 2)},
        "wl_seat": {"capabilities": (1, _ALWAYS), "name": (1, _ALWAYS)},
        "wl_pointer": {"enter": (1, _ALWAYS), "leave": (1, _ALWAYS)},
        "wl_keyboard": {"enter": (1, _ALWAYS), "leave": (1, _ALWAYS)},
        "xdg_surface": {"configure": (1, _ALWAYS)},
        "xdg_toplevel": {"close": (1, _ALWAYS)},
        "zwlr_foreign_toplevel_handle_v1": {"done": (1, _ALWAYS), "closed": (1, _ALWAYS)},
        "ext_foreign_toplevel_handle_v1": {"done": (1, _ALWAYS), "closed": (1, _ALWAYS)},
    }
)
"""By interface and event: the first and the last version at which it ends a group."""

_OTHERS = frozenset(
    {
        "wl_output.release",
        "wl_seat.release",
        "wl_pointer.release",
        "wl_keyboard.release",
        "wl_surface.commit",
        "wl_surface.destroy",
        "xdg_toplevel.set_title",
        "xdg_toplevel.set_app_id",
        "xdg_toplevel.set_parent",
        "xdg_toplevel.destroy",
        "zwlr_foreign_toplevel_handle_v1.destroy",
        "ext_foreign_toplevel_handle_v1.destroy",
        "connection.opened",
        "connection.lost",
        "connection.closed",
    }
)
"""Requests, and the connection's own records."""

_NAMES = _OTHERS.union(
    f"{interface}.{event}" for interface, events in _EVENTS.items() for event in events
)


def group_ends(interface: str, version: int) -> frozenset[str]:
    """Name the events that end a group, for an object bound at this version."""
    events = _EVENTS.get(interface, {})
    return frozenset(name for name, (first, last) in events.items() if first <= version <= last)


def ends_group(name: str) -> bool:
    """Tell whether a record of this name ends a group, at one version or another."""
    return name in _NAMES
