"""Every exception that wayfold raises, by who is at fault.

    WayfoldError
    ├── the caller (each is also a ValueError)
    │   ├── RequestRefused          a request that would have cost the connection
    │   │   ├── UnsupportedRequest  newer than the version its object was bound at
    │   │   └── DeadObject          sent on or with an object that is gone
    │   ├── PositionCut             a position that a bounded log has dropped
    │   ├── UpcastFailed            an upcaster raised on what an older version stored
    │   ├── CommandRejected         a decider said no; nothing was written
    │   └── StatementRefused        SQL that SQLite does not take, or a constraint that it broke
    ├── the compositor
    │   ├── ProtocolViolation       it refused a request and closed the connection
    │   │   └── MalformedEvent      it sent what the protocol does not allow
    │   └── MissingGlobal           it does not offer what was asked for
    ├── the world
    │   ├── ConnectionFailed        no connection was made
    │   │   ├── NoDisplay           nothing says where the compositor listens
    │   │   ├── NoSuchSocket        there is no socket of that name
    │   │   ├── NotListening        a socket is there and nobody answers
    │   │   ├── NotWayland          whoever answers does not speak Wayland
    │   │   └── ConnectTimeout      no answer in time (also a TimeoutError)
    │   ├── ConnectionLost          the compositor is gone
    │   ├── JournalOverflow         more events at once than the journal may hold
    │   └── WaitTimeout             what was waited for did not come (also a TimeoutError)
    └── the log
        ├── LogConflict             the subject is at another version than expected
        ├── PositionMoved           somebody else has moved a view or process
        ├── ReactionFailed          a view or process could not take a record
        └── LogUnusable             the file cannot be used as a log
            ├── NotALog             it is something else, or empty
            ├── LogTooNew           a newer wayfold wrote it
            ├── LogInUse            another writer has it open
            ├── LogBusy                 another program keeps the file locked
            ├── LogFull             the disk has no room; nothing of the append was written
            └── LogDamaged          what is stored is not what was written, or writing failed

Bad values are the built-in ValueError and TypeError. Facts are attributes; the message says what
was needed, what was found and what to do.
"""

from collections.abc import Sequence
from typing import Any

__all__ = [
    "CommandRejected",
    "ConnectTimeout",
    "ConnectionFailed",
    "ConnectionLost",
    "DeadObject",
    "JournalOverflow",
    "LogBusy",
    "LogConflict",
    "LogDamaged",
    "LogFull",
    "LogInUse",
    "LogTooNew",
    "LogUnusable",
    "MalformedEvent",
    "MissingGlobal",
    "NoDisplay",
    "NoSuchSocket",
    "NotALog",
    "NotListening",
    "NotWayland",
    "PositionCut",
    "PositionMoved",
    "ProtocolViolation",
    "ReactionFailed",
    "RequestRefused",
    "StatementRefused",
    "UnsupportedRequest",
    "UpcastFailed",
    "WaitTimeout",
    "WayfoldError",
]


class WayfoldError(Exception):
    """Anything that goes wrong in wayfold, except plainly bad values."""


class RequestRefused(WayfoldError, ValueError):
    """A request was not sent, because the compositor would have closed the connection.

    `request` is its name (`wl_surface.damage_buffer`), `subject` the object it was for. The
    connection stays usable.
    """

    def __init__(self, request: str, subject: str, reason: str) -> None:
        super().__init__(f"{request} on {subject} was not sent: {reason}")
        self.request = request
        self.subject = subject


class UnsupportedRequest(RequestRefused):
    """A request is newer than the version its object was bound at.

    `since` is the version that brought the request, `bound` the object's own.
    """

    def __init__(self, request: str, subject: str, *, since: int, bound: int) -> None:
        super().__init__(
            request,
            subject,
            f"it needs version {since}, the object is at version {bound}; "
            "bind a newer version where the compositor offers one",
        )
        self.since = since
        self.bound = bound


