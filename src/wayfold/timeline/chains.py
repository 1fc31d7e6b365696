"""Records that answer one another: configure, ack_configure, commit, frame callback done."""

from collections.abc import Callable, Iterator
from enum import StrEnum

import msgspec

from wayfold.log import Origin, Record

__all__ = ["STEPS", "Chain", "Chains", "Kind", "Outcome", "Step"]


class Kind(StrEnum):
    """What a chain is about."""

    CONFIGURE = "configure"
    FRAME = "frame"
    ROUNDTRIP = "roundtrip"
    PING = "ping"


class Outcome(StrEnum):
    """How a chain ended."""

    OPEN = "open"
    """The recording ends before it does."""
    DONE = "done"
    SUPERSEDED = "superseded"
    """A later configure was acknowledged instead, which the protocol allows."""
    ABANDONED = "abandoned"
    """Its object was destroyed, or its connection ended."""


STEPS = {
    Kind.CONFIGURE: ("configure", "ack_configure", "commit", "done"),
    Kind.FRAME: ("frame", "commit", "done"),
    Kind.ROUNDTRIP: ("sync", "done"),
    Kind.PING: ("ping", "pong"),
}
"""The messages of each kind in order; the last one, or outcome, ends it."""


class Step(msgspec.Struct, frozen=True):
    """A record that a chain has come by."""

    position: int
    time_ns: int


class Chain(msgspec.Struct):
    """Steps so far, in the order of STEPS; `ended_ns` is when there was no more to wait for."""

    kind: Kind
    subject: str
    steps: list[Step]
    outcome: Outcome = Outcome.OPEN
    ended_ns: int = 0
    serial: int | None = None


_See = Callable[["Chains", Record, Step], list[Chain]]


