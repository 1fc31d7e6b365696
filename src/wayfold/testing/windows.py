"""What a scripted server must answer for a client's xdg_toplevel to be configured and drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field

from wayfold.testing.peer import Request, Resource

__all__ = ["Windows"]

_FRAME_MS = 16


@dataclass(slots=True)
class _Surface:
    shell_surface: Resource | None = None
    toplevel: Resource | None = None
    buffer: Resource | None = None
    callbacks: list[Resource] = field(default_factory=list)
    is_configured: bool = False


class Windows:
    """Configures a toplevel at its first commit; ends frames and releases buffers at each.

    Frames end at once, 16 ms apart by their own time, so that nothing depends on a clock.
    """

    def __init__(self, next_serial: Callable[[], int], size: tuple[int, int]) -> None:
        self._next_serial = next_serial
        self._size = size
        self._surfaces: dict[Resource, _Surface] = {}
        self._time_ms = 0
        self.answers = {
            "wl_surface.attach": self._attach,
            "wl_surface.commit": self._commit,
            "wl_surface.frame": self._frame,
            "xdg_wm_base.get_xdg_surface": self._get_xdg_surface,
            "xdg_surface.get_toplevel": self._get_toplevel,
        }

    def _surface(self, resource: Resource) -> _Surface:
        return self._surfaces.setdefault(resource, _Surface())

    def _attach(self, request: Request) -> None:
        buffer = request.arguments[0]
        assert buffer is None or isinstance(buffer, int)
        resources = request.resource.peer.resources
        self._surface(request.resource).buffer = resources[buffer] if buffer else None

    def _frame(self, request: Request) -> None:
        self._surface(request.resource).callbacks += request.created

    def _get_xdg_surface(self, request: Request) -> None:
        surface = request.arguments[1]
        assert isinstance(surface, int)
        found = self._surface(request.resource.peer.resources[surface])
        (found.shell_surface,) = request.created

    def _get_toplevel(self, request: Request) -> None:
        for surface in self._surfaces.values():
            if surface.shell_surface is request.resource:
                (surface.toplevel,) = request.created

    def _commit(self, request: Request) -> None:
        surface = self._surface(request.resource)
        if surface.toplevel and surface.shell_surface and not surface.is_configured:
            surface.is_configured = True
            surface.toplevel.event("configure", *self._size, b"")
            surface.shell_surface.event("configure", self._next_serial())
        if surface.buffer is not None and surface.buffer.is_alive:
            surface.buffer.event("release")
        surface.buffer = None
        self._end_frame(surface)

    def _end_frame(self, surface: _Surface) -> None:
        self._time_ms += _FRAME_MS
        callbacks, surface.callbacks = surface.callbacks, []
        for callback in callbacks:
            callback.event("done", self._time_ms)
            callback.peer.forget(callback)
