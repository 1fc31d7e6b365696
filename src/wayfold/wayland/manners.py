"""What every good client does without being asked: answer pings, get devices and xdg-outputs."""

from typing import Any

from wayfold.log import Record
from wayfold.wayland.connection import Connection
from wayfold.wayland.handlers import Handlers, Turn
from wayfold.wayland.registry import Registry

__all__ = ["Manners"]

_DEVICES = {1: "pointer", 2: "keyboard", 4: "touch"}
"""wl_seat.capability (wayland, wl_seat version 1)."""


class Manners:
    """Handlers that keep objects in step with what the compositor tells."""

    def __init__(self, connection: Connection, handlers: Handlers, registry: Registry) -> None:
        self._table = connection.table
        self._handlers = handlers
        self._registry = registry
        self._devices: dict[tuple[str, str], Any] = {}
        self._described: dict[str, Any] = {}
        handlers.on("xdg_wm_base.ping", self._ping, turn=Turn.FIRST)
        handlers.on("wl_seat.capabilities", self._capabilities, turn=Turn.FIRST)
        handlers.on("wl_registry.bind", self._bound, turn=Turn.FIRST)
        handlers.on(("wl_output.release", "wl_registry.global_remove"), self._tidy, turn=Turn.LAST)

    @property
    def has_devices(self) -> bool:
        """True once a seat has told of devices, and they were asked for."""
        return bool(self._devices)

    def close(self) -> None:
        """Do nothing more by itself."""
        for handler in (self._ping, self._capabilities, self._bound, self._tidy):
            self._handlers.off(handler)

    def _ping(self, record: Record) -> None:
        shell: Any = self._table.get(record.subject)
        if shell is not None:
            shell.pong(record.data["serial"])

    def _capabilities(self, record: Record) -> None:
        seat: Any = self._table.get(record.subject)
        if seat is None or seat not in self._registry.bound("wl_seat"):
            return
        for bit, kind in _DEVICES.items():
            self._set_device(seat, kind, bool(record.data["capabilities"] & bit))

    def _set_device(self, seat: Any, kind: str, is_there: bool) -> None:
        held = self._devices.get((seat.subject, kind))
        if is_there and held is None:
            self._devices[seat.subject, kind] = getattr(seat, f"get_{kind}")()
        elif held is not None and not is_there:
            del self._devices[seat.subject, kind]
            if held.is_alive and held.version >= 3:
                held.release()  # wl_pointer.release and its like came with wl_seat version 3

    def _bound(self, record: Record) -> None:
        if record.data["interface"] in ("wl_output", "zxdg_output_manager_v1"):
            self.describe_outputs()

    def describe_outputs(self) -> None:
        """Ask for the zxdg_output_v1 of each output that has none yet."""
        managers: list[Any] = self._registry.bound("zxdg_output_manager_v1")
        for output in self._registry.bound("wl_output") if managers else ():
            if output.subject not in self._described:
                self._described[output.subject] = managers[0].get_xdg_output(output)

    def _tidy(self, record: Record) -> None:
        for subject in [s for s in self._described if self._table.get(s) is None]:
            described = self._described.pop(subject)
            if described.is_alive:
                described.destroy()
        for subject, kind in [k for k in self._devices if self._table.get(k[0]) is None]:
            device = self._devices.pop((subject, kind))
            if device.is_alive and device.version >= 3:
                device.release()
