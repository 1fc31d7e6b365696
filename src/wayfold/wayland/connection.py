"""One connection to a compositor: events into the log, requests out of it, closed in order."""

import errno
import os
import time
from collections.abc import Callable
from typing import Any

from wayfold.errors import (
    ConnectionFailed,
    ConnectionLost,
    DeadObject,
    JournalOverflow,
    MalformedEvent,
    RequestRefused,
    UnsupportedRequest,
    WayfoldError,
)
from wayfold.log import Fact, Log, Origin, Record
from wayfold.log.plain import spelled
from wayfold.protocol import schema
from wayfold.wayland.endpoint import Endpoint
from wayfold.wayland.intake import Intake, Told
from wayfold.wayland.library import address, ffi, journal, take_log
from wayfold.wayland.marshal import Encoder, Laid
from wayfold.wayland.objects import WaylandObject, encoders
from wayfold.wayland.shield import Shield
from wayfold.wayland.table import GroupEnds, Table
from wayfold.wayland.violation import LAST, explain

__all__ = ["Connection"]

_SUBJECT = "connection"
_LIMIT_BYTES = 64 << 20
_BUDGET_BYTES = 256 << 10


class Connection:
    """Owns the socket, libwayland's display and every object; all of it goes in `close`.

    Nothing here waits: `flush` and `read` do what can be done now, the loop waits between them.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        log: Log,
        group_ends: GroupEnds,
        *,
        limit_bytes: int = _LIMIT_BYTES,
    ) -> None:
        self._library = journal()
        self.log = log
        self._limit = limit_bytes
        log.check_free()
        self._journal = self._open(endpoint)
        self._owner = os.getpid()
        self._error: WayfoldError | None = None
        self._offset_ns = time.time_ns() - time.monotonic_ns()
        self.table = Table(self._journal, self._offset_ns, group_ends)
        self._intake = Intake(self._journal, self.table, self, log)
        self._words = ""
        log.join_session(self.now_ns, self.table)
        self._display = endpoint.description
        self._tell("connection.opened", {"display": self._display})
        pointer = self._library.journal_display(self._journal)
        self.display: Any = self.table.adopt(self, schema.interface("wl_display"), pointer, 1)

    def _open(self, endpoint: Endpoint) -> Any:
        with Shield():  # in between nobody would own the descriptor
            # Each record makes at most one object, so that serials above the head are unused.
            made = self._library.journal_open(
                endpoint.descriptor.take(), self.log.head + 1, self._limit
            )
            if made == ffi.NULL:
                raise ConnectionFailed("libwayland made no display of the socket: out of memory")
            return ffi.gc(made, self._library.journal_close)

    def now_ns(self) -> int:
        """Give Unix time in nanoseconds that never runs backwards within this connection."""
        return time.monotonic_ns() + self._offset_ns

    def _tell(self, name: str, data: dict[str, str]) -> None:
        told = {each: spelled(text) for each, text in data.items()}
        self.log.append_facts((Fact(name, _SUBJECT, told, Origin.WAYFOLD),))

    # -- life ---------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """False once it was closed or lost, and in a process that was forked off."""
        return self._journal is not None and self._error is None and self.is_ours

    @property
    def is_ours(self) -> bool:
        """False in a process that was forked off: the connection is still its parent's."""
        return os.getpid() == self._owner

    @property
    def is_lost(self) -> bool:
        """True where the compositor is gone, and not where it or we were at fault."""
        return isinstance(self._error, ConnectionLost)

    @property
    def descriptor(self) -> int:
        """The socket, which becomes readable when the compositor has told us something."""
        self.check_open()
        return int(self._library.journal_fd(self._journal))

    def close(self) -> None:
        """Destroy every object, then disconnect; again, or after a loss, it does nothing more."""
        if self._journal is None:
            return
        try:
            if self.is_open:
                self._library.journal_flush(self._journal)
                self._tell("connection.closed", {})
        finally:
            self._let_go()

    def _let_go(self) -> None:
        pointer, self._journal = self._journal, None
        self._intake.close()
        self.log.leave_session()
        self.table.clear()
        ffi.release(pointer)

    def check_open(self) -> None:
        """Raise ConnectionLost once it was closed or lost."""
        if self._error is not None:
            reason = getattr(self._error, "reason", str(self._error))
            raise ConnectionLost(reason, self.log[-LAST:]) from self._error
        if self._journal is None:
            raise ConnectionLost("it has been closed on this side")
        if not self.is_ours:
            raise ConnectionLost(f"it is process {self._owner}'s; a fork of that connects anew")

    def ready(self) -> None:
        """Write down that the first state is complete: objects may be asked for."""
        self._tell("connection.ready", {"display": self._display})

    def abandon(self, reason: str) -> None:
        """Take the compositor for gone; it counts as lost."""
        if self.is_open:
            self._lose(ConnectionLost(reason, self.log[-LAST:]))

    def _lose(self, error: WayfoldError) -> WayfoldError:
        self._error = error
        self._tell("connection.lost", {"reason": str(error), "error": type(error).__name__})
        return error

    # -- requests -----------------------------------------------------------------------------

    def request(
        self, sender: WaylandObject, opcode: int, arguments: tuple[Any, ...], makes: Any
    ) -> Any:
        """Check a request, log it, then put it on the wire; give the object it makes.

        Raises UnsupportedRequest, DeadObject, another RequestRefused, TypeError or ValueError
        before anything is logged or sent.
        """
        self.check_open()
        encoder = encoders(sender.interface)[opcode]
        self._check_sender(encoder, sender)
        version = self._version_of_made(encoder, sender, arguments, makes)
        serial = self._library.journal_next_serial(self._journal)
        laid = encoder.lay(sender, arguments, f"{makes.name}#{serial}" if makes else None)
        fact = Fact(encoder.name, sender.subject, laid.data, Origin.CLIENT)
        with Shield():
            self.log.append_facts((fact,))
            return self._send(sender, opcode, laid, makes=makes, version=version)

    def _check_sender(self, encoder: Encoder, sender: WaylandObject) -> None:
        if not sender.is_alive:
            raise DeadObject(encoder.name, sender.subject, sender.subject)
        since = encoder.message.since
        if since > sender.version:
            raise UnsupportedRequest(
                encoder.name, sender.subject, since=since, bound=sender.version
            )

    def _version_of_made(
        self, encoder: Encoder, sender: WaylandObject, arguments: tuple[Any, ...], makes: Any
    ) -> int:
        if encoder.name != "wl_registry.bind":
            return sender.version
        name, interface, version = arguments
        offered = self.log.state.globals.get(name) if self.log.state else None
        if offered is None or offered.interface != interface:
            found = offered.interface if offered else "nothing"
            raise RequestRefused(
                encoder.name,
                sender.subject,
                f"global {name} is {found} and not {interface}",
            )
        most = min(offered.version, makes.version)
        if not 1 <= version <= most:
            raise UnsupportedRequest(encoder.name, sender.subject, since=version, bound=most)
        return int(version)

    def _send(
        self, sender: WaylandObject, opcode: int, laid: Laid, *, makes: Any, version: int
    ) -> Any:
        if self._library.journal_make_way(self._journal, laid.weight) < 0:
            self._hear_last_words()
        interface = ffi.cast("void *", address(makes._ptr)) if makes else ffi.NULL
        made = self._library.journal_send(
            self._journal, sender._pointer, opcode, interface, version, laid.arguments
        )
        if made != ffi.NULL:
            return self.table.adopt(self, makes, made, version)
        self._check_error()
        if makes:
            raise MemoryError(f"libwayland made no object for {makes.name}")
        return None

    def _hear_last_words(self) -> None:
        while self.read():  # it raises when it comes to the end, or to the error that led to it
            pass
        raise self._lose(ConnectionLost("the compositor takes no more requests", self.log[-LAST:]))

    def _check_error(self) -> None:
        if self._library.journal_error(self._journal):
            raise self._lose(explain(self._journal, self.table, self.log, take_log()))

    def forget(self, gone: WaylandObject) -> None:
        """Free what libwayland holds for an object."""
        pointer = self.table.drop(gone)
        if self._journal is not None:
            self._library.journal_destroy(self._journal, pointer)

    # -- events -------------------------------------------------------------------------------

    def hear(self, is_heard: Callable[[str], bool], told: Told) -> None:
        """Have every event told whose name `is_heard`, and every record derived from events.

        They are told after their batch was appended.
        """
        self.table.hear(is_heard)
        self._intake.told = told

    def flush(self) -> bool:
        """Send what is waiting; False where the socket is full and must become writable first."""
        self.check_open()
        if self._library.journal_flush(self._journal) >= 0:
            return True
        if ffi.errno == errno.EAGAIN:
            return False
        if ffi.errno == errno.EPIPE:
            return True  # what the compositor said last is still there to be read
        raise self._lose(explain(self._journal, self.table, self.log, take_log()))

    def read(self) -> int:
        """Take in what has come, without waiting; give the number of events.

        Raises ProtocolViolation, MalformedEvent, ConnectionLost or JournalOverflow, after what was
        read before is in the log. (What libwayland 1.26 read at once with a protocol error it
        drops.)
        """
        self.check_open()
        with Shield():  # a read that was prepared and is not ended would block the next for ever
            result = self._pump()
            count = self._intake.drain()
        self._hear_words()
        status = self._library.journal_status(self._journal)
        if status != self._library.JOURNAL_OK:
            raise self._lose(self._overflow(status))
        if result < 0:
            raise self._lose(explain(self._journal, self.table, self.log, self._words))
        if malformed := self._intake.take_malformed():
            raise _not_utf8(malformed, self.log)
        return count

    def _pump(self) -> int:
        library, pointer = self._library, self._journal
        while library.journal_prepare(pointer) != 0:
            if library.journal_dispatch(pointer) < 0:
                return -1
        return int(library.journal_read(pointer, _BUDGET_BYTES))

    def _hear_words(self) -> None:
        self._words = take_log()
        if self._words and not self._library.journal_error(self._journal):
            self._tell("connection.log", {"text": self._words.strip()})

    def _overflow(self, status: int) -> JournalOverflow:
        full = status == self._library.JOURNAL_FULL
        return JournalOverflow(self._limit, "it is full" if full else "the system has no memory")


def _not_utf8(record: Record, log: Log) -> MalformedEvent:
    return MalformedEvent(
        f"{record.name} of {record.subject} at position {record.position} holds a string that "
        "is not UTF-8; it was stored with replacement characters, and the connection goes on",
        interface=record.name.split(".")[0],
        subject=record.subject,
        last=log[-LAST:],
    )
