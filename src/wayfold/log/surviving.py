"""Go on in memory where a file can no longer be written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

from wayfold.errors import LogBusy, LogUnusable
from wayfold.log.batch import Batch, Decoded
from wayfold.log.beside import Work
from wayfold.log.blobs import Blobs
from wayfold.log.memory import MemoryStore
from wayfold.log.record import Record
from wayfold.log.store import Span, Store

__all__ = ["SurvivingStore"]


class SurvivingStore:
    """A file until it fails, and behind its last record memory.

    What the file holds stays readable as far as the disk gives it. The positions in memory are
    not in the file: whoever opens it again goes on from its own head. `failure` says why.
    """

    outlives_process = True

    def __init__(self, file: Store, keep: int = 100_000) -> None:
        self._file = file
        self._keep = keep
        self._memory: MemoryStore | None = None
        self._failure: LogUnusable | None = None

    @property
    def failure(self) -> LogUnusable | None:
        """What ended the writing to the file; None while it goes on."""
        return self._failure

    @property
    def _newest(self) -> Store:
        return self._memory or self._file

    def _survive(self, failure: LogUnusable) -> MemoryStore:
        self._failure = failure
        self._memory = MemoryStore(self._keep, self._file.head)
        return self._memory

    @property
    def id(self) -> str:
        """That of the file."""
        return self._file.id

    @property
    def is_read_only(self) -> bool:
        """False: this is the file's only writer."""
        return False

    @property
    def head(self) -> int:
        """Position of the last record, in the file or in memory."""
        return self._newest.head

    @property
    def durable(self) -> int:
        """Position of the last record known to be on disk."""
        return self._file.durable

    @property
    def cut(self) -> int:
        """Position of the last record dropped; what is in the file counts until memory is cut."""
        if self._memory is not None and self._memory.cut > self._file.head:
            return self._memory.cut
        return self._file.cut

    @property
    def is_writable(self) -> bool:
        """False once the file has failed: no snapshot is kept there."""
        return self._memory is None and self._file.is_writable

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record in the file; 0 where it cannot be read."""
        try:
            return self._file.version(subject)
        except LogUnusable:
            return 0

    def append(self, batches: Sequence[Batch], blobs: Blobs = (), also: Work | None = None) -> None:
        """Store all the batches, in the file or else in memory.

        What is to change in the file with them cannot: then the failure is raised.
        """
        if self._memory is None:
            try:
                self._file.append(batches, blobs, also)
                return
            except LogBusy:
                raise
            except LogUnusable as failure:
                self._survive(failure)
        if also is not None:
            self._raise()
        self._newest.append(batches)

    def write(self, work: Work) -> None:
        """Change what is beside the records in the file; raises what made it fail."""
        if self._memory is not None:
            self._raise()
        self._file.write(work)

    def _raise(self) -> NoReturn:
        assert self._failure is not None
        raise self._failure

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of a query on the file."""
        return self._file.read(statement, arguments)

    def about(self, subject: str, after: int) -> Iterator[Record]:
        """Give the records about a subject, wherever they are."""
        yield from self._file.about(subject, after)
        if self._memory is not None:
            yield from self._memory.about(subject, after)

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after `after` up to `until`, wherever they are."""
        end = self._file.head
        if after < end:
            yield from self._file.spans(after, min(until, end))
        if until > end and self._memory is not None:
            yield from self._memory.spans(max(after, end), until)

    def snapshot(self, until: int, model: str) -> tuple[int, bytes] | None:
        """Give the newest kept state of a model up to a position, where it can be read."""
        try:
            return self._file.snapshot(until, model)
        except LogUnusable:
            return None

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep the state in the file, unless that has failed."""
        if self._memory is not None:
            return
        try:
            self._file.keep_snapshot(position, model, state)
        except LogUnusable as failure:
            self._survive(failure)

    def blob(self, name: str) -> bytes | None:
        """Give a content that the file keeps."""
        return self._file.blob(name)

    def excess(self, clock: Callable[[], int]) -> int:
        """Give the position up to which may be dropped now; the cut where nothing may."""
        if self._memory is None:
            return self._file.excess(clock)
        until = self._memory.excess(clock)
        return until if until > self._file.head else self.cut

    def drop(self, until: int, told: Sequence[Record] = (), also: Work | None = None) -> None:
        """Forget the records up to a position, in the file or in memory."""
        if self._memory is not None:
            self._memory.append((Decoded(told),))
            self._memory.drop(until)
            return
        try:
            self._file.drop(until, told, also)
        except LogUnusable as failure:
            self._survive(failure)
            self.append((Decoded(told),))

    def base(self) -> Mapping[str, Any]:
        """Give what tells of the state at the file's cut."""
        return self._file.base()

    def holds(self) -> Mapping[str, int]:
        """Give who still needs the records behind which position."""
        return self._newest.holds()

    def hold(self, name: str, position: int) -> None:
        """Keep what is behind a position, for somebody by name."""
        self._newest.hold(name, position)

    def release(self, name: str) -> None:
        """Keep nothing for somebody any more."""
        self._newest.release(name)

    def sync(self, position: int | None = None) -> int:
        """Wait until the file is on disk; once it has failed, give what was durable before."""
        if self._memory is None:
            try:
                return self._file.sync(position)
            except LogUnusable as failure:
                self._survive(failure)
        return self._file.durable

    def refresh(self) -> None:
        """Do nothing: this is the file's only writer."""

    def verify(self) -> Iterator[int]:
        """Check the file against its chain."""
        return self._file.verify()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
