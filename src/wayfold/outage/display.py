"""What is broken about a display: folded from the records of its sessions."""

from collections.abc import Iterable, Iterator

import msgspec

from wayfold.log import Fact, Record
from wayfold.reactions import Process

__all__ = ["COMPOSITOR", "Display", "Incidents"]

COMPOSITOR = "compositor"
_TROUBLES = {
    "connection.lost": "the compositor is gone",
    "display.unreachable": "the compositor cannot be reached",
    "display.silent": "the compositor does not answer",
}
_GONE = "the screen is gone"


class Display(msgspec.Struct, frozen=True):
    """The screens that are there and those that should be, and what is broken.

    `present` maps the subjects of this session's screens to their names; `open` a broken device to
    its incident; `trouble` says what is wrong with the compositor. While that is in trouble nothing
    is known of the screens, and their incidents stay as they are.
    `opened` and `resolved` are what the last record made of it: devices with their incidents.
    """

    expected: tuple[str, ...] = ()
    present: dict[str, str] = {}
    is_complete: bool = False
    trouble: str | None = None
    open: dict[str, str] = {}
    opened: tuple[tuple[str, str], ...] = ()
    resolved: tuple[tuple[str, str], ...] = ()


class Incidents(Process[Display]):
    """Turns what a compositor tells into pairs of `error.occurred` and `error.resolved`.

    Screens in `expected` are missed from the start, others once they have been seen.
    """

    name = "incidents"
    hears = ("connection.*", "display.*", "output.*")

    def __init__(self, expected: Iterable[str] = ()) -> None:
        self.initial = Display(expected=tuple(expected))

    def key(self, record: Record) -> str:
        """Give one key for all: what is broken depends on everything that was told."""
        return "display"

    def fold(self, state: Display, record: Record) -> Display:
        """Give what is known after a record, with the incidents that it opens and ends."""
        told = _told(state, record)
        broken = _broken(told)
        known = {COMPOSITOR, *told.expected} if told.is_complete else {COMPOSITOR}
        opened = {d: f"{d}@{record.position}" for d in broken if d not in told.open}
        resolved = {d: i for d, i in told.open.items() if d in known and d not in broken}
        still = {d: i for d, i in told.open.items() if d not in resolved}
        return msgspec.structs.replace(
            told,
            open={**still, **opened},
            opened=tuple(opened.items()),
            resolved=tuple(resolved.items()),
        )

    def decide(self, state: Display, record: Record) -> Iterator[Fact]:
        """Give a fact for every incident that this record opened or ended."""
        what = _broken(state)
        for device, incident in state.opened:
            data = {"incident": incident, "device": device, "what": what[device]}
            yield Fact("error.occurred", f"device/{device}", data)
        for device, incident in state.resolved:
            yield Fact("error.resolved", f"device/{device}", {"incident": incident})


def _told(state: Display, record: Record) -> Display:
    replace = msgspec.structs.replace
    match record.name:
        case "connection.opened" | "connection.closed":
            return replace(state, present={}, is_complete=False)
        case "connection.lost" | "display.unreachable":
            return replace(state, present={}, is_complete=False, trouble=_TROUBLES[record.name])
        case "connection.ready":
            expected = _with(state.expected, *state.present.values())
            return replace(state, is_complete=True, trouble=None, expected=expected)
        case "display.silent":
            return replace(state, trouble=_TROUBLES[record.name])
        case "display.answered":
            return replace(state, trouble=None)
        case "output.added":
            return _named(state, record.subject, _name_of(record))
        case "output.changed":
            return _renamed(state, record)
        case "output.removed":
            gone = record.subject
            return replace(state, present={k: n for k, n in state.present.items() if k != gone})
    return state


def _named(state: Display, subject: str, name: str) -> Display:
    expected = _with(state.expected, name) if state.is_complete else state.expected
    present = {**state.present, subject: name}
    return msgspec.structs.replace(state, expected=expected, present=present)


def _renamed(state: Display, record: Record) -> Display:
    """Call a screen by its name where that came after the first group, as by xdg-output's.

    One that has none keeps what it was called at first: it may move into the place of another.
    """
    present = dict(state.present)
    was = present.pop(record.subject, None)
    name = record.data["changed"].get("name", {}).get("after")
    if was is None or not isinstance(name, str):
        return state
    expected = tuple(n for n in state.expected if n != was or n in present.values())
    return _named(msgspec.structs.replace(state, expected=expected), record.subject, name)


def _name_of(record: Record) -> str:
    """Give what a screen is called in every session: subjects are another one's in the next.

    Where neither wl_output (version 4) nor xdg-output names it, its model and its place have to do.
    """
    data = record.data
    if isinstance(name := data.get("name"), str):
        return name
    return f"{data.get('model') or 'screen'} at {data.get('x', 0)},{data.get('y', 0)}"


def _with(names: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return (*names, *(name for name in more if name not in names))


def _broken(state: Display) -> dict[str, str]:
    """Give the devices that are known to be broken, and what is the matter."""
    found = {COMPOSITOR: state.trouble} if state.trouble else {}
    if state.is_complete:
        found |= {name: _GONE for name in state.expected if name not in state.present.values()}
    return found
