"""What a client knows of its session: immutable values, compared by value.

Everything here is public. Objects of Wayland appear as their subjects (`wl_output#3`).
"""

from collections.abc import Mapping

import msgspec

from wayfold.model.enums import (
    ConnectionStatus,
    KeymapFormat,
    SeatCapability,
    Subpixel,
    ToplevelState,
    Transform,
    WindowCapability,
    WindowState,
)
from wayfold.model.table import Table

__all__ = [
    "Connection",
    "Global",
    "Keyboard",
    "Mode",
    "Modifiers",
    "Output",
    "Pointer",
    "Seat",
    "State",
    "Surface",
    "Toplevel",
    "Touch",
    "TouchPoint",
    "Window",
]


class Connection(msgspec.Struct, frozen=True):
    """The session's connection; `reason` tells why it was lost."""

    status: ConnectionStatus = ConnectionStatus.NONE
    display: str | None = None
    reason: str | None = None


class Global(msgspec.Struct, frozen=True):
    """A global as advertised (wl_registry.global, version 1).

    `bound` holds the subjects that were bound to it and not destroyed since, oldest first.
    """

    name: int
    interface: str
    version: int
    bound: tuple[str, ...] = ()


class Mode(msgspec.Struct, frozen=True):
    """A video mode in physical pixels; the rate in millihertz, 0 where there is none."""

    width: int
    height: int
    refresh_mhz: int


class Output(msgspec.Struct, frozen=True):
    """A monitor (wl_output, versions 1 to 4; zxdg_output_v1, versions 1 to 3).

    `x` and `y` are its place in the compositor's global space; `logical_*` are the same with
    scale and transform applied, in logical pixels, None until xdg-output tells. `name` is the
    connector's (`HDMI-A-1`). `version` is that of the bound object, `global_name` the global's
    number.
    """

    subject: str
    global_name: int
    version: int
    name: str | None = None
    description: str | None = None
    make: str | None = None
    model: str | None = None
    x: int = 0
    y: int = 0
    width_mm: int = 0
    height_mm: int = 0
    subpixel: Subpixel | int = Subpixel.UNKNOWN
    transform: Transform | int = Transform.NORMAL
    scale: int = 1
    mode: Mode | None = None
    preferred_mode: Mode | None = None
    logical_x: int | None = None
    logical_y: int | None = None
    logical_width: int | None = None
    logical_height: int | None = None


class Pointer(msgspec.Struct, frozen=True):
    """A seat's pointer (wl_pointer, versions 1 to 11).

    `x` and `y` are in the focused surface's coordinates, None without focus. `buttons` are the
    pressed ones by evdev code, in the order pressed. Focus changes at enter and leave, the rest
    at `frame` (before version 5: at once).
    """

    subject: str
    seat: str
    version: int
    focus: str | None = None
    x: float | None = None
    y: float | None = None
    buttons: tuple[int, ...] = ()


class Modifiers(msgspec.Struct, frozen=True):
    """Modifier masks and layout of a keyboard (wl_keyboard.modifiers, version 1)."""

    depressed: int = 0
    latched: int = 0
    locked: int = 0
    group: int = 0


class Keyboard(msgspec.Struct, frozen=True):
    """A seat's keyboard (wl_keyboard, versions 1 to 10).

    `keys` are the pressed ones by evdev code (an xkb keycode less 8), in the order pressed.
    The repeat rate is in keys a second, 0 where keys do not repeat, the delay in ms; both are
    None before version 4. The size of the keymap is in bytes. In a masked recording nothing is
    ever pressed.
    """

    subject: str
    seat: str
    version: int
    focus: str | None = None
    keys: tuple[int, ...] = ()
    modifiers: Modifiers = Modifiers()
    repeat_rate: int | None = None
    repeat_delay_ms: int | None = None
    keymap_format: KeymapFormat | int | None = None
    keymap_size: int | None = None


class TouchPoint(msgspec.Struct, frozen=True):
    """A finger, in its surface's coordinates (wl_touch; shape and orientation: version 6).

    `major` and `minor` are the axes of the touched ellipse in surface coordinates,
    `orientation` its clockwise angle in degrees from the surface's y axis.
    """

    id: int
    surface: str
    x: float
    y: float
    major: float | None = None
    minor: float | None = None
    orientation: float | None = None


