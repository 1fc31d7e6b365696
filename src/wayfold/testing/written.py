"""What a program writes, kept in memory: it needs no reader, no place and no removal."""

import os

__all__ = ["Written"]

_LIMIT_BYTES = 1 << 20


class Written:
    """A memory file that takes a program's output."""

    def __init__(self) -> None:
        self.descriptor = os.memfd_create("written", os.MFD_CLOEXEC)
        self._text = ""

    @property
    def text(self) -> str:
        """Give what was written so far, also after `close`; of very much, the end."""
        if self.descriptor >= 0:
            size = os.fstat(self.descriptor).st_size
            start = max(0, size - _LIMIT_BYTES)
            self._text = os.pread(self.descriptor, size - start, start).decode(errors="replace")
        return self._text

    def close(self) -> None:
        """Keep the text and nothing else; safe to repeat."""
        if self.descriptor >= 0:
            self._text = self.text
            os.close(self.descriptor)
            self.descriptor = -1
