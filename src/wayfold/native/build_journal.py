"""Write the C source of the extension `wayfold.native._journal` from journal.cdef.

Run by the build: `build_journal.py OUTPUT.c CDEF`. It needs cffi and nothing of ours.
"""

import sys
from pathlib import Path

from cffi import FFI

__all__ = ["main"]


def main(output: str, declarations: str) -> None:
    """Write `output`, which is compiled together with journal.c."""
    ffi = FFI()
    ffi.cdef(Path(declarations).read_text(encoding="utf-8"))
    ffi.set_source("wayfold.native._journal", '#include "journal.h"', py_limited_api=True)
    ffi.emit_c_code(output)


if __name__ == "__main__":
    main(*sys.argv[1:])