class Chains:
    """Finds the chains of a recording, told one record after another.

    | told | about | then |
    |---|---|---|
    | configure(serial) | any role's object | waits for an ack_configure of that object |
    | ack_configure(serial) | the same | waits for its surface's commit; older ones are superseded |
    | frame(callback) | a surface | waits for its commit |
    | commit | a surface | the frame, and what was acknowledged, wait for the callback's done |
    | done | a callback | ends frames, configures and roundtrips |
    | sync(callback), ping(serial), pong(serial) | | begin and end a roundtrip and a ping |
    | destroy, connection.closed, connection.lost | | abandon what waits |

    A configure whose commit asks for no frame ends with the commit (xdg_shell, version 1).
    """

    def __init__(self) -> None:
        self.found: list[Chain] = []
        self._surfaces: dict[str, str] = {}
        self._configured: dict[str, list[Chain]] = {}
        self._acknowledged: dict[str, Chain] = {}
        self._asked: dict[str, list[tuple[str, Chain]]] = {}
        self._called: dict[str, list[Chain]] = {}
        self._pinged: dict[tuple[str, int], Chain] = {}
        self._ways: dict[str, _See | None] = {}

    def see(self, record: Record, time_ns: int) -> list[Chain]:
        """Give the chains that a record is a step of; the time may differ from the record's."""
        try:
            way = self._ways[record.name]
        except KeyError:
            way = self._ways[record.name] = _way(record.name)
        return way(self, record, Step(record.position, time_ns)) if way else []

    def end(self, time_ns: int) -> list[Chain]:
        """Give all chains; those that still wait have waited until then."""
        for chain in self._waiting():
            chain.ended_ns = time_ns
        return self.found

    def _waiting(self) -> Iterator[Chain]:
        return (chain for chain in self.found if not chain.ended_ns)

    def _begin(self, kind: Kind, record: Record, step: Step) -> Chain:
        chain = Chain(kind, record.subject, [step])
        self.found.append(chain)
        return chain

    def configure(self, record: Record, step: Step) -> list[Chain]:
        """Begin a chain."""
        serial = record.data.get("serial")
        if record.origin is not Origin.COMPOSITOR or type(serial) is not int:
            return []  # xdg_toplevel.configure has none: xdg_surface.configure ends its group
        chain = self._begin(Kind.CONFIGURE, record, step)
        chain.serial = serial
        self._configured.setdefault(record.subject, []).append(chain)
        return [chain]

    def ack_configure(self, record: Record, step: Step) -> list[Chain]:
        """Go on with the configure of that serial."""
        waiting = self._configured.get(record.subject, [])
        serial = record.data.get("serial")
        at = next((k for k, chain in enumerate(waiting) if chain.serial == serial), None)
        if at is None or record.origin is not Origin.CLIENT:
            return []
        _end(waiting[:at], Outcome.SUPERSEDED, step.time_ns)
        chain = waiting[at]
        chain.steps.append(step)
        del waiting[: at + 1]
        surface = self._surfaces.get(record.subject)
        if surface is None:
            _end([chain], Outcome.DONE, step.time_ns)  # made before the recording began
            return [chain]
        if before := self._acknowledged.get(surface):
            _end([before], Outcome.SUPERSEDED, step.time_ns)
        self._acknowledged[surface] = chain
        return [chain]

    def frame(self, record: Record, step: Step) -> list[Chain]:
        """Begin a frame."""
        callback = record.data.get("callback")
        if type(callback) is not str:
            return []
        chain = self._begin(Kind.FRAME, record, step)
        self._asked.setdefault(record.subject, []).append((callback, chain))
        return [chain]

    def commit(self, record: Record, step: Step) -> list[Chain]:
        """Have what was acknowledged and asked for wait for the frame."""
        asked = self._asked.pop(record.subject, [])
        configured = self._acknowledged.pop(record.subject, None)
        touched = [chain for _, chain in asked]
        for callback, chain in asked:
            self._called.setdefault(callback, []).append(chain)
        if configured is not None:
            touched.append(configured)
            if asked:
                self._called[asked[0][0]].append(configured)
            else:
                _end([configured], Outcome.DONE, step.time_ns)
        for chain in touched:
            chain.steps.append(step)
        return touched

    def sync(self, record: Record, step: Step) -> list[Chain]:
        """Begin a roundtrip."""
        callback = record.data.get("callback")
        if type(callback) is not str:
            return []
        self._called[callback] = [self._begin(Kind.ROUNDTRIP, record, step)]
        return self._called[callback]

    def done(self, record: Record, step: Step) -> list[Chain]:
        """End what waits for a callback."""
        ended = self._called.pop(record.subject, [])
        for chain in ended:
            chain.steps.append(step)
        _end(ended, Outcome.DONE, step.time_ns)
        return ended

    def ping(self, record: Record, step: Step) -> list[Chain]:
        """Begin a ping."""
        serial = record.data.get("serial")
        if type(serial) is not int:
            return []
        chain = self._begin(Kind.PING, record, step)
        self._pinged[record.subject, serial] = chain
        return [chain]

    def pong(self, record: Record, step: Step) -> list[Chain]:
        """End the ping of that serial."""
        serial = record.data.get("serial")
        chain = self._pinged.pop((record.subject, serial), None) if type(serial) is int else None
        if chain is None:
            return []
        chain.steps.append(step)
        _end([chain], Outcome.DONE, step.time_ns)
        return [chain]

    def give_role(self, record: Record, step: Step) -> list[Chain]:
        """Note the surface of an object such as an xdg_surface."""
        made, surface = record.data.get("id"), record.data.get("surface")
        if type(made) is str and type(surface) is str:
            self._surfaces[made] = surface
        return []

    def destroy(self, record: Record, step: Step) -> list[Chain]:
        """Abandon what waits for this object."""
        gone = record.subject
        acknowledged = self._acknowledged.pop(self._surfaces.pop(gone, gone), None)
        asked = [chain for _, chain in self._asked.pop(gone, [])]
        lost = [*self._configured.pop(gone, []), *asked, *self._called.pop(gone, [])]
        _end([*lost, *([acknowledged] if acknowledged else [])], Outcome.ABANDONED, step.time_ns)
        return []

    def disconnect(self, record: Record, step: Step) -> list[Chain]:
        """Abandon everything: no object outlives its connection."""
        _end(list(self._waiting()), Outcome.ABANDONED, step.time_ns)
        for held in (self._surfaces, self._configured, self._acknowledged, self._asked):
            held.clear()
        self._called.clear()
        self._pinged.clear()
        return []


def _end(chains: list[Chain], outcome: Outcome, time_ns: int) -> None:
    for chain in chains:
        chain.outcome, chain.ended_ns = outcome, time_ns


_WAYS: dict[str, _See] = {
    "wl_surface.frame": Chains.frame,
    "wl_surface.commit": Chains.commit,
    "wl_callback.done": Chains.done,
    "wl_display.sync": Chains.sync,
    "connection.closed": Chains.disconnect,
    "connection.lost": Chains.disconnect,
    "configure": Chains.configure,
    "ack_configure": Chains.ack_configure,
    "ping": Chains.ping,
    "pong": Chains.pong,
    "destroy": Chains.destroy,
}


def _way(name: str) -> _See | None:
    message = name.rpartition(".")[2]
    if message.startswith("get_"):
        return Chains.give_role
    return _WAYS.get(name) or _WAYS.get(message)
