"""Keep the newest records in memory, packed ones as they came."""

import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from wayfold.log.batch import Batch
from wayfold.log.blobs import Blobs
from wayfold.log.match import wanted
from wayfold.log.record import Record
from wayfold.log.store import Span

if TYPE_CHECKING:
    from wayfold.log.beside import Work

__all__ = ["MemoryStore"]

_CHUNK_BYTES = 1 << 18
_CHUNK_RECORDS = 8192


class MemoryStore:
    """The newest `keep` records, and up to one chunk more, since only whole chunks are dropped."""

    def __init__(self, keep: int, cut: int = 0, base: Mapping[str, Any] | None = None) -> None:
        if keep < 1:
            raise ValueError(f"keep must be at least 1 record, not {keep}")
        self.keep = keep
        self.head = self.cut = cut
        self._base = base or {}
        self._chunks: list[Batch] = []
        self._befores: list[int] = []  # position before the first record of each chunk
        self._holds: dict[str, int] = {}
        self.id = uuid.uuid4().hex

    outlives_process = False
    is_writable = False
    is_read_only = False
    failure = None

    @property
    def durable(self) -> int:
        """0: nothing here outlives the process."""
        return 0

    @property
    def size(self) -> int:
        """Bytes kept for packed records."""
        return sum(chunk.size for chunk in self._chunks)

    def append(
        self, batches: Sequence[Batch], blobs: Blobs = (), also: "Work | None" = None
    ) -> None:
        """Keep the batches, joined to the newest chunk while that is small.

        What `also` does comes first: it may fail, and keeping cannot.
        """
        if also is not None:
            self.write(also)
        for batch in batches:
            if not self._join(batch):
                self._chunks.append(batch)
                self._befores.append(self.head)
            self.head += len(batch)

    def _join(self, batch: Batch) -> bool:
        if not self._chunks:
            return False
        tail = self._chunks[-1]
        if tail.size >= _CHUNK_BYTES or len(tail) >= min(_CHUNK_RECORDS, self.keep):
            return False
        joined = tail.joined(batch)
        if joined is None:
            return False
        self._chunks[-1] = joined
        return True

    @cached_property
    def _beside(self) -> Any:
        # SQLite is not needed until something is kept beside the records.
        from wayfold.log.beside import in_memory

        return in_memory()

    def write(self, work: "Work") -> None:
        """Do what is to be done beside the records as one transaction, or none of it."""
        from wayfold.log.beside import transact

        transact(self._beside, work)

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of a query; raises StatementRefused on one that is none."""
        from wayfold.log.beside import Beside

        return Beside(self._beside).execute(statement, arguments)

    def about(self, subject: str, after: int) -> Iterator[Record]:
        """Give the records about a subject, by looking at all of them."""
        chosen = wanted(None, subject)
        for span in self.spans(max(after, self.cut), self.head):
            yield from span.batch.records(span.start, span.stop, span.position, chosen)

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after `after` up to `until`, as they are now."""
        at = max(bisect_right(self._befores, after) - 1, 0)
        found = []
        while at < len(self._chunks) and self._befores[at] < until:
            before = self._befores[at]
            start = max(after - before, 0)
            stop = min(until - before, len(self._chunks[at]))
            if start < stop:
                found.append(Span(self._chunks[at], start, stop, before + start + 1))
            at += 1
        return iter(found)

    def snapshot(self, until: int, model: str) -> None:
        """Give nothing: states in memory are kept as they are, by who folds."""

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep nothing."""

    def blob(self, name: str) -> None:
        """Give nothing: contents are kept in files only."""

    def excess(self, clock: Callable[[], int]) -> int:
        """Give the end of the newest chunk that `keep` records follow, and nobody needs."""
        until = self._chunk_end(self.head - self.keep)
        if until == self.cut:
            return until
        held = min(self.holds().values(), default=until)
        return until if held >= until else self._chunk_end(held)

    def _chunk_end(self, most: int) -> int:
        until = self.cut
        for chunk, before in zip(self._chunks, self._befores, strict=True):
            if before + len(chunk) > most:
                break
            until = before + len(chunk)
        return until

    def drop(self, until: int, told: Sequence[Record] = (), also: "Work | None" = None) -> None:
        """Forget the chunks up to and with position `until`."""
        gone = bisect_right(self._befores, until - 1)
        del self._chunks[:gone], self._befores[:gone]
        self.cut = until

    def base(self) -> Mapping[str, Any]:
        """Give what tells of the state where this began; who folds has that of a later cut."""
        return self._base

    def holds(self) -> dict[str, int]:
        """Give who still needs the records behind which position."""
        if "_beside" not in vars(self):
            return dict(self._holds)
        rows = self.read("SELECT name, position FROM hold")
        return {**self._holds, **dict(rows)}

    def hold(self, name: str, position: int) -> None:
        """Keep what is behind a position, for somebody by name."""
        self._holds[name] = position

    def release(self, name: str) -> None:
        """Keep nothing for somebody any more."""
        self._holds.pop(name, None)

    def version(self, subject: str) -> int:
        """Give 0: a log in memory counts every subject from its start."""
        return 0

    def sync(self, position: int | None = None) -> int:
        """Give 0: nothing here outlives the process."""
        return 0

    def refresh(self) -> None:
        """Do nothing: nobody else appends to this."""

    def verify(self) -> Iterator[int]:
        """Give the head: memory has no chain."""
        return iter((self.head,))

    def close(self) -> None:
        """Do nothing: what is here goes with the process."""
