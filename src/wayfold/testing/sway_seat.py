"""Sway's seat and outputs, moved from outside: by virtual devices and by its IPC."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from wayfold.testing.failures import CapabilityMissing, CommandRefused
from wayfold.testing.keymap import Keymap, KeyState
from wayfold.testing.observer import Observer
from wayfold.testing.outputs import Output, Shape
from wayfold.testing.shown import Window

Told = Callable[[], AbstractContextManager[None]]
"""Tells what goes wrong inside as what went wrong with the compositor."""

__all__ = ["SwayDevices", "SwayIpc", "SwaySockets", "windows_of"]

_TEXT_V1 = 1
_FINEST = 256  # parts of a pixel that a place is given in
_UNCHANGING = "sway makes virtual devices only, and keeps them for as long as the seat is used"


class SwayIpc(Protocol):
    """What is asked of sway, in the words of sway-ipc(7)."""

    @property
    def told_outputs(self) -> Sequence[Mapping[str, Any]]:
        """Give GET_OUTPUTS."""

    def command(self, text: str) -> None:
        """Run sway commands."""

    def create_output(self) -> str:
        """Plug in an output."""

    def remove_output(self, name: str) -> None:
        """Plug out an output."""


class SwayDevices:
    """A virtual pointer and a virtual keyboard: the seat has none but these, so they stay."""

    def __init__(self, observer: Observer, ipc: SwayIpc, keymap: Keymap, told: Told) -> None:
        self.present = {"seat", "pointer", "keyboard"}
        self.keymap = keymap
        self._observer = observer
        self._ipc = ipc
        self._told = told
        self._state = KeyState(keymap)
        self._down: set[int] = set()
        seat = observer.bind("wl_seat").object_id
        self._pointer = observer.bind("zwlr_virtual_pointer_manager_v1").request(
            "create_virtual_pointer", seat
        )
        self._keyboard = observer.bind("zwp_virtual_keyboard_manager_v1").request(
            "create_virtual_keyboard", seat
        )
        length = len(keymap.text.encode()) + 1
        self._keyboard.request("keymap", _TEXT_V1, keymap.descriptor, length)
        observer.roundtrip()

    def change(self, device: str, is_wanted: bool) -> None:
        """Refuse: see `devices` among the capabilities."""
        raise CapabilityMissing(["devices"], [_UNCHANGING])

    def motion(self, x: float, y: float) -> None:
        """Move the pointer, to a part of the box around all outputs."""
        left, top, width, height = _box(self._ipc.told_outputs)
        place = [round((x - left) * _FINEST), round((y - top) * _FINEST)]
        if not (0 <= place[0] <= width * _FINEST and 0 <= place[1] <= height * _FINEST):
            raise CommandRefused(f"move to ({x:g}, {y:g})", "no output is there", "range")
        extent = (width * _FINEST, height * _FINEST)
        self._point(_Asked("motion_absolute", _now_ms(), *place, *extent))

    def button(self, code: int, is_down: bool) -> None:
        """Press or release a button."""
        self._note(code, is_down)
        self._point(_Asked("button", _now_ms(), code, int(is_down)))

    def axis(self, axis: int, distance: float, steps: int, source: int) -> None:
        """Scroll."""
        told = [_now_ms(), axis, distance]
        event = _Asked("axis_discrete", *told, steps) if steps else _Asked("axis", *told)
        # wlroots notes the source for the axis that was told last.
        self._point(event, _Asked("axis_source", source))

    def key(self, code: int, is_down: bool) -> None:
        """Press or release a key, and tell the modifiers, which sway does not follow itself."""
        self._note(code, is_down)
        before = self._state.modifiers
        self._state.update(code, is_down)
        after = self._state.modifiers
        with self._told():
            self._keyboard.request("key", _now_ms(), code, int(is_down))
            if after != before:
                held = (after.depressed, after.latched, after.locked, after.group)
                self._keyboard.request("modifiers", *held)
            self._observer.roundtrip()

    def touch(self, action: str, finger: int = 0, x: float = 0.0, y: float = 0.0) -> None:
        """Refuse: see `touch` among the capabilities."""
        raise CapabilityMissing(["touch"], ["sway has no virtual touch screen"])

    def _point(self, *requests: "_Asked") -> None:
        with self._told():
            for each in (*requests, _Asked("frame")):
                self._pointer.request(each.name, *each.arguments)
            self._observer.roundtrip()

    def _note(self, code: int, is_down: bool) -> None:
        if (code in self._down) == is_down:
            state = "down" if is_down else "up"
            raise CommandRefused(f"code {code}", f"it is {state} already", "state")
        (self._down.add if is_down else self._down.discard)(code)


class _Asked:
    def __init__(self, name: str, *arguments: float) -> None:
        self.name = name
        self.arguments = arguments


class SwaySockets:
    """Outputs by sway's IPC."""

    def __init__(self, ipc: SwayIpc) -> None:
        self._ipc = ipc

    def list(self) -> list[Output]:
        """Tell what is plugged in."""
        found = [_output(told) for told in self._ipc.told_outputs if told["active"]]
        # sway 1.10 begins with the newest.
        return sorted(found, key=lambda output: int(output.name.rpartition("-")[2]))

    def add(self, shape: Shape, name: str | None) -> str:
        """Plug one in and give its name; raises CapabilityMissing where one is asked for."""
        if name is not None:
            reason = f"sway names its outputs itself, and none {name}; weston-seat takes names"
            raise CapabilityMissing(["output-names"], [reason])
        made = self._ipc.create_output()
        self.change(made, shape)
        return made

    def remove(self, name: str) -> None:
        """Plug one out; raises CapabilityMissing before sway 1.8."""
        self._ipc.remove_output(name)

    def change(self, name: str, shape: Shape) -> None:
        """Give one another shape."""
        width, height = shape.size
        self._ipc.command(
            f"output {name} resolution {width}x{height} scale {shape.scale:g} "
            f"transform {_turned(shape.transform)}"
        )


