"""A file descriptor that came with an event, owned until it is taken or closed."""

import os

__all__ = ["Descriptor"]


class Descriptor:
    """Owns one descriptor; closed at the latest when nobody holds this any more."""

    def __init__(self, number: int) -> None:
        self._number: int | None = number

    def fileno(self) -> int:
        """Give the number; raises ValueError once it was taken or closed."""
        if self._number is None:
            raise ValueError("the descriptor has been taken or closed")
        return self._number

    def take(self) -> int:
        """Give the number and the duty to close it; raises ValueError as `fileno` does."""
        number, self._number = self.fileno(), None
        return number

    def read(self, size: int) -> bytes:
        """Read up to `size` bytes from the start, as from a keymap or a format table."""
        return os.pread(self.fileno(), size, 0)

    def close(self) -> None:
        """Close it, unless it was taken."""
        number, self._number = self._number, None
        if number is not None:
            os.close(number)

    def __del__(self) -> None:
        self.close()