class Touch(msgspec.Struct, frozen=True):
    """A seat's touch screen (wl_touch, versions 1 to 10): its fingers, as of the last frame."""

    subject: str
    seat: str
    version: int
    points: Mapping[int, TouchPoint] = Table()


class Seat(msgspec.Struct, frozen=True):
    """A group of input devices (wl_seat, versions 1 to 10), known once capabilities have come.

    Of several pointers, keyboards or touches made from one seat the oldest is shown. A device
    whose capability the seat has lost has neither focus nor anything pressed.
    """

    subject: str
    global_name: int
    version: int
    name: str | None = None
    capabilities: SeatCapability | int = SeatCapability(0)
    pointer: Pointer | None = None
    keyboard: Keyboard | None = None
    touch: Touch | None = None


class Surface(msgspec.Struct, frozen=True):
    """An own surface (wl_surface, versions 1 to 7), as last committed.

    `role` is the interface that gave it one (`xdg_toplevel`, `wl_subsurface`), or `cursor`.
    `buffer` is None where nothing is attached. `outputs` are those it is on. The preferred
    scale is the compositor's wish, whole (version 6) or in 120ths (wp_fractional_scale_v1).
    What a synchronized subsurface commits counts here at once, not with its parent's commit.
    """

    subject: str
    version: int
    role: str | None = None
    buffer: str | None = None
    scale: int = 1
    transform: Transform | int = Transform.NORMAL
    outputs: tuple[str, ...] = ()
    commits: int = 0
    preferred_scale: int | None = None
    preferred_scale_120: int | None = None
    preferred_transform: Transform | int | None = None


class Window(msgspec.Struct, frozen=True):
    """An own window (xdg_toplevel, versions 1 to 7), known once configured and until unmapped.

    A null buffer that is committed unmaps it: it is as new then, until it is configured again.
    `parent` is one that was mapped when it was set; of one that is gone its own parent follows.

    Width and height are what the compositor asks for, in surface coordinates, 0 where the
    client decides; `bounds` is the room there is, None where it does not tell. Serials are
    those of the last configure and the last ack_configure.
    """

    subject: str
    xdg_surface: str
    surface: str | None = None
    parent: str | None = None
    title: str | None = None
    app_id: str | None = None
    width: int = 0
    height: int = 0
    states: tuple[WindowState | int, ...] = ()
    bounds: tuple[int, int] | None = None
    wm_capabilities: tuple[WindowCapability | int, ...] = ()
    close_requested: bool = False
    configured_serial: int | None = None
    acked_serial: int | None = None


class Toplevel(msgspec.Struct, frozen=True):
    """Anybody's window, known once its first `done` has come.

    From zwlr_foreign_toplevel_handle_v1, versions 1 to 3 (states, outputs, parent), or
    ext_foreign_toplevel_handle_v1, version 1 (identifier).
    """

    subject: str
    title: str | None = None
    app_id: str | None = None
    identifier: str | None = None
    states: tuple[ToplevelState | int, ...] = ()
    outputs: tuple[str, ...] = ()
    parent: str | None = None


class State(msgspec.Struct, frozen=True):
    """What is known at one position of the log.

    Mappings are by subject, globals by their number, and hold only what is complete: an output
    is here from its first `done` on, a seat from its first `capabilities`, a window from its
    first `configure`. `pending` holds every live object as it will be when its group ends; it
    serves the fold, and its content may change with any version.
    """

    connection: Connection = Connection()
    globals: Mapping[int, Global] = Table()
    outputs: Mapping[str, Output] = Table()
    seats: Mapping[str, Seat] = Table()
    surfaces: Mapping[str, Surface] = Table()
    windows: Mapping[str, Window] = Table()
    toplevels: Mapping[str, Toplevel] = Table()
    pending: Mapping[str, msgspec.Struct] = Table()

    def output(self, name: str) -> Output | None:
        """Find an output by its connector (`HDMI-A-1`)."""
        return next((output for output in self.outputs.values() if output.name == name), None)

    def __repr__(self) -> str:
        shown = [name for name in self.__struct_fields__ if name != "pending"]
        return f"State({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
