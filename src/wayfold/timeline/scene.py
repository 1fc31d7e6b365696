"""A recording, read once and packed as its page needs it."""

from array import array
from collections.abc import Callable

import msgspec

from wayfold.expect.names import Names
from wayfold.log import Log, Record
from wayfold.log.encoding import encode_data
from wayfold.model import SessionModel
from wayfold.timeline.chains import Chain, Chains
from wayfold.timeline.columns import Chunks, Interned
from wayfold.timeline.families import Families
from wayfold.timeline.findings import BACK, LOST, PAUSE, PAUSE_NS, Finding, stalls
from wayfold.timeline.spelling import Speller, Spellings
from wayfold.timeline.states import States

__all__ = ["CHUNK", "ORIGINS", "Flag", "Scene", "Selection", "Told", "read"]

CHUNK = 2048
"""Records whose data is packed together."""

ORIGINS = ("compositor", "client", "app", "wayfold")

_TELL_EVERY = 4096
_FLAGS = {
    "mark": ("mark", "text"),
    "connection.opened": ("opened", "display"),
    "connection.closed": ("closed", "reason"),
    "connection.lost": ("lost", "reason"),
}

Told = Callable[[int], object]
"""Told the position reached, now and then."""


class Selection(msgspec.Struct, frozen=True):
    """Which records are shown: those behind `after` up to `until`, by name and subject.

    The state and the chains are those of all records in between, shown or not.
    """

    after: int = 0
    until: int | None = None
    names: tuple[str, ...] = ("*",)
    subject: str | None = None

    def chooser(self) -> Callable[[Record], bool]:
        """Give what tells whether a record is shown; raises ValueError on an empty pattern."""
        names, subject = Names(self.names), self.subject
        return lambda record: record.name in names and subject in (None, record.subject)


class Flag(msgspec.Struct, frozen=True):
    """A moment that matters everywhere: a mark, the beginning or the end of a session."""

    kind: str
    position: int
    time_ns: int
    text: str


class Scene:
    """What a page shows. Times are nanoseconds since `start_ns`, and never run backwards.

    Where a clock was set back, what follows is drawn at the latest time before it.
    """

    def __init__(self, log: Log, after: int, spell: Speller | None = None) -> None:
        self.cut, self.head, self.after = log.cut, log.head, after
        self.start_ns = self.end_ns = 0
        self.names, self.subjects = Interned(), Interned()
        self.positions, self.times = array("Q"), array("Q")
        self.name, self.subject = array("I"), array("I")
        self.version, self.origin = array("Q"), array("B")
        self.back = array("Q")  # how far behind its place a record's own time is
        self.data = Chunks(CHUNK)
        self.states = States(SessionModel(), log.state_at(after))
        self.chains: list[Chain] = []
        self.findings: list[Finding] = []
        self.flags: list[Flag] = []
        self.families = Families()
        self.spellings = Spellings(spell)

    def __len__(self) -> int:
        return len(self.positions)


class _Reader:
    """Fills a scene, told every record."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.chains = Chains()
        self._last_ns: int | None = None

    def see(self, record: Record, is_shown: bool) -> None:
        scene = self.scene
        time_ns = self._place(record)
        scene.states.see(record)
        scene.families.see(record)
        self.chains.see(record, time_ns)
        if record.name in _FLAGS:
            self._flag(record, time_ns)
        if is_shown:
            self._show(record, time_ns)

    def _place(self, record: Record) -> int:
        """Give the time at which a record is drawn, and note what its own time tells."""
        scene, before_ns = self.scene, self._last_ns
        if before_ns is None:
            scene.start_ns = before_ns = record.time_ns
        self._last_ns = record.time_ns
        if record.time_ns < before_ns:
            self._find(BACK, record, scene.end_ns, 0)
        quiet_ns = record.time_ns - scene.start_ns - scene.end_ns
        if quiet_ns >= PAUSE_NS:
            self._find(PAUSE, record, scene.end_ns, quiet_ns)
        scene.end_ns += max(quiet_ns, 0)
        return scene.end_ns

    def _find(self, title: str, record: Record, time_ns: int, duration_ns: int) -> None:
        found = Finding(title, record.subject, record.position, time_ns, duration_ns)
        self.scene.findings.append(found)

    def _flag(self, record: Record, time_ns: int) -> None:
        kind, field = _FLAGS[record.name]
        text = record.data.get(field)
        told = Flag(kind, record.position, time_ns, text if type(text) is str else "")
        self.scene.flags.append(told)
        if kind == "lost":
            self._find(LOST, record, time_ns, 0)

    def _show(self, record: Record, time_ns: int) -> None:
        scene = self.scene
        scene.positions.append(record.position)
        scene.times.append(time_ns)
        scene.back.append(time_ns + scene.start_ns - record.time_ns)
        scene.name.append(scene.names[record.name])
        scene.subject.append(scene.subjects[record.subject])
        scene.version.append(record.version)
        scene.origin.append(ORIGINS.index(record.origin.value))
        scene.data.append("\t".join((encode_data(record.data), *record.masked)))
        scene.spellings.see(record)


def read(
    log: Log,
    selection: Selection,
    *,
    spell: Speller | None = None,
    told: Told = lambda position: None,
) -> Scene:
    """Read the records of a log that are chosen, and what they tell together.

    Raises ValueError on an empty pattern, LogDamaged where the log cannot be read.
    """
    is_shown = selection.chooser()
    scene = Scene(log, max(selection.after, log.cut), spell)
    reader = _Reader(scene)
    for record in log.records(after=scene.after, until=selection.until):
        reader.see(record, is_shown(record))
        if record.position % _TELL_EVERY == 0:
            told(record.position)
    scene.chains = reader.chains.end(scene.end_ns)
    scene.findings += (finding for chain in scene.chains for finding in stalls(chain))
    scene.findings.sort(key=lambda finding: finding.position)
    return scene
