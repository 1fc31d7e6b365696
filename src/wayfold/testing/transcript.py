"""What passed between programs and a compositor, message by message, as records."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from wayfold.expect.expectations import Expectations
from wayfold.expect.names import Names
from wayfold.testing.conversation import Conversation, Passed, WireRecord
from wayfold.testing.interfaces import Interface
from wayfold.testing.wire import Packet

__all__ = ["Transcript"]

_MOST_PENDING = 4096


class Transcript:
    """Records of every request and event of some connections, in the order in which they passed.

    A record is of the shape of `wayfold.Record`: position, time_ns, origin (`compositor` for an
    event, `client` for a request, `wayfold` for what the harness did), subject (`wl_surface#7`,
    never used twice), name and data. What cannot be read is a record too: `wire.unknown`,
    `wire.malformed` or, where the place in the stream is lost, `wire.lost`. At least the newest
    `keep` are kept.

    Bytes are taken down as they come and read when somebody looks. Any thread may use it.
    """

    def __init__(self, interfaces: Mapping[str, Interface], keep: int = 100_000) -> None:
        self._interfaces = interfaces
        self._keep = keep
        self._records: list[WireRecord] = []
        self._pending: list[tuple[int, Callable[[], Iterable[Passed]]]] = []
        self._is_news = False
        self._changed = threading.Condition(threading.RLock())
        self._versions: dict[str, int] = {}
        self._cut = 0
        self._serial = 0
        # Unix time that never runs backwards.
        self._start_ns = time.time_ns() - time.monotonic_ns()

    # -- what is there ------------------------------------------------------------------------

    @property
    def head(self) -> int:
        """Position of the last record."""
        with self._changed:
            self._read_pending()
            self._is_news = False
            return self._cut + len(self._records)

    @property
    def cut(self) -> int:
        """Position of the last record dropped; 0 while all are kept."""
        return self._cut

    def records(
        self,
        after: int = 0,
        *,
        until: int | None = None,
        name: str | Iterable[str] | None = None,
        subject: str | None = None,
        origin: str | None = None,
    ) -> Iterator[WireRecord]:
        """Give the records after a position that fit every condition, as `Log.records` does."""
        with self._changed:
            if until is None:
                until = self.head
            found = self._records[max(after - self._cut, 0) : max(until - self._cut, 0)]
        names = Names("*" if name is None else name)
        return (
            record
            for record in found
            if record.name in names
            and subject in (None, record.subject)
            and origin in (None, record.origin)
        )

    def __len__(self) -> int:
        return self.head - self._cut

    def __iter__(self) -> Iterator[WireRecord]:
        return self.records()

    def __getitem__(self, position: int) -> WireRecord:
        """Give the record at a position, or from the end by a negative one."""
        place = position + self.head + 1 if position < 0 else position
        if not self._cut < place <= self.head:
            raise IndexError(f"no record at {position}: there are {self._cut + 1} to {self.head}")
        return next(self.records(place - 1, until=place))

    @property
    def expect(self) -> Expectations:
        """What is expected of these records, as `Log.expect`; `eventually` waits for more."""
        return Expectations(self, advance=self.wait)

    def wait(self, timeout: float | None) -> bool:
        """Wait until something has passed since `head` was asked; False where nothing came."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_news, timeout)

    # -- what writes --------------------------------------------------------------------------

    def converse(self) -> Conversation:
        """Give what follows one new connection."""
        return Conversation(self._interfaces, self._next_serial)

    def _next_serial(self) -> int:
        self._serial += 1
        return self._serial

    def take_down(self, conversation: Conversation, origin: str, packet: Packet) -> None:
        """Note what was sent by one side; it is read later."""
        self._put(partial(conversation.read, origin, packet))

    def note(self, name: str, subject: str, data: Mapping[str, Any] | None = None) -> None:
        """Write down what the harness itself has done or seen."""
        made = Passed(name, subject, "wayfold", dict(data or {}))
        self._put(lambda: (made,))

    def _put(self, passed: Callable[[], Iterable[Passed]]) -> None:
        with self._changed:
            self._pending.append((self._start_ns + time.monotonic_ns(), passed))
            self._is_news = True
            if len(self._pending) > _MOST_PENDING:
                self._read_pending()
            self._changed.notify_all()

    def read(self, conversation: Conversation, origin: str, packet: Packet) -> list[Passed]:
        """Take down what was sent by one side, and give its messages at once."""
        with self._changed:
            self._read_pending()
            passed = list(conversation.read(origin, packet))
            self._put(lambda: passed)
        return passed

    def _read_pending(self) -> None:
        pending, self._pending = self._pending, []
        for time_ns, passed in pending:
            self._append(passed(), time_ns)

    def _append(self, passed: Iterable[Passed], time_ns: int) -> None:
        for position, each in enumerate(passed, self._cut + len(self._records) + 1):
            version = self._versions[each.subject] = self._versions.get(each.subject, 0) + 1
            self._records.append(each.record(position, time_ns, version))
        if len(self._records) >= 2 * self._keep:
            dropped = len(self._records) - self._keep
            del self._records[:dropped]
            self._cut += dropped