class DeadObject(RequestRefused):
    """A request was made on an object that has been destroyed, or names one."""

    def __init__(self, request: str, subject: str, dead: str) -> None:
        super().__init__(request, subject, f"{dead} has been destroyed")
        self.dead = dead


class PositionCut(WayfoldError, ValueError):
    """A position that the log once held and has dropped to stay within its bound.

    `position` was asked for, `first` is the oldest one still there.
    """

    def __init__(self, position: int, first: int) -> None:
        super().__init__(
            f"position {position} was cut: this log keeps positions from {first} on; "
            "open it with a larger keep, or record to a file"
        )
        self.position = position
        self.first = first


class UpcastFailed(WayfoldError, ValueError):
    """An upcaster raised `__cause__` on the record at `position`, stored as `name`."""

    def __init__(self, name: str, position: int, error: Exception) -> None:
        super().__init__(
            f"the record at position {position}, stored as {name}, could not be brought up to the "
            f"newest version: {type(error).__name__}: {error}; mend its upcaster"
        )
        self.name = name
        self.position = position


class ProtocolViolation(WayfoldError):
    """The compositor closed the connection with a protocol error.

    `interface`, `subject` and `code` are those of wl_display.error (wayland, version 1);
    `code_name` is the code's name in the interface's error enum or None, `text` the compositor's
    own words, `request` the record of the request that most likely caused it or None, `last` the
    last records before it.
    """

    def __init__(
        self,
        message: str,
        *,
        interface: str | None = None,
        subject: str | None = None,
        code: int | None = None,
        code_name: str | None = None,
        text: str = "",
        request: Any = None,
        last: Sequence[Any] = (),
    ) -> None:
        super().__init__(message)
        self.interface = interface
        self.subject = subject
        self.code = code
        self.code_name = code_name
        self.text = text
        self.request = request
        self.last = tuple(last)


class MalformedEvent(ProtocolViolation):
    """The compositor sent bytes that are not a valid event of the object they name.

    Where the event could still be told apart (a string that is not UTF-8) the connection stays
    usable; where libwayland lost its place in the stream it is closed.
    """


class MissingGlobal(WayfoldError):
    """The compositor does not offer a global, or not at the version needed.

    `interface` was asked for at `needed` or newer; `offered` is the version there is, or None.
    """

    def __init__(self, interface: str, *, needed: int, offered: int | None) -> None:
        found = f"it offers version {offered}" if offered else "it offers none"
        super().__init__(
            f"{interface} version {needed} or newer is needed from the compositor, {found}"
        )
        self.interface = interface
        self.needed = needed
        self.offered = offered


class ConnectionFailed(WayfoldError, ConnectionError):
    """No connection to a compositor was made; `display` is what was tried."""

    def __init__(self, message: str, display: str | None = None) -> None:
        super().__init__(message)
        self.display = display


class NoDisplay(ConnectionFailed):
    """Neither an argument nor the environment says where the compositor listens."""


class NoSuchSocket(ConnectionFailed):
    """There is no socket of the name or path given."""


class NotListening(ConnectionFailed):
    """The socket is there, and no compositor listens on it (ECONNREFUSED, EACCES …)."""


class NotWayland(ConnectionFailed):
    """Something answers on the socket, and it does not speak Wayland."""


class ConnectTimeout(ConnectionFailed, TimeoutError):
    """The compositor did not answer the first roundtrips in time."""


class ConnectionLost(WayfoldError, ConnectionError):
    """The compositor is gone; `reason` says how it was noticed, `last` holds the last records."""

    def __init__(self, reason: str, last: Sequence[Any] = ()) -> None:
        super().__init__(f"the connection to the compositor is lost: {reason}")
        self.reason = reason
        self.last = tuple(last)


class JournalOverflow(WayfoldError):
    """More came in one dispatch than the journal may hold; the connection is closed.

    `limit` is the journal's bound in bytes.
    """

    def __init__(self, limit: int, reason: str) -> None:
        super().__init__(
            f"events were refused by the journal, which is bounded at {limit} bytes: {reason}"
        )
        self.limit = limit


