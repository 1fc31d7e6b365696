"""What a live client and a replayed recording have in common: a log, handlers and a loop."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from wayfold.log import Log, Record
from wayfold.model import SessionModel, State
from wayfold.wayland.deadline import Deadline
from wayfold.wayland.handlers import Concerns, Function, Handlers
from wayfold.wayland.loop import Loop
from wayfold.wayland.objects import WaylandObject

if TYPE_CHECKING:
    from concurrent.futures import Future

    from wayfold.expect.expectations import Expectations

__all__ = ["TIMEOUT_S", "Session"]

T = TypeVar("T")
TIMEOUT_S = 10.0


class Session(ABC):
    """A log that grows by `dispatch`, its state, and who is told; used by one thread.

    `wake`, `stop` and `call` are for other threads too.
    """

    def __init__(self, log: Log, heard_changed: Callable[[Concerns], None]) -> None:
        log.interpret(SessionModel())
        self._log = log
        self._handlers = Handlers(heard_changed)
        self._loop = Loop()
        self._is_stopping = False

    @property
    def log(self) -> Log:
        """Everything that was told and asked, in order."""
        return self._log

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """False once nothing more can come."""

    @property
    def is_over(self) -> bool:
        """True once nothing more can come; not while a lost client is coming back."""
        return not self.is_open

    @abstractmethod
    def dispatch(self, timeout: float | None = None) -> int:
        """Wait for something to happen, tell the handlers, give the number of new records."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything; again it does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        kind = type(self).__name__
        return f"<{kind} {'open' if self.is_open else 'closed'}, {self.log.head} records>"

    @property
    def state(self) -> State:
        """The fold of every record up to now."""
        return self.log.state  # type: ignore[no-any-return]

    @property
    def expect(self) -> "Expectations":
        """What is expected of the log, as `log.expect`; `expect.eventually` dispatches."""
        return self.log.expect.advanced_by(self.dispatch)

    def mark(self, text: str) -> Record:
        """Write down what a person wants to find again, as a record `mark` of the log."""
        return self.log.append("mark", "marks", {"text": text})

    # -- hearing ------------------------------------------------------------------------------

    def on(
        self,
        name: str | Iterable[str],
        handler: Function | None = None,
        *,
        subject: str | WaylandObject | None = None,
    ) -> Any:
        """Have a function told of records by name: `wl_output.mode`, `wl_output.*`, or several.

        It is called as `handler(record)` once the whole batch is in the log and the state. Its
        exception leaves `dispatch` or `run`; the next call goes on behind it. Without a handler
        this is a decorator.
        """
        if handler is None:
            return lambda function: self.on(name, function, subject=subject)
        about = subject.subject if isinstance(subject, WaylandObject) else subject
        self._handlers.on(name, handler, subject=about)
        return handler

    def off(self, handler: Function) -> None:
        """Tell a function nothing more; raises ValueError where it was not told anything."""
        if not self._handlers.off(handler):
            raise ValueError(f"{handler!r} was not told of anything")

    # -- the loop -----------------------------------------------------------------------------

    def run(
        self,
        timeout: float | None = None,
        until: Callable[[State], object] | None = None,
    ) -> bool:
        """Dispatch until `stop`, until `until(state)` is true, until `close`, or for a time.

        Gives False where `timeout` seconds were up. Raises as `dispatch` does, and
        KeyboardInterrupt on Ctrl-C.
        """
        deadline = Deadline("the end of run", timeout)
        try:
            while not self.is_over and not self._is_stopping and not (until and until(self.state)):
                if deadline.is_over:
                    return False
                self.dispatch(deadline.left_s())
        finally:
            self._is_stopping = False
        return True

    def wait_until(
        self, predicate: Callable[[State], object], timeout: float | None = TIMEOUT_S
    ) -> State:
        """Dispatch until `predicate(state)` is true, and give that state.

        Raises WaitTimeout after `timeout` seconds, None is for ever; and what `dispatch` raises.
        """
        deadline = Deadline(f"what {getattr(predicate, '__name__', predicate)} waits for", timeout)
        while not predicate(self.state):
            deadline.check()
            self.dispatch(deadline.left_s())
        return self.state

    def stop(self) -> None:
        """End `run`, or the next one; from any thread and any signal handler."""
        self._is_stopping = True
        self._loop.wake()

    def wake(self) -> None:
        """End the wait that is going on, or the next; from any thread and any signal handler."""
        self._loop.wake()

    def call(self, function: Callable[[], T]) -> "Future[T]":
        """Have the thread of this client call a function; from any thread."""
        return self._loop.call(function)

    @property
    def loop(self) -> Loop:
        """For timers (`call_later`) and other descriptors (`add`, `remove`)."""
        return self._loop

    # -- inside another loop ------------------------------------------------------------------

    def fileno(self) -> int:
        """Give one descriptor that becomes readable whenever `process` has something to do."""
        return self._loop.fileno()

    def process(self) -> int:
        """Do what can be done without waiting; give the number of new records."""
        return self.dispatch(0.0)
