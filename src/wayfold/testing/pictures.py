"""Pictures of outputs, in whichever way a compositor gives them.

weston up to 11 has weston_screenshooter, from 12 on weston_capture_v1; wlroots' compositors have
zwlr_screencopy_manager_v1.
"""

import mmap
import os
from collections.abc import Callable, Mapping

from wayfold.testing.failures import CapabilityMissing, HarnessError
from wayfold.testing.image import Image, from_shm
from wayfold.testing.observer import Observer, Thing
from wayfold.testing.wire import whole

__all__ = ["take_picture"]

_XRGB8888 = 1
_FRAMEBUFFER = 1  # weston_capture_v1.source
_Y_INVERT = 1  # zwlr_screencopy_frame_v1.flags
_TRIES = 5

_Paint = Callable[[], None]


def take_picture(
    observer: Observer, name: str | None = None, paint: _Paint = lambda: None
) -> Image:
    """Give what an output shows, the first one without a name.

    `paint` is called once the compositor waits for a frame to copy, and paints one where nobody
    else does. Raises LookupError for an output that is not there, CapabilityMissing where no
    pictures are offered, HarnessError where none is given, and HungUp and TimedOut.
    """
    way = next((_WAYS[each] for each in _WAYS if observer.offers(each)), None)
    if way is None:
        raise CapabilityMissing(["screencopy"], [f"it offers none of {', '.join(_WAYS)}"])
    output = observer.output(name)
    try:
        return way(observer, output, paint)
    finally:
        output.request("release")


class _Buffer:
    """Shared memory for one picture."""

    def __init__(self, observer: Observer, size: tuple[int, int], stride: int, code: int) -> None:
        self.size, self.stride, self.code = size, stride, code
        self._bytes = stride * size[1]
        self._descriptor = os.memfd_create("picture", os.MFD_CLOEXEC)
        os.ftruncate(self._descriptor, self._bytes)
        shm = observer.bind("wl_shm")
        pool = shm.request("create_pool", self._descriptor, self._bytes)
        self.proxy = pool.request("create_buffer", 0, *size, stride, _shm_code(code))
        pool.destroy()

    def image(self, *, is_upside_down: bool = False) -> Image:
        """Give what was written into it."""
        with mmap.mmap(self._descriptor, self._bytes, prot=mmap.PROT_READ) as data:
            told = data[:]
        return from_shm(self.size, self.stride, self.code, told, is_upside_down=is_upside_down)

    def __enter__(self) -> "_Buffer":
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._descriptor)


def _shm_code(code: int) -> int:
    # wl_shm has the two that everybody knows under numbers of its own.
    return {0x34325241: 0, 0x34325258: 1}.get(code, code)


def _by_screenshooter(observer: Observer, output: Thing, paint: _Paint) -> Image:
    width, height = _mode(output)
    with _Buffer(observer, (width, height), width * 4, _XRGB8888) as buffer:
        shooter = observer.bind("weston_screenshooter")
        shooter.request("take_shot", output.object_id, buffer.proxy.object_id)
        _paint(observer, paint)
        shooter.wait("done")
        buffer.proxy.destroy()
        return buffer.image()


def _mode(output: Thing) -> tuple[int, int]:
    modes = [told for event, told in output.events if event == "mode"]
    if not modes:
        raise HarnessError("the output has no mode, and so no picture")
    _, width, height, _ = map(whole, modes[-1])
    return width, height


def _by_capture(observer: Observer, output: Thing, paint: _Paint) -> Image:
    capture = observer.bind("weston_capture_v1")
    source = capture.request("create", output.object_id, _FRAMEBUFFER)
    code = whole(source.wait("format")[1][0])
    for _ in range(_TRIES):
        width, height = map(whole, source.wait("size")[1])
        with _Buffer(observer, (width, height), width * 4, code) as buffer:
            source.request("capture", buffer.proxy.object_id)
            _paint(observer, paint)
            # `retry` where the size has changed meanwhile; then that is told again.
            ending, told = source.wait("complete", "retry", "failed")
            buffer.proxy.destroy()
            if ending == "complete":
                source.destroy()
                return buffer.image()
            if ending == "failed":
                raise HarnessError(f"weston took no picture: {told[0]!r}")
    raise HarnessError("the output changes faster than a picture of it can be taken")


def _by_screencopy(observer: Observer, output: Thing, paint: _Paint) -> Image:
    manager = observer.bind("zwlr_screencopy_manager_v1")
    frame = manager.request("capture_output", 0, output.object_id)
    ending, told = frame.wait("buffer", "failed")
    if ending == "failed":
        raise HarnessError("the compositor took no picture")
    code, width, height, stride = map(whole, told)
    with _Buffer(observer, (width, height), stride, code) as buffer:
        frame.request("copy", buffer.proxy.object_id)
        _paint(observer, paint)
        ending, told = frame.wait("flags", "failed")
        if ending != "failed":
            ending, _ = frame.wait("ready", "failed")
        frame.destroy()
        buffer.proxy.destroy()
        if ending == "failed":
            raise HarnessError("the compositor took no picture")
        return buffer.image(is_upside_down=bool(whole(told[0]) & _Y_INVERT))


def _paint(observer: Observer, paint: _Paint) -> None:
    # Not before the compositor knows that a picture is wanted of what is painted next.
    observer.roundtrip()
    paint()


_WAYS: Mapping[str, Callable[[Observer, Thing, _Paint], Image]] = {
    "weston_capture_v1": _by_capture,
    "zwlr_screencopy_manager_v1": _by_screencopy,
    "weston_screenshooter": _by_screenshooter,
}