class WaitTimeout(WayfoldError, TimeoutError):
    """What was waited for did not come within `timeout_s` seconds."""

    def __init__(self, what: str, timeout_s: float) -> None:
        super().__init__(f"{what} did not come within {timeout_s:g} s")
        self.timeout_s = timeout_s


class LogConflict(WayfoldError):
    """A subject is at `actual`, where the append expected `expected`; nothing was written."""

    def __init__(self, subject: str, *, expected: int, actual: int) -> None:
        super().__init__(
            f"{subject} was expected at version {expected} and is at version {actual}; "
            "nothing was written: read it again and decide again"
        )
        self.subject = subject
        self.expected = expected
        self.actual = actual


class CommandRejected(WayfoldError, ValueError):
    """A decider does not allow a command; nothing was written.

    Raised by `decide` with the `reason`. `subject` and `command` are set by `execute`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.subject = ""
        self.command: Any = None

    def __str__(self) -> str:
        return f"{self.subject}: {self.reason}" if self.subject else self.reason


class StatementRefused(WayfoldError, ValueError):
    """SQLite did not take a `statement` on the tables beside the records; `reason` says why."""

    def __init__(self, statement: str, reason: str) -> None:
        super().__init__(f"SQLite refused {' '.join(statement.split())!r}: {reason}")
        self.statement = statement
        self.reason = reason


class PositionMoved(WayfoldError):
    """What was at position `expected` is at `actual`: somebody else moved it, and we did nothing.

    `name` is the view's or process's.
    """

    def __init__(self, name: str, *, expected: int | None, actual: int | None) -> None:
        super().__init__(
            f"{name} was expected at position {expected} and is at {actual}: it runs twice; "
            "let one runner have it"
        )
        self.name = name
        self.expected = expected
        self.actual = actual


class ReactionFailed(WayfoldError):
    """The view or process `name` could not take the record at `position`.

    `consequence` says what became of that: an append that was not written, or a view that stands.
    """

    def __init__(self, name: str, position: int, reason: str, consequence: str) -> None:
        super().__init__(f"{name} failed at position {position}: {reason}; {consequence}")
        self.name = name
        self.position = position
        self.reason = reason
        self.consequence = consequence


class LogUnusable(WayfoldError):
    """The file at `path` cannot be used as a log."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path


class NotALog(LogUnusable):
    """The file is something else than a log, or empty; it was left as it is."""


class LogTooNew(LogUnusable):
    """A newer wayfold wrote the file, in layout `found`; this one knows them up to `known`."""

    def __init__(self, path: str, *, found: int, known: int) -> None:
        super().__init__(
            path,
            f"it is of layout {found}, and this wayfold knows them up to {known}; "
            "install the wayfold that wrote it, or a newer one",
        )
        self.found = found
        self.known = known


class LogInUse(LogUnusable):
    """Another writer has the log open; `pid` is its process, None where it does not tell."""

    def __init__(self, path: str, pid: int | None) -> None:
        owner = "another process" if pid is None else f"process {pid}"
        super().__init__(
            path, f"{owner} writes to it; end that, read it only, or name another file"
        )
        self.pid = pid


class LogBusy(LogUnusable):
    """Another program has the file locked for longer than we wait; nothing was written."""

    def __init__(self, path: str) -> None:
        super().__init__(
            path, "another program keeps it locked for writing; end its transaction and try again"
        )


class LogFull(LogUnusable):
    """The disk has no room; nothing of the append was written, and the log is closed."""


class LogDamaged(LogUnusable):
    """What a log holds is not what was written to it, or it could not be written.

    `position` is the first record that does not fit, None where the damage has no place. A log
    that could not write or sync is closed: what a failed sync left behind is unknown.
    """

    def __init__(self, path: str, reason: str, position: int | None = None) -> None:
        super().__init__(path, reason)
        self.position = position
