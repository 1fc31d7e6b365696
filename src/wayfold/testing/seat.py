"""A seat as a test uses it: a pointer that is moved, keys that are typed, fingers that touch.

What is told to clients is on its way to them when a method returns. Places are in the logical
coordinates of all outputs together, as in `Output.x` and `Window.x`.
"""

from contextlib import ExitStack
from typing import Literal, Protocol

from wayfold.testing.failures import CapabilityMissing
from wayfold.testing.keymap import Keymap

__all__ = ["BUTTONS", "Device", "Devices", "Keyboard", "Pointer", "Seat", "Touch"]

Device = Literal["pointer", "keyboard", "touch"]

BUTTONS = {
    "left": 0x110,
    "right": 0x111,
    "middle": 0x112,
    "side": 0x113,
    "extra": 0x114,
    "forward": 0x115,
    "back": 0x116,
    "task": 0x117,
}
"""Buttons by name, as linux/input-event-codes.h has them."""

_WHEEL, _FINGER = 0, 1  # wl_pointer.axis_source
_VERTICAL, _HORIZONTAL = 0, 1  # wl_pointer.axis
_DISTANCE_OF_STEP = 15.0  # what libinput tells of a wheel's click


class Devices(Protocol):
    """What moves a seat in one kind of compositor. Codes are the kernel's."""

    present: set[str]

    def change(self, device: str, is_wanted: bool) -> None:
        """Plug a device of the seat, or the "seat" itself, in or out."""

    def motion(self, x: float, y: float) -> None:
        """Move the pointer."""

    def button(self, code: int, is_down: bool) -> None:
        """Press or release a button."""

    def axis(self, axis: int, distance: float, steps: int, source: int) -> None:
        """Scroll."""

    def key(self, code: int, is_down: bool) -> None:
        """Press or release a key."""

    def touch(self, action: str, finger: int = 0, x: float = 0.0, y: float = 0.0) -> None:
        """Let a finger do `down`, `motion`, `up`; or end all by `cancel`."""


class Pointer:
    """Moves, clicks and scrolls."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def move(self, x: float, y: float) -> None:
        """Move it to a place."""
        self._devices.motion(x, y)

    def press(self, button: str = "left") -> None:
        """Press a button; raises ValueError for a name that is not in BUTTONS."""
        self._devices.button(_code(button), True)

    def release(self, button: str = "left") -> None:
        """Release a button."""
        self._devices.button(_code(button), False)

    def click(self, x: float | None = None, y: float | None = None, button: str = "left") -> None:
        """Press and release a button, at this place where one is given."""
        if x is not None and y is not None:
            self.move(x, y)
        self.press(button)
        self.release(button)

    def scroll(self, steps: int, *, horizontally: bool = False) -> None:
        """Turn the wheel by so many clicks, down or to the right where positive."""
        axis = _HORIZONTAL if horizontally else _VERTICAL
        self._devices.axis(axis, steps * _DISTANCE_OF_STEP, steps, _WHEEL)

    def pan(self, distance: float, *, horizontally: bool = False) -> None:
        """Scroll smoothly, as two fingers on a touch pad do."""
        self._devices.axis(_HORIZONTAL if horizontally else _VERTICAL, distance, 0, _FINGER)


class Keyboard:
    """Types keys by name: `Return`, `Shift_L`, `a`, `ß`; names that it lacks raise ValueError."""

    def __init__(self, devices: Devices, keymap: Keymap) -> None:
        self._devices = devices
        self.keymap = keymap

    def press(self, name: str) -> None:
        """Press a key."""
        self._devices.key(self.keymap.code(name), True)

    def release(self, name: str) -> None:
        """Release a key."""
        self._devices.key(self.keymap.code(name), False)

    def tap(self, *names: str) -> None:
        """Press these keys in order and release them in reverse: `tap("Control_L", "c")`."""
        self._tap(*map(self.keymap.code, names))

    def type(self, text: str) -> None:
        """Type a text, with Shift and the like where they are needed; all of it or nothing."""
        for stroke in [self.keymap.stroke(character) for character in text]:
            self._tap(*stroke.held, stroke.code)

    def _tap(self, *codes: int) -> None:
        with ExitStack() as pressed:
            for code in codes:
                self._devices.key(code, True)
                pressed.callback(self._devices.key, code, False)


class Touch:
    """Touches with up to 32 fingers, by number. Each call is a frame of its own."""

    def __init__(self, devices: Devices) -> None:
        self._devices = devices

    def down(self, finger: int, x: float, y: float) -> None:
        """Put a finger down."""
        self._devices.touch("down", finger, x, y)

    def move(self, finger: int, x: float, y: float) -> None:
        """Move a finger that is down."""
        self._devices.touch("motion", finger, x, y)

    def up(self, finger: int) -> None:
        """Lift a finger."""
        self._devices.touch("up", finger)

    def cancel(self) -> None:
        """Take all that goes on back, as a compositor does that has seen a gesture."""
        self._devices.touch("cancel")


class Seat:
    """A compositor's seat; using a device that it does not have raises CapabilityMissing."""

    def __init__(self, devices: Devices, keymap: Keymap) -> None:
        self._devices = devices
        self._pointer, self._touch = Pointer(devices), Touch(devices)
        self._keyboard = Keyboard(devices, keymap)

    @property
    def devices(self) -> frozenset[str]:
        """Name the devices that it has now."""
        return frozenset(self._devices.present - {"seat"})

    @property
    def pointer(self) -> Pointer:
        """Give its pointer."""
        self._need("pointer")
        return self._pointer

    @property
    def keyboard(self) -> Keyboard:
        """Give its keyboard."""
        self._need("keyboard")
        return self._keyboard

    @property
    def touch(self) -> Touch:
        """Give its touch screen."""
        self._need("touch")
        return self._touch

    def add(self, device: Device) -> None:
        """Plug a device in; raises CommandRefused where it is there, or cannot be."""
        if "seat" not in self._devices.present:
            self._devices.change("seat", True)
        self._devices.change(device, True)

    def remove(self, device: Device) -> None:
        """Plug a device out; raises CommandRefused where it is not there, or cannot go."""
        self._devices.change(device, False)

    def vanish(self) -> None:
        """Remove the seat itself with all its devices, until a device is added again."""
        self._devices.change("seat", False)

    def _need(self, device: str) -> None:
        if device not in self._devices.present:
            have = ", ".join(sorted(self.devices)) or "none"
            raise CapabilityMissing([device], [f"the seat's devices are: {have}"])


def _code(button: str) -> int:
    try:
        return BUTTONS[button]
    except KeyError:
        raise ValueError(f"no button {button!r}; there are {', '.join(BUTTONS)}") from None
