"""A window: an xdg_toplevel that draws into shared memory.

What happens, as xdg-shell (xdg_surface, version 1) orders it: commit without a buffer, wait for
the first configure, acknowledge it, draw, attach, commit. After that a frame is drawn when
something changed and the compositor has asked for one (wl_surface.frame), never more often.

    created ──commit──▶ unmapped ──configure──▶ drawn ◀──frame, configure, redraw──▶ drawn
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from wayfold.errors import ConnectionLost
from wayfold.log import Record
from wayfold.wayland.handlers import Handlers
from wayfold.wayland.shm import XRGB8888, Buffer, Buffers, check_size

__all__ = ["Canvas", "Window", "check_options"]

_OPTIONS = ("app_id", "draw", "scale", "pixel_format")
_WHOLE = (1 << 31) - 1


class Canvas(NamedTuple):
    """Where to draw one frame.

    `data` has `height` rows of `stride` bytes, 4 a pixel, in the window's format; `width` and
    `height` are pixels, `scale` of them to one surface unit. `time_ms` is the compositor's time
    of the frame in milliseconds, of no known start, 0 for a first frame; `number` counts the
    window's frames from 0. What is in `data` before is an older frame or zeros.
    """

    data: memoryview
    width: int
    height: int
    stride: int
    scale: int
    time_ms: int
    number: int


Draw = Callable[[Canvas], object]


def _unscaled(output: str) -> int:
    return 1


def _paint_grey(canvas: Canvas) -> None:
    canvas.data[:] = b"\x60" * (canvas.height * canvas.stride)


def check_options(names: Iterable[str]) -> None:
    """Raise TypeError on what is no option of a window."""
    for name in names:
        if name not in _OPTIONS:
            raise TypeError(f"a window has no option {name!r}; there are: {', '.join(_OPTIONS)}")


class Window:
    """A window of `width` by `height` surface units, unless the compositor wants another size.

    `draw(canvas)` paints a frame; what it gives is true to be called again with the next one. It
    may call whatever is here: a size or a redraw asked for in it counts from the next frame on.
    Hear `xdg_toplevel.close` or look at `is_close_requested` for the user's wish to close it.
    Raises ValueError on a size that no buffer can have, RequestRefused on too long a title.
    """

    def __init__(
        self,
        *,
        compositor: Any,
        shm: Any,
        shell: Any,
        handlers: Handlers,
        title: str,
        size: tuple[int, int],
        app_id: str = "wayfold",
        draw: Draw = _paint_grey,
        scale: int | None = None,
        pixel_format: int = XRGB8888,
        scale_of: Callable[[str], int] = _unscaled,
    ) -> None:
        check_size(*size, 1 if scale is None else scale)
        if not callable(draw):
            raise TypeError(f"draw must be a function of a canvas, not {type(draw).__name__}")
        self._handlers = handlers
        self._draw_frame = draw
        self._size = self._wanted = size
        self._scale = scale or 1
        self._is_scale_fixed = scale is not None
        self._scale_of = scale_of
        self._entered: list[str] = []
        self._buffers = Buffers(shm, handlers, pixel_format)
        self._frame: Any = None
        self._is_stale = self._is_configured = self._is_drawing = False
        self._time_ms = 0
        self.frames = 0
        self.is_close_requested = False
        self.surface: Any = compositor.create_surface()
        self.xdg_surface: Any = shell.get_xdg_surface(self.surface)
        self.toplevel: Any = self.xdg_surface.get_toplevel()
        self._listen()
        self._introduce(title, app_id)
        self.surface.commit()

    def _introduce(self, title: str, app_id: str) -> None:
        try:
            self.toplevel.set_title(title)
            self.toplevel.set_app_id(app_id)
        except BaseException:
            self.destroy()
            raise

    def __repr__(self) -> str:
        return f"<Window {self.toplevel.subject} {self.width}x{self.height} scale {self.scale}>"

    @property
    def width(self) -> int:
        """Width in surface units."""
        return self._size[0]

    @property
    def height(self) -> int:
        """Height in surface units."""
        return self._size[1]

    @property
    def scale(self) -> int:
        """Pixels to a surface unit."""
        return self._scale

    @property
    def is_mapped(self) -> bool:
        """True once a frame has been committed."""
        return self.frames > 0 and self.surface.is_alive

    def redraw(self) -> None:
        """Have a frame drawn as soon as the compositor is ready for one; none once destroyed."""
        self._is_stale = True
        self._draw_if_ready()

    def resize(self, width: int, height: int) -> None:
        """Take another size, where the compositor leaves it to us; raises ValueError."""
        check_size(width, height, self._scale)
        self._size = self._wanted = (width, height)
        self.redraw()

    def destroy(self) -> None:
        """Take the window away; again it does nothing, and what a lost connection left goes."""
        for handler in (self._configured, self._sized, self._closed, self._framed):
            self._handlers.off(handler)
        for handler in (self._released, self._preferred, self._moved, self._rescaled):
            self._handlers.off(handler)
        try:
            if self.toplevel.is_alive:
                self.toplevel.destroy()
                self.xdg_surface.destroy()
                self.surface.destroy()
                self._buffers.destroy()
        except ConnectionLost:
            for left in (self.toplevel, self.xdg_surface, self.surface):
                left._destroy()

    # -- what the compositor tells ------------------------------------------------------------

    def _listen(self) -> None:
        on = self._handlers.on
        on("xdg_surface.configure", self._configured, subject=self.xdg_surface.subject)
        on("xdg_toplevel.configure", self._sized, subject=self.toplevel.subject)
        on("xdg_toplevel.close", self._closed, subject=self.toplevel.subject)
        on("wl_callback.done", self._framed)
        on("wl_buffer.release", self._released)
        on("wl_surface.preferred_buffer_scale", self._preferred, subject=self.surface.subject)
        on(("wl_surface.enter", "wl_surface.leave"), self._moved, subject=self.surface.subject)
        on("output.changed", self._rescaled)

    def _sized(self, record: Record) -> None:
        width, height = record.data["width"], record.data["height"]
        # Zero leaves the size to us (xdg_toplevel.configure).
        self._wanted = (width or self.width, height or self.height)

    def _configured(self, record: Record) -> None:
        check_size(*self._wanted, self._scale)
        self.xdg_surface.ack_configure(record.data["serial"])
        self._size = self._wanted
        self._is_configured = self._is_stale = True
        # A configure must be answered by a commit, whether or not a frame is due.
        self._frame = None
        self._draw_if_ready()

    def _closed(self, record: Record) -> None:
        self.is_close_requested = True

    def _framed(self, record: Record) -> None:
        if self._frame is not None and record.subject == self._frame.subject:
            self._frame = None
            self._time_ms = record.data["callback_data"]
            self._draw_if_ready()

    def _released(self, record: Record) -> None:
        if self._is_stale:
            self._draw_if_ready()

    def _preferred(self, record: Record) -> None:
        self._set_scale(record.data["factor"])

    def _moved(self, record: Record) -> None:
        output = record.data["output"]
        if record.name == "wl_surface.enter":
            self._entered.append(output)
        elif output in self._entered:
            self._entered.remove(output)
        self._rescaled(record)

    def _rescaled(self, record: Record) -> None:
        # From version 6 on the compositor says itself which scale it prefers.
        if self.surface.version < 6 and self._entered:
            self._set_scale(max(self._scale_of(output) for output in self._entered))

    def _set_scale(self, scale: int) -> None:
        if not self._is_scale_fixed and scale != self._scale and scale > 0:
            self._scale = scale
            self.redraw()

    # -- frames -------------------------------------------------------------------------------

    def _draw_if_ready(self) -> None:
        is_due = self._is_configured and self._is_stale and self._frame is None
        if self._is_drawing or not (is_due and self.surface.is_alive):
            return
        buffer = self._buffers.free(self.width * self._scale, self.height * self._scale)
        if buffer is not None:  # else its release brings us back here
            self._draw(buffer)

    def _draw(self, buffer: Buffer) -> None:
        canvas = Canvas(
            buffer.data,
            buffer.width,
            buffer.height,
            buffer.stride,
            self._scale,
            self._time_ms,
            self.frames,
        )
        self._paint(canvas)
        if self.surface.is_alive:  # else it was taken away meanwhile
            self._show(buffer, canvas.scale)

    def _paint(self, canvas: Canvas) -> None:
        # What is asked for while it paints makes it stale again, and so does an exception.
        self._is_stale, self._is_drawing = False, True
        is_wanted_again: object = True
        try:
            is_wanted_again = self._draw_frame(canvas)
        finally:
            self._is_drawing = False
            self._is_stale = self._is_stale or bool(is_wanted_again)

    def _show(self, buffer: Buffer, scale: int) -> None:
        surface = self.surface
        self._frame = surface.frame()
        if surface.version >= 3:  # set_buffer_scale came with wl_surface version 3
            surface.set_buffer_scale(scale)
        surface.attach(buffer.proxy, 0, 0)
        if surface.version >= 4:  # damage_buffer came with version 4
            surface.damage_buffer(0, 0, buffer.width, buffer.height)
        else:
            surface.damage(0, 0, _WHOLE, _WHOLE)
        surface.commit()
        buffer.is_busy = True
        self.frames += 1
