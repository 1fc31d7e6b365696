"""The client under asyncio: no thread, no polling, the same log, state and handlers.

    async with wayfold.aio.connect() as client:
        async for record in client.records("wl_output.*"):
            print(record)

Waits may be cancelled at any await: nothing is lost, since everything told is in the log.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, Unpack

from wayfold.client import Client
from wayfold.connecting import connecting, interfaces, owned_log
from wayfold.errors import ConnectionLost, ConnectTimeout, WaitTimeout
from wayfold.expect.expectations import Condition
from wayfold.expect.pattern import Recorded
from wayfold.log import Log, Record
from wayfold.model import State
from wayfold.wayland.deadline import Deadline
from wayfold.wayland.endpoint import Display, Endpoint, open_endpoint
from wayfold.wayland.objects import WaylandObject
from wayfold.wayland.registry import BOUND_BY_DEFAULT

__all__ = ["AsyncClient", "connect"]

_TIMEOUT_S = 10.0
_AHEAD = 256


@asynccontextmanager
async def connect(
    display: Display = None,
    *,
    log: Log | str | os.PathLike[str] | None = None,
    bind: Iterable[str] = BOUND_BY_DEFAULT,
    timeout: float | None = _TIMEOUT_S,
    reconnect: bool = False,
) -> AsyncIterator["AsyncClient"]:
    """Connect as `wayfold.connect` does, with the same arguments and errors; closes at the end."""
    wanted = interfaces(bind)
    deadline = Deadline("the first answer of the compositor", timeout)
    with owned_log(log) as used:
        endpoint = await _open(display, timeout)
        owns_log = used is not log
        client = Client(endpoint, used, wanted, owns_log=owns_log, reconnect=reconnect)
    opened = AsyncClient(client)
    try:
        with connecting(client, endpoint):
            for callback in client.first_roundtrips():
                await opened.wait_for(callback, deadline)
        yield opened
    finally:
        opened.close()


async def _open(display: Display, timeout_s: float | None) -> Endpoint:
    try:
        return open_endpoint(display, os.environ, 0.0)
    except ConnectTimeout:  # a compositor that is too busy: connect(2) alone can wait for it
        return await asyncio.to_thread(open_endpoint, display, os.environ, timeout_s)


class AsyncClient:
    """A `Client` driven by the running asyncio loop.

    What does not wait is the client's own (`client.client`); what waits is here. An exception
    of a handler, or of the connection, comes out of every await that is going on; where there is
    none it goes to the loop's exception handler.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._loop = asyncio.get_running_loop()
        self._waiters: set[asyncio.Future[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._is_due = self._is_stopping = False
        self._descriptor = client.fileno()
        self._loop.add_reader(self._descriptor, self._process)
        client.log.listen(self._appended)
        self._prepare()

    # -- what the client has ------------------------------------------------------------------

    @property
    def state(self) -> State:
        """The fold of every record up to now."""
        return self.client.state

    @property
    def log(self) -> Log:
        """Everything that was told and asked, in order."""
        return self.client.log

    @property
    def is_open(self) -> bool:
        """False once it was closed or lost."""
        return self.client.is_open

    @property
    def display(self) -> Any:
        """The wl_display, for requests of your own."""
        return self.client.display

    def __getattr__(self, name: str) -> Any:
        if name not in _SHARED:
            raise AttributeError(f"AsyncClient has no {name}")
        return getattr(self.client, name)

    # -- waiting ------------------------------------------------------------------------------

    async def roundtrip(self, timeout: float | None = _TIMEOUT_S) -> None:
        """Wait until the compositor has done all that was asked before.

        Raises WaitTimeout after `timeout` seconds; None is for ever.
        """
        deadline = Deadline("the compositor's answer to wl_display.sync", timeout)
        await self.wait_for(self.client.display.sync(), deadline)

    async def wait_for(self, callback: WaylandObject, deadline: Deadline) -> None:
        """Wait until a wl_callback is done; raises WaitTimeout."""
        while callback.is_alive:
            self.client.check_over()
            await self._change(deadline)
        self.client.check_answered(callback)

    async def wait_until(
        self, predicate: Callable[[State], object], timeout: float | None = _TIMEOUT_S
    ) -> State:
        """Wait until `predicate(state)` is true, and give that state.

        Raises WaitTimeout after `timeout` seconds; None is for ever.
        """
        deadline = Deadline(f"what {getattr(predicate, '__name__', predicate)} waits for", timeout)
        while not predicate(self.state):
            self.client.check_over()
            await self._change(deadline)
        return self.state

    async def eventually(
        self,
        name: str | Iterable[str],
        *,
        timeout: float = _TIMEOUT_S,
        **condition: Unpack[Condition],
    ) -> Recorded:
        """Wait until the log has such a record, as `client.expect.eventually` describes.

        What needs no waiting is `log.expect`. Raises ExpectationFailed.
        """
        search = self.log.expect.search(name, timeout=timeout, **condition)
        deadline = Deadline(f"a record {name}", timeout)
        while (found := search.look()) is None:
            if deadline.is_over:
                raise search.failure()
            self.client.check_over()
            with suppress(WaitTimeout):
                await self._change(deadline)
        return found

    async def run(
        self,
        timeout: float | None = None,
        until: Callable[[State], object] | None = None,
    ) -> bool:
        """Wait until `stop`, until `until(state)` is true, or until `close`.

        Gives False where `timeout` seconds were up; None is for ever.
        """
        deadline = Deadline("the end of run", timeout)
        try:
            while (
                not self.client.is_over
                and not self._is_stopping
                and not (until and until(self.state))
            ):
                await self._change(deadline)
        except WaitTimeout:
            return False
        finally:
            self._is_stopping = False
        return True

    def records(
        self,
        name: str | Iterable[str] | None = None,
        *,
        subject: str | None = None,
        after: int | None = None,
        ahead: int = _AHEAD,
    ) -> AsyncGenerator[Record, None]:
        """Give records as they come, those after position `after`, or from this call on.

        At most `ahead` records are held; what a slow reader has not asked for stays in the log.
        Raises PositionCut where a bounded log had to drop what was not read yet; what a handler
        or the connection raises comes behind the last record. Ends behind the last one of a
        closed client. Raises ValueError where `ahead` is not positive.
        """
        if ahead < 1:
            raise ValueError(f"ahead must be at least 1 record, not {ahead}")
        wanted = partial(self.log.records, name=name, subject=subject)
        return self._records(wanted, self.log.head if after is None else after, ahead)

    async def _records(
        self, wanted: Callable[..., Iterable[Record]], position: int, ahead: int
    ) -> AsyncGenerator[Record, None]:
        failure: Exception | None = None
        while True:
            until = min(self.log.head, position + ahead)
            for record in list(wanted(position, until=until)):
                yield record
            position = until
            if position < self.log.head:
                continue
            if failure is not None:
                raise failure
            if self.client.is_closed:
                return
            self.client.check_over()
            try:
                await self._change(Deadline("a record", None))
            except Exception as error:
                failure = error

    def stop(self) -> None:
        """End `run`, or the next one; from any thread and any signal handler."""
        self._loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        self._is_stopping = True
        self._tell(None)

    async def _change(self, deadline: Deadline) -> None:
        deadline.check()
        waiter = self._loop.create_future()
        self._waiters.add(waiter)
        try:
            async with asyncio.timeout(deadline.left_s()):
                await waiter
        except TimeoutError:
            if waiter.done() and not waiter.cancelled():
                raise  # the handler's own TimeoutError, not ours
            deadline.check()
        finally:
            self._waiters.discard(waiter)

    # -- driven by asyncio --------------------------------------------------------------------

    def _appended(self, *_: object) -> None:
        # A request waits to be sent, or an application's own record to be told.
        if not self._is_due:
            self._is_due = True
            self._loop.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        self._is_due = False
        if not self.client.is_over:
            self._process()
        elif not self.client.is_closed:
            with suppress(ConnectionLost):  # it was told when it came
                self.client.process()

    def _process(self) -> None:
        error: Exception | None = None
        try:
            self.client.process()
        except Exception as raised:
            error = raised
        self._tell(error)
        if not self.client.is_over:
            self._prepare()
        else:
            self._leave()

    def _prepare(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due_s = self.client.prepare()
        self._timer = None if due_s is None else self._loop.call_later(due_s, self._process)

    def _tell(self, error: Exception | None) -> None:
        waiting = [waiter for waiter in self._waiters if not waiter.done()]
        if error is not None and not waiting:
            message = "a wayfold handler or connection failed while nobody was waiting"
            self._loop.call_exception_handler({"message": message, "exception": error})
        for waiter in waiting:
            if error is None:
                waiter.set_result(None)
            else:
                waiter.set_exception(error)

    def _leave(self) -> None:
        self._loop.remove_reader(self._descriptor)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Close the client and end every wait; again it does nothing."""
        if not self.client.is_closed:
            self._leave()
            self.client.log.unlisten(self._appended)
            self.client.close()
        self._tell(None)


_SHARED = frozenset(
    ("bind", "call", "descriptors", "loop", "off", "on", "resolve", "wake", "window")
)
