"""Room in the WAL, made before it is needed."""

import os
from collections.abc import Callable

__all__ = ["MakeRoom", "Room", "make_room"]

MakeRoom = Callable[[int, int], None]
"""Makes a file, given its descriptor and size, some more bytes long."""

_HEADER_BYTES, _FRAME_HEADER_BYTES = 32, 24
"""Of a WAL and of each page in it, as https://www.sqlite.org/fileformat2.html#walformat says."""
_SPARE_BYTES = 1 << 15
_LEAST_BYTES, _MOST_BYTES = 1 << 16, 1 << 20


def make_room(descriptor: int, size: int) -> None:
    """Put zeros behind the end of a WAL, where SQLite finds no frame in them: as many as it has."""
    os.pwrite(descriptor, bytes(min(max(size, _LEAST_BYTES), _MOST_BYTES)), size)


class Room:
    """Says when a WAL is to be made longer by zeros.

    A sync of a file that has grown waits until its new size is on disk, too, which takes as long
    again. SQLite writes into a WAL that is long enough already without making it longer, as it does
    from the first checkpoint on; so we make it longer by many commits at once. Only where syncs are
    asked for: who does not wait for the disk has nothing of it.
    """

    def __init__(self, make: MakeRoom) -> None:
        self._make = make
        self._used = self._size = 0
        self.page_bytes = 0
        self.is_wanted = False

    def look(self, pages: int) -> None:
        """See after a sync whether the next commits have room; `pages` are those in the WAL.

        Any thread may call it. Without a stat of the WAL, for which the next sync would pay.
        """
        self._used = _HEADER_BYTES + pages * (_FRAME_HEADER_BYTES + self.page_bytes)
        self.is_wanted = pages > 0 and self._is_short

    @property
    def _is_short(self) -> bool:
        return self._size < self._used + _SPARE_BYTES

    def make(self, descriptor: int) -> None:
        """Make room if it is wanted, while nobody else can write to the WAL: in a transaction."""
        if not self.is_wanted:
            return
        self.is_wanted = False
        try:
            self._size = os.fstat(descriptor).st_size
            if self._is_short:
                self._make(descriptor, self._size)
                self._size = os.fstat(descriptor).st_size
        except OSError:
            pass  # the disk may be full; SQLite tells when it needs what is not there
