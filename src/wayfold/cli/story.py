"""Tell a session from its log: what was bound, drawn, recorded and changed."""

import statistics
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from wayfold.cli.spelling import spell_record, spell_value
from wayfold.cli.terminal import cut, heading, table
from wayfold.log import Log, Origin, Record
from wayfold.log.compare import changes
from wayfold.model import State

__all__ = ["story"]

_WIDTH = 80
_LAST = 10
_NAMES_SHOWN = 6


def story(log: Log, first: int, last: int, compositor: str) -> Iterator[str]:
    """Give the lines; `first` and `last` are the positions whose states are compared."""
    state = log.state_at(max(last, log.cut))
    yield from _compositor(log, state, compositor)
    yield from _outputs(state)
    yield from _frames(log)
    yield from _records(log)
    yield from _last_records(log)
    yield from _changes(log, first, last)


def _compositor(log: Log, state: State, compositor: str) -> Iterator[str]:
    yield heading(f"Compositor: {compositor}")
    yield f"{len(state.globals)} globals; bound of these:"
    rows = []
    for bind in log.records(name="wl_registry.bind"):
        offered = state.globals.get(bind.data["name"])
        most = f"offered {offered.version}" if offered else "gone"
        interface, _, serial = bind.data["id"].partition("#")
        rows.append((interface, most, f"bound {bind.data['version']}", f"as #{serial}"))
    yield from table(sorted(rows)) if rows else ["  none"]


def _outputs(state: State) -> Iterator[str]:
    yield ""
    yield heading("Outputs")
    rows = []
    for output in state.outputs.values():
        mode = output.mode
        size = (
            f"{mode.width}x{mode.height} at {mode.refresh_mhz / 1000:g} Hz" if mode else "no mode"
        )
        rows.append((output.name or output.subject, size, f"scale {output.scale}"))
    yield from table(rows) if rows else ["  none"]


def _frames(log: Log) -> Iterator[str]:
    """Tell the frames by their commits: those that follow an attach."""
    yield ""
    yield heading("Frames")
    times = [record.time_ns / 1e6 for record in _frame_commits(log)]
    spans = [after - before for before, after in pairwise(times)]
    if not spans:
        yield f"  {len(times)} drawn"
        return
    seconds = (times[-1] - times[0]) / 1000
    yield f"  {len(times)} drawn in {seconds:.2f} s, {len(spans) / seconds:.0f} a second"
    yield (
        f"  from one to the next: median {statistics.median(spans):.1f} ms, "
        f"shortest {min(spans):.1f} ms, longest {max(spans):.1f} ms"
    )


def _frame_commits(log: Log) -> Iterator[Record]:
    is_attached = False
    for record in log.records(name=("wl_surface.attach", "wl_surface.commit")):
        if record.name == "wl_surface.commit" and is_attached:
            yield record
        is_attached = record.name == "wl_surface.attach"


def _records(log: Log) -> Iterator[str]:
    counts = {origin: Counter[str]() for origin in Origin}
    for record in log.records(after=log.cut):
        counts[record.origin][record.name] += 1
    yield ""
    yield heading(f"Records: {log.head} in all")
    for origin, names in counts.items():
        if not names:
            continue
        yield f"  {origin.value}: {names.total()}"
        common = names.most_common(_NAMES_SHOWN)
        yield from table(((str(count), name) for name, count in common), indent=4)
        rest = len(names) - len(common)
        if rest:
            yield f"    and {rest} other names"


def _last_records(log: Log) -> Iterator[str]:
    yield ""
    yield heading("The last ten records")
    for record in log[-_LAST:]:
        yield cut(f"  {record.position} {spell_record(record)}", _WIDTH)


def _changes(log: Log, first: int, last: int) -> Iterator[str]:
    yield ""
    yield heading("State at the window's first configure, and at the end")
    yield f"  positions {first} and {last}; what differs:"
    # A bounded log may have dropped either.
    before, after = (log.state_at(max(position, log.cut)) for position in (first, last))
    found = [c for c in changes(before, after) if not c.path.startswith("pending")]
    for path, was, became in found:
        yield cut(f"  {path}: {spell_value(was)} → {spell_value(became)}", _WIDTH)
    if not found:
        yield "  nothing"
