"""Shared memory that the compositor shows: pools in memfds, buffers used again once released."""

import mmap
import os
from typing import Any

from wayfold.log import Record
from wayfold.wayland.handlers import Handlers

__all__ = ["ARGB8888", "BYTES_PER_PIXEL", "XRGB8888", "Buffer", "Buffers", "check_size"]

ARGB8888 = 0
"""wl_shm.format: 32 bits, B G R A in memory on a little-endian machine, premultiplied."""
XRGB8888 = 1
"""wl_shm.format: 32 bits, B G R and one that is ignored."""
BYTES_PER_PIXEL = {ARGB8888: 4, XRGB8888: 4}

_MOST_BYTES = (1 << 31) - 1  # wl_shm.create_pool takes an int
_MOST_BUFFERS = 4


def check_size(width: int, height: int, scale: int = 1) -> None:
    """Raise ValueError unless a buffer of this size, in surface units, can be made."""
    for what, number in (("width", width), ("height", height), ("scale", scale)):
        if isinstance(number, bool) or not isinstance(number, int) or number < 1:
            raise ValueError(f"{what} must be a whole number of 1 or more, not {number!r}")
    if width * height * scale * scale * 4 > _MOST_BYTES:
        raise ValueError(
            f"{width}x{height} at scale {scale} takes more than the {_MOST_BYTES} bytes that a "
            "wl_shm_pool can have"
        )


class Buffer:
    """A wl_buffer and its memory: `data` has `height` rows of `stride` bytes."""

    def __init__(self, shm: Any, width: int, height: int, pixel_format: int) -> None:
        self.width = width
        self.height = height
        self.stride = width * BYTES_PER_PIXEL[pixel_format]
        self.is_busy = False
        size = self.stride * height
        descriptor = os.memfd_create("wayfold-buffer", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            os.ftruncate(descriptor, size)
            self._memory = mmap.mmap(descriptor, size)
            pool = shm.create_pool(descriptor, size)
        finally:
            os.close(descriptor)  # libwayland sends a duplicate
        self.proxy: Any = pool.create_buffer(0, width, height, self.stride, pixel_format)
        pool.destroy()  # the buffer keeps the pool's memory alive in the compositor
        self.data = memoryview(self._memory)

    def destroy(self) -> None:
        """Give the buffer up; whoever still holds `data` keeps the memory mapped."""
        if self.proxy.is_alive:
            self.proxy.destroy()


class Buffers:
    """Buffers of one size and format; the compositor may hold some of them while we draw."""

    def __init__(self, shm: Any, handlers: Handlers, pixel_format: int = XRGB8888) -> None:
        if pixel_format not in BYTES_PER_PIXEL:
            raise ValueError(f"format {pixel_format} is not ARGB8888 (0) or XRGB8888 (1)")
        self._shm = shm
        self._handlers = handlers
        self._format = pixel_format
        self._buffers: list[Buffer] = []
        handlers.on("wl_buffer.release", self._released)

    def _released(self, record: Record) -> None:
        for buffer in tuple(self._buffers):
            if buffer.proxy.subject == record.subject:
                buffer.is_busy = False

    def free(self, width: int, height: int) -> Buffer | None:
        """Give a buffer of this size in pixels that nobody reads; None while all are held.

        Buffers of another size go away once the compositor has let go of them.
        """
        for stale in [b for b in self._buffers if (b.width, b.height) != (width, height)]:
            if not stale.is_busy:
                self._buffers.remove(stale)
                stale.destroy()
        for buffer in self._buffers:
            if not buffer.is_busy and (buffer.width, buffer.height) == (width, height):
                return buffer
        if sum((b.width, b.height) == (width, height) for b in self._buffers) >= _MOST_BUFFERS:
            return None
        made = Buffer(self._shm, width, height, self._format)
        self._buffers.append(made)
        return made

    def destroy(self) -> None:
        """Give all buffers up."""
        self._handlers.off(self._released)
        for buffer in self._buffers:
            buffer.destroy()
        self._buffers.clear()
