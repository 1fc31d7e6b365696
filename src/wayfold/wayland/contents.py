"""What came in a descriptor, where the event tells its size: keymaps, format tables, profiles."""

import os
import stat

from wayfold.log import Record
from wayfold.wayland.descriptor import Descriptor

__all__ = ["LIMIT_BYTES", "content"]

LIMIT_BYTES = 1 << 20
"""More than this is not kept: a keymap has some 60 kB, a table of dmabuf formats a few."""


def content(record: Record, field: str, descriptor: Descriptor) -> bytes | None:
    """Give what a descriptor holds; None where that is not told, large, or no file in memory.

    A pipe is left alone: what is read from it is gone. The size stands beside the descriptor, as
    in wl_keyboard.keymap and zwp_linux_dmabuf_feedback_v1.format_table (`size`) or in
    wp_image_description_info_v1.icc_file (`icc_size`).
    """
    size = record.data.get("size", record.data.get(f"{field}_size"))
    if not isinstance(size, int) or not 0 < size <= LIMIT_BYTES:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor.fileno()).st_mode):
            return None
        return descriptor.read(size)
    except OSError:
        return None  # it may not be read; the record stands without
