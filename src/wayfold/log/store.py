"""Where a log keeps its records."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from wayfold.errors import LogUnusable
from wayfold.log.batch import Batch
from wayfold.log.blobs import Blobs
from wayfold.log.record import Record

if TYPE_CHECKING:
    from wayfold.log.beside import Work

__all__ = ["CUT", "Span", "Store"]

CUT = "log.cut"
"""Name of the record that says up to where a file was cut, and with what state."""


class Span(NamedTuple):
    """Records `start` to `stop` of a batch; `position` is that of the record at `start`."""

    batch: Batch
    start: int
    stop: int
    position: int


class Store(Protocol):
    """Records in one total order, positions 1, 2, 3 … without gaps."""

    @property
    def id(self) -> str:
        """Tell this log from every other one."""
        ...

    @property
    def head(self) -> int:
        """Position of the last record appended; 0 for an empty store."""
        ...

    @property
    def durable(self) -> int:
        """Position of the last record known to be on disk."""
        ...

    @property
    def cut(self) -> int:
        """Position of the last record dropped; 0 where all are kept."""
        ...

    @property
    def outlives_process(self) -> bool:
        """True where records are kept in a file, so that secrets must not be."""
        ...

    @property
    def failure(self) -> LogUnusable | None:
        """What ended the writing to a file; None while it goes on."""
        ...

    @property
    def is_read_only(self) -> bool:
        """True where somebody else appends."""
        ...

    @property
    def is_writable(self) -> bool:
        """True where it is a file that is open for appending, and nothing has failed."""
        ...

    def version(self, subject: str) -> int:
        """Give the version of a subject's last record where the store knows it, else 0."""
        ...

    def append(
        self, batches: Sequence[Batch], blobs: Blobs = (), also: "Work | None" = None
    ) -> None:
        """Store all the batches in order, contents that they name, what `also` does; or nothing."""
        ...

    def write(self, work: "Work") -> None:
        """Do what is to be done beside the records as one transaction, or none of it."""
        ...

    def read(self, statement: str, arguments: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Give the rows of an SQL query on what is beside the records."""
        ...

    def about(self, subject: str, after: int) -> Iterator[Record]:
        """Give the records about a subject that are kept and come after a position."""
        ...

    def spans(self, after: int, until: int) -> Iterator[Span]:
        """Give the records after position `after` up to `until`; both at or above the cut."""
        ...

    def snapshot(self, until: int, model: str) -> tuple[int, bytes] | None:
        """Give the newest kept state of a model up to a position, with its position."""
        ...

    def keep_snapshot(self, position: int, model: str, state: bytes) -> None:
        """Keep the state of a model at a position, beside the records."""
        ...

    def blob(self, name: str) -> bytes | None:
        """Give the content that is kept under a hash."""
        ...

    def excess(self, clock: Callable[[], int]) -> int:
        """Give the position up to which may be dropped now; the cut where nothing may.

        `clock` gives Unix nanoseconds, and is asked only where the log is bounded by age.
        """
        ...

    def drop(self, until: int, told: Sequence[Record] = (), also: "Work | None" = None) -> None:
        """Forget the records up to a position, and append what tells so, in one transaction."""
        ...

    def base(self) -> Mapping[str, Any]:
        """Give the data of the record that says with what state the log was cut."""
        ...

    def holds(self) -> Mapping[str, int]:
        """Give who still needs the records behind which position."""
        ...

    def hold(self, name: str, position: int) -> None:
        """Keep what is behind a position, for somebody by name."""
        ...

    def release(self, name: str) -> None:
        """Keep nothing for somebody any more."""
        ...

    def sync(self, position: int | None = None) -> int:
        """Wait until a position, or all, is on disk; give `durable`."""
        ...

    def refresh(self) -> None:
        """See what another process has appended."""
        ...

    def verify(self) -> Iterator[int]:
        """Check that what is stored is what was written; give the positions reached."""
        ...

    def close(self) -> None:
        """Let go of everything; again it does nothing."""
        ...
