"""The one libwayland-client that pywayland loaded, given to the journal."""

from functools import cache
from typing import Any

import pywayland._ffi

from wayfold.native._journal import ffi, lib

__all__ = ["address", "ffi", "journal", "take_log"]

_LOG_BYTES = 4096


@cache
def journal() -> Any:
    """Give the journal's functions, with libwayland's behind them.

    Raises ImportError where pywayland's libwayland lacks one that the journal needs.
    """
    # The extension module was linked with the one libwayland-client that pywayland uses.
    missing = lib.journal_load(pywayland._ffi.__file__.encode())
    if missing != ffi.NULL:
        what = ffi.string(missing).decode()
        raise ImportError(
            f"{what} is missing: wayfold needs libwayland-client 1.20 or newer, as pywayland "
            "0.4.19 and newer bring it"
        )
    return lib


def address(pointer: Any) -> int:
    """Give the address in a cdata pointer of pywayland's."""
    return int(pywayland.ffi.cast("uintptr_t", pointer))


def take_log() -> str:
    """Give what libwayland has said in words on this thread since the last time."""
    text = ffi.new("char[]", _LOG_BYTES)
    length = lib.journal_take_log(text, _LOG_BYTES)
    return bytes(ffi.buffer(text, length)).decode("utf-8", "replace")
