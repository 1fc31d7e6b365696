"""A recording as a trace for Perfetto: tracks of objects, instants of records, slices of chains."""

from collections.abc import Iterator
from itertools import pairwise

from wayfold.log import Log, Record
from wayfold.timeline.chains import STEPS, Chain, Chains, Outcome
from wayfold.timeline.packets import Packets
from wayfold.timeline.scene import Selection, Told

__all__ = ["trace"]

_TOLD_EVERY = 4096
_CATEGORIES = {"compositor": "event", "client": "request", "app": "fact", "wayfold": "derived"}


def trace(
    log: Log, selection: Selection, title: str, *, told: Told = lambda position: None
) -> Iterator[bytes]:
    """Give the trace piece by piece, to be written to a file; the log is read twice.

    Times are Unix nanoseconds that never run backwards. Instants of one chain are joined by a
    flow. Raises ValueError on an empty pattern.
    """
    is_shown = selection.chooser()
    chains = _chains(log, selection, told)
    flows = _flows(chains)
    packets = Packets(title)
    for record, time_ns in _placed(log, selection, told):
        if is_shown(record):
            yield from _instant(packets, record, time_ns, flows.get(record.position, []))
    rows = _Rows()
    for chain in chains:
        yield from _slices(packets, chain, rows.take(chain))


def _placed(log: Log, selection: Selection, told: Told) -> Iterator[tuple[Record, int]]:
    latest_ns = 0
    after = max(selection.after, log.cut)
    for record in log.records(after=after, until=selection.until):
        latest_ns = max(latest_ns, record.time_ns)
        yield record, latest_ns
        if record.position % _TOLD_EVERY == 0:
            told(record.position)


def _chains(log: Log, selection: Selection, told: Told) -> list[Chain]:
    chains, time_ns = Chains(), 0
    for record, time_ns in _placed(log, selection, told):
        chains.see(record, time_ns)
    return chains.end(time_ns)


def _flows(chains: list[Chain]) -> dict[int, list[int]]:
    """Give, by position, the chains that come by; a chain is named by where it begins."""
    found: dict[int, list[int]] = {}
    for chain in chains:
        for step in chain.steps:
            found.setdefault(step.position, []).append(chain.steps[0].position)
    return found


def _instant(packets: Packets, record: Record, time_ns: int, flows: list[int]) -> Iterator[bytes]:
    masked = dict.fromkeys(record.masked, "masked")
    data = {"position": record.position, **record.data, **masked}
    track = _track(record.subject)
    category = _CATEGORIES[record.origin.value]
    yield packets.instant(time_ns, track, record.name, category=category, data=data, flows=flows)


def _track(subject: str) -> tuple[str, ...]:
    """Give the track of a subject, under that of its interface or its kind."""
    kind = subject.partition("#")[0].partition("/")[0]
    return (subject,) if kind == subject else (kind, subject)


class _Rows:
    """Chains that overlap are put on tracks of their own: slices of one track must be nested."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, str], list[int]] = {}

    def take(self, chain: Chain) -> tuple[str, ...]:
        """Give the track on which a chain fits; chains come in the order of their beginning."""
        ends = self._ends.setdefault((chain.subject, chain.kind), [])
        begin = chain.steps[0].time_ns
        row = next((row for row, end in enumerate(ends) if end <= begin), len(ends))
        ends[row : row + 1] = [max(chain.ended_ns, chain.steps[-1].time_ns)]
        name = chain.kind.value if row == 0 else f"{chain.kind.value} {row + 1}"
        return (*_track(chain.subject), name)


def _slices(packets: Packets, chain: Chain, track: tuple[str, ...]) -> Iterator[bytes]:
    """Give a slice of the whole chain with one for each of its steps in it."""
    names, steps = STEPS[chain.kind], chain.steps
    parts = [(f"{names[k]} → {names[k + 1]}", a, b) for k, (a, b) in enumerate(pairwise(steps))]
    data = {"outcome": chain.outcome.value, "serial": chain.serial}
    yield packets.begin(steps[0].time_ns, track, chain.kind.value, category="chain", data=data)
    for name, before, after in parts:
        yield packets.begin(before.time_ns, track, name, category="chain")
        yield packets.end(after.time_ns, track)
    end_ns = max(chain.ended_ns, steps[-1].time_ns)
    if len(steps) < len(names) and chain.outcome in (Outcome.OPEN, Outcome.ABANDONED):
        yield packets.begin(
            steps[-1].time_ns, track, f"{names[len(steps)]} never came", category="chain"
        )
        yield packets.end(end_ns, track)
    yield packets.end(end_ns, track)
