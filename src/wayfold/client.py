"""The client: a connection, its log and its handlers, put together and driven by one loop."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from wayfold.connecting import connecting, interfaces, owned_log
from wayfold.errors import ConnectionLost
from wayfold.log import Log, Record
from wayfold.session import TIMEOUT_S, Session
from wayfold.wayland.connection import Connection
from wayfold.wayland.deadline import Deadline
from wayfold.wayland.descriptor import Descriptor
from wayfold.wayland.endpoint import Display, Endpoint, open_endpoint
from wayfold.wayland.handlers import Concerns, Function
from wayfold.wayland.link import Link
from wayfold.wayland.objects import WaylandObject
from wayfold.wayland.reconnect import Reconnect
from wayfold.wayland.registry import BOUND_BY_DEFAULT
from wayfold.wayland.shield import Shield
from wayfold.wayland.violation import LAST
from wayfold.wayland.window import Window, check_options

if TYPE_CHECKING:
    from wayfold.reactions import Call, Process, Reacting, Runner

__all__ = ["Client", "connect"]


def connect(
    display: Display = None,
    *,
    log: Log | str | os.PathLike[str] | None = None,
    bind: Iterable[str] = BOUND_BY_DEFAULT,
    timeout: float | None = TIMEOUT_S,
    reconnect: bool = False,
) -> "Client":
    """Connect to a compositor: registry, roundtrip, bind, roundtrip, and one for seats' devices.

    `display` is a socket's name or path, a socket or a descriptor (both are taken over), or None
    for what `$WAYLAND_SOCKET` or `$WAYLAND_DISPLAY` says. `log` is where records go: a log, the
    path of a file that is opened and closed with the client, or None for the file that
    `$WAYFOLD_LOG` names, and without that for a bounded log in memory. `$WAYFOLD_LOG_KEEP` bounds
    that file as `Keep.parse` reads it; `$WAYFOLD_LOG_INPUT=1` has what is typed kept in it.
    `bind` names the interfaces to bind now and whenever they come.
    `timeout` is in seconds for all of it, None for no end. With `reconnect`, a compositor that is
    lost later is no error: the log goes on with `connection.lost` and what is gone with it, and
    the client comes back by itself to the same path, at longer and longer intervals up to 5 s.
    Objects of the lost connection raise ConnectionLost; at `connection.ready` there are new ones.

    Raises NoDisplay, NoSuchSocket, NotListening, NotWayland or ConnectTimeout, and
    ProtocolViolation where the compositor refuses us; of a file, LogUnusable; ValueError where
    `reconnect` is asked of a descriptor, which cannot be opened again, and where `log` has
    another connection or a model of its own.
    """
    wanted = interfaces(bind)
    deadline = Deadline("the first answer of the compositor", timeout)
    with owned_log(log) as used:
        endpoint = open_endpoint(display, os.environ, timeout)
        owns_log = used is not log
        client = Client(endpoint, used, wanted, owns_log=owns_log, reconnect=reconnect)
    with connecting(client, endpoint):
        for callback in client.first_roundtrips():
            client.wait_for(callback, deadline)
    return client


class Client(Session):
    """A connection to a compositor whose state is the fold of its log.

    Made by `connect`, used by one thread; `wake`, `stop` and `call` are for the others too.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        log: Log,
        bind: Iterable[str],
        *,
        owns_log: bool = False,
        reconnect: bool = False,
    ) -> None:
        if reconnect and endpoint.path is None:
            raise ValueError(
                f"{endpoint.description} cannot be opened again: to reconnect, name a display"
            )
        self._owned = log if owns_log else None
        self._wanted = frozenset(bind)
        super().__init__(log, self._heard_changed)
        self._is_closed = False
        self._runner: Runner | None = None
        path = endpoint.path if reconnect else None
        self._reconnect = Reconnect(self._loop, path, self._linked) if path else None
        self._link = Link(endpoint, log, self._handlers, self._loop, bind=self._wanted)
        log.listen(self._handlers.appended)

    @property
    def _connection(self) -> Connection:
        return self._link.connection

    def _linked(self, endpoint: Endpoint) -> Link:
        self._link = Link(endpoint, self.log, self._handlers, self._loop, bind=self._wanted)
        return self._link

    def _heard_changed(self, concerns: Concerns) -> None:
        if link := getattr(self, "_link", None):
            link.connection.table.hear_again(concerns)

    def first_roundtrips(self) -> Iterator[WaylandObject]:
        """Give the wl_callback of each roundtrip that must be over before the next step."""
        return self._link.first_roundtrips()

    # -- what is known ------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """False once it was closed or lost."""
        return self._connection.is_open

    @property
    def is_over(self) -> bool:
        """True once it was closed, or lost without being able to come back."""
        if self._is_closed or not self._connection.is_ours:
            return True
        return not self._connection.is_open and not self._comes_back

    @property
    def _comes_back(self) -> bool:
        return self._reconnect is not None and self._connection.is_lost

    def check_over(self) -> None:
        """Raise ConnectionLost once nothing more can come."""
        if self.is_over:
            self._connection.check_open()

    @property
    def is_closed(self) -> bool:
        """True once `close` was called."""
        return self._is_closed

    @property
    def display(self) -> Any:
        """The wl_display, for requests of your own."""
        return self._connection.display

    def resolve(self, subject: str) -> Any:
        """Give the live object of a subject such as `wl_output#3`; raises KeyError if it is gone.

        For records' sake: what an event made or names is found by this.
        """
        found = self._connection.table.get(subject)
        if found is None:
            raise KeyError(f"{subject} is not a live object of this connection")
        return found

    def bind(self, interface: str | Any, min_version: int = 1, name: int | None = None) -> Any:
        """Give the object of a global, bound at min(ours, offered).

        `interface` is a name or a class of pywayland's; `name` chooses one of several globals,
        as in `state.globals`. Raises MissingGlobal where there is none at `min_version`.
        """
        self._connection.check_open()
        wanted = interface if isinstance(interface, str) else interface.name
        return self._link.registry.bind(wanted, min_version, name)

    # -- hearing ------------------------------------------------------------------------------

    def off(self, handler: Function) -> None:
        """Tell a function nothing more; raises ValueError where it was not told anything.

        A closed client tells nobody anything.
        """
        if not self._is_closed:
            super().off(handler)

    def descriptors(self, record: Record) -> tuple[Descriptor, ...]:
        """Give the descriptors that came with a record, in a handler of it.

        They are closed after its last handler; `take` one to keep it.
        """
        return self._handlers.descriptors(record)

    # -- the loop -----------------------------------------------------------------------------

    def dispatch(self, timeout: float | None = None) -> int:
        """Wait for something to happen, tell the handlers, give the number of new records.

        Waits at most `timeout` seconds, 0 for not at all, None without end. 0 records: time was
        up, or it was woken. Raises what a handler raises, and ConnectionLost, ProtocolViolation,
        MalformedEvent or JournalOverflow.
        """
        before = self.log.head
        try:
            self._turn(timeout)
            self._mend()
        except ConnectionLost:
            if not self._comes_back:
                raise
            self._mend()
        return self.log.head - before

    def _turn(self, timeout: float | None) -> None:
        if not self._handlers.deliver():
            try:
                self._flush()
                self._loop.run_ready(self._loop.wait(timeout))
            except Exception:
                self._handlers.deliver()  # a loss is told to who hears it before it is raised
                raise
            self._handlers.deliver()
        if self._connection.is_open:
            self._flush()

    def _flush(self) -> None:
        if not self._comes_back:
            self._link.flush()

    def _mend(self) -> None:
        """Begin to come back where the compositor is gone, or take the next step on the way."""
        if self._reconnect is None or self._is_closed:
            return
        if not self._connection.is_lost:
            self._reconnect.advance()
        elif not self._reconnect.is_waiting:
            self._link.close()
            self._reconnect.lost()

    def roundtrip(self, timeout: float | None = TIMEOUT_S) -> None:
        """Wait until the compositor has done all that was asked before.

        It proves nothing about what the compositor does later: to wait for a configure or a frame,
        use `wait_until`. Raises WaitTimeout after `timeout` seconds; None is for ever.
        """
        deadline = Deadline("the compositor's answer to wl_display.sync", timeout)
        self.wait_for(self.display.sync(), deadline)

    def wait_for(self, callback: WaylandObject, deadline: Deadline) -> None:
        """Dispatch until a wl_callback is done; raises WaitTimeout, and ConnectionLost."""
        while callback.is_alive:
            self.dispatch(deadline.left_s())
            if callback.is_alive:
                deadline.check()
        self.check_answered(callback)

    def check_answered(self, callback: WaylandObject) -> None:
        """Raise ConnectionLost where a wl_callback ended with its connection and not by `done`."""
        if self._reconnect is not None and callback.is_lost:
            raise ConnectionLost("it was lost before the compositor answered", self.log[-LAST:])

    # -- reacting -----------------------------------------------------------------------------

    def react(self, process: "Process[Any]") -> "Reacting":
        """Have a process decide on every record, and what it decides done while this runs.

        Effects `wayland.request` are requests: `subject`, `request`, `arguments`; they are given
        up where the object is gone.
        """
        return self.runner.react(process)

    @property
    def runner(self) -> "Runner":
        """What runs views and processes on this client's log, by this client's loop."""
        if self._runner is None:
            from wayfold.reactions import Runner  # most programs do not react

            self._runner = Runner(self.log)
            self._runner.perform("wayland.request", self._request, here=True)
            self._loop.add(self._runner.fileno(), self._runner.turn)
        return self._runner

    def _request(self, call: "Call") -> None:
        from wayfold.reactions import EffectRefused

        about = call.arguments
        try:
            getattr(self.resolve(about["subject"]), about["request"])(*about.get("arguments", ()))
        except (KeyError, AttributeError, TypeError, ValueError) as error:
            raise EffectRefused(str(error)) from error

    # -- inside another loop ------------------------------------------------------------------

    def prepare(self) -> float | None:
        """Send what is waiting; give the seconds after which `process` is due, None for never.

        To be called before every wait of the other loop.
        """
        if self._handlers.has_news:
            return 0.0
        self._flush()
        return self._loop.due_s()

    # -- windows and the end ------------------------------------------------------------------

    def window(self, title: str, width: int, height: int, **options: Any) -> Window:
        """Open a window; `Window` tells the options. Raises MissingGlobal without xdg_wm_base."""
        check_options(options)
        return Window(
            compositor=self.bind("wl_compositor"),
            shm=self.bind("wl_shm"),
            shell=self.bind("xdg_wm_base"),
            handlers=self._handlers,
            title=title,
            size=(width, height),
            scale_of=self._scale_of,
            **options,
        )

    def _scale_of(self, output: str) -> int:
        found = self.state.outputs.get(output)
        return found.scale if found else 1

    def close(self) -> None:
        """Destroy every object, disconnect, close every descriptor; safe at any time.

        In a process that was forked off it closes that process's descriptors and no more. Raises
        RuntimeError while another thread waits in this client.
        """
        if self._is_closed:
            return
        if self._connection.is_ours and self._loop.is_awaited_elsewhere:
            raise RuntimeError(
                "another thread waits in this client: end that by stop(), or have it close the "
                "client by call(client.close)"
            )
        self._is_closed = True
        try:
            if self._runner is not None and self._connection.is_ours:
                self._loop.remove(self._runner.fileno())
                self._runner.close()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        try:
            with Shield():
                self._disconnect()
        finally:
            if self._owned is not None and self._connection.is_ours:
                self._owned.close()

    def _disconnect(self) -> None:
        if self._reconnect is not None:
            self._reconnect.stop()
        self._handlers.close()
        self.log.unlisten(self._handlers.appended)
        try:
            self._link.close()
        finally:  # also where the log's disk is full
            self._loop.close()
