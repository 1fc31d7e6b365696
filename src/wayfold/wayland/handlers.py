"""Who hears which records, and what is still to be told."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import partial
from typing import Any

from wayfold.expect.names import Names
from wayfold.log import Record
from wayfold.log.batch import Batch
from wayfold.wayland.descriptor import Descriptor
from wayfold.wayland.packed import Packed

__all__ = ["Concerns", "Function", "Handlers", "Turn"]

Function = Callable[[Record], object]
Concerns = Callable[[str], bool]
"""Says by name whether it may have changed who hears such records."""
_CO_COROUTINE = 0x80  # of inspect, which takes long to import


class Turn(IntEnum):
    """Who hears of a record first."""

    FIRST = 0
    """What wayfold must do before a user may look: bind, answer a ping."""
    USER = 1
    LAST = 2
    """What takes away what a user may still want to see."""


class _Handler:
    def __init__(self, names: Names, function: Function, subject: str | None, turn: Turn) -> None:
        self.names = names
        self.function = function
        self.subject = subject
        self.turn = turn
        self.is_on = True


class Handlers:
    """Handlers by the names they hear, and a queue of what they are still to be told.

    A handler's exception leaves `deliver`; what was queued behind it stays queued, so that the
    next `deliver` goes on there. A handler may deliver itself (it may do a roundtrip): then the
    rest is told from within, still in order.
    """

    def __init__(self, changed: Callable[[Concerns], None]) -> None:
        self._handlers: list[_Handler] = []
        self._by_name: dict[str, tuple[_Handler, ...]] = {}
        self._queue: deque[Callable[[], object]] = deque()
        self._descriptors: dict[int, tuple[Descriptor, ...]] = {}
        self._changed = changed

    def on(
        self,
        names: str | Iterable[str],
        function: Function,
        *,
        subject: str | None = None,
        turn: Turn = Turn.USER,
    ) -> None:
        """Have a function told of records by name patterns, of one subject or of all."""
        if not callable(function):
            raise TypeError(f"a handler must be callable, {type(function).__name__} is not")
        if getattr(getattr(function, "__code__", None), "co_flags", 0) & _CO_COROUTINE:
            raise TypeError("nobody would await an async handler; start a task in a plain one")
        heard = Names(names)
        self._handlers.append(_Handler(heard, function, subject, turn))
        self._handlers.sort(key=lambda handler: handler.turn)
        self._forget(heard.__contains__)

    def off(self, function: Function) -> bool:
        """Tell a function nothing more, not even what is queued; False where it was not told."""
        gone = [h for h in self._handlers if h.function == function]
        for handler in gone:
            handler.is_on = False
            self._handlers.remove(handler)
            self._forget(handler.names.__contains__)
        return bool(gone)

    def _forget(self, concerns: Concerns) -> None:
        # Only what it concerns: a program with many windows has thousands of handlers.
        for name in filter(concerns, tuple(self._by_name)):
            del self._by_name[name]
        self._changed(concerns)

    def is_heard(self, name: str) -> bool:
        """Tell whether anybody hears records of this name."""
        return bool(self._heard(name))

    def _heard(self, name: str) -> tuple[_Handler, ...]:
        found = self._by_name.get(name)
        if found is None:
            found = tuple(h for h in self._handlers if name in h.names)
            self._by_name[name] = found
        return found

    @property
    def has_news(self) -> bool:
        """True while something is still to be told."""
        return bool(self._queue)

    def tell(self, record: Record, descriptors: tuple[Descriptor, ...] = ()) -> None:
        """Queue a record for whoever hears it; its descriptors live until all were told."""
        if descriptors:
            self._descriptors[record.position] = descriptors
        for handler in self._heard(record.name):
            if handler.subject is None or handler.subject == record.subject:
                self._queue.append(partial(_call, handler, record))
        if descriptors:
            self._queue.append(partial(self._close, record.position))

    def appended(self, first: int, batch: Batch, derived: Sequence[Record]) -> None:
        """Hear from the log of records that did not come packed from the compositor."""
        if isinstance(batch, Packed):
            return
        for record in (*batch.records(0, len(batch), first, None), *derived):
            if self._heard(record.name):
                self.tell(record)

    def deliver(self) -> int:
        """Tell everything that is queued; give how many calls that took."""
        count = 0
        while self._queue:
            self._queue.popleft()()
            count += 1
        return count

    def descriptors(self, record: Record) -> tuple[Descriptor, ...]:
        """Give the descriptors that came with a record, while its handlers are being told."""
        return self._descriptors.get(record.position, ())

    def _close(self, position: int) -> None:
        for each in self._descriptors.pop(position, ()):
            each.close()

    def close(self) -> None:
        """Forget every handler and what they were to be told; close every descriptor."""
        self._queue.clear()
        self._handlers.clear()
        self._by_name.clear()
        for position in list(self._descriptors):
            self._close(position)


def _call(handler: _Handler, record: Record) -> Any:
    return handler.function(record) if handler.is_on else None