def _turned(transform: str) -> str:
    # sway counts clockwise, Wayland counter-clockwise.
    head, dash, degrees = transform.rpartition("-")
    return head + dash + {"90": "270", "270": "90"}.get(degrees, degrees)


def _output(told: Mapping[str, Any]) -> Output:
    mode, place = told["current_mode"], told["rect"]
    shape = Shape((mode["width"], mode["height"]), told["scale"], _turned(told["transform"]))
    return Output(told["name"], place["x"], place["y"], shape, mode["refresh"])


def _box(outputs: Sequence[Mapping[str, Any]]) -> tuple[int, int, int, int]:
    places = [told["rect"] for told in outputs if told["active"]]
    if not places:
        raise CommandRefused("move the pointer", "there is no output", "missing")
    left = min(place["x"] for place in places)
    top = min(place["y"] for place in places)
    right = max(place["x"] + place["width"] for place in places)
    bottom = max(place["y"] + place["height"] for place in places)
    return left, top, right - left, bottom - top


def windows_of(tree: Mapping[str, Any]) -> list[Window]:
    """Find the windows in what GET_TREE tells: those that are visible."""
    children = [*tree.get("nodes", ()), *tree.get("floating_nodes", ())]
    found = [window for child in children for window in windows_of(child)]
    if tree.get("pid") and tree.get("visible") and tree["type"] in ("con", "floating_con"):
        found.append(_window(tree))
    return found


def _window(node: Mapping[str, Any]) -> Window:
    outer, inner = node["rect"], node["window_rect"]
    return Window(
        title=node.get("name") or "",
        app_id=node.get("app_id") or "",
        x=outer["x"] + inner["x"],
        y=outer["y"] + inner["y"],
        width=inner["width"] or outer["width"],
        height=inner["height"] or outer["height"],
        pid=node["pid"],
        is_focused=node["focused"],
    )


def _now_ms() -> int:
    return int(time.monotonic() * 1000) & 0xFFFFFFFF
