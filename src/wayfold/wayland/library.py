"""The one libwayland-client that pywayland loaded, given to the journal."""

from functools import cache
from typing import Any

import pywayland._ffi
from cffi import FFI

from wayfold.native._journal import ffi, lib

__all__ = ["address", "ffi", "journal", "take_log"]

_LOG_BYTES = 4096


@cache
def journal() -> Any:
    """Give the journal's functions, with libwayland's behind them.

    Raises ImportError where pywayland's libwayland lacks one that the journal needs.
    """
    pointers = ffi.new("journal_library_pointers *")
    fields = [name for name, _ in ffi.typeof("journal_library_pointers").fields]
    for field, found in _found(fields).items():
        setattr(pointers, field, ffi.cast("void *", found))
    if lib.journal_use_pointers(pointers) < 0:
        raise ImportError("the journal was given no address for a function of libwayland-client")
    return lib


def _found(fields: list[str]) -> dict[str, int]:
    loader = FFI()
    loader.cdef("".join(f"void wl_{field}(void);" for field in fields))
    library: Any = loader.dlopen(pywayland._ffi.__file__)
    try:
        functions = {field: getattr(library, f"wl_{field}") for field in fields}
    except AttributeError as error:
        raise ImportError(
            f"{error}: wayfold needs libwayland-client 1.20 or newer, as pywayland 0.4.19 and "
            "newer bring it"
        ) from error
    return {name: int(loader.cast("uintptr_t", function)) for name, function in functions.items()}


def address(pointer: Any) -> int:
    """Give the address in a cdata pointer of pywayland's."""
    return int(pywayland.ffi.cast("uintptr_t", pointer))


def take_log() -> str:
    """Give what libwayland has said in words on this thread since the last time."""
    text = ffi.new("char[]", _LOG_BYTES)
    length = lib.journal_take_log(text, _LOG_BYTES)
    return bytes(ffi.buffer(text, length)).decode("utf-8", "replace")
