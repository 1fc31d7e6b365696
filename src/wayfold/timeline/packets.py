"""Packets of a Perfetto trace; names are written once and then meant by number.

https://perfetto.dev/docs/reference/trace-packet-proto has the messages and numbers of fields.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from wayfold.log.encoding import encode_data
from wayfold.timeline.columns import Interned
from wayfold.timeline.protobuf import boolean, double, fixed64, message, number, text

__all__ = ["Packets"]

# Trace, TracePacket
_PACKET = 1
_CLOCKS, _TIMESTAMP, _SEQUENCE, _EVENT, _INTERNED = 6, 8, 10, 11, 12
_FLAGS, _DEFAULTS, _TRACK = 13, 59, 60
_CLEARED, _NEEDS_STATE = 1, 2
# ClockSnapshot, TracePacketDefaults; both clocks read alike, so that Unix time is what is shown
_REALTIME, _BOOTTIME = 1, 6
_CLOCK, _PRIMARY, _CLOCK_ID, _CLOCK_TIME, _DEFAULT_CLOCK = 1, 2, 1, 2, 58
# TrackDescriptor, ProcessDescriptor
_UUID, _NAME, _PROCESS, _PARENT, _PID, _PROCESS_NAME = 1, 2, 3, 5, 1, 6
# TrackEvent
_CATEGORIES, _ANNOTATION, _KIND, _NAME_ID, _ON_TRACK, _FLOWS = 3, 4, 9, 10, 11, 47
_BEGIN, _END, _INSTANT = 1, 2, 3
# InternedData and what it holds; DebugAnnotation
_INTERNED_FIELDS = {"category": 1, "name": 2, "annotation": 3}
_ANNOTATED, _BOOL, _INT, _DOUBLE, _STRING = 1, 2, 4, 5, 6
_INT64 = range(-(1 << 63), 1 << 63)


class Packets:
    """Encodes events one after another, each with what it is the first to name."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._tracks: dict[tuple[str, ...], int] = {}
        self._interned = {kind: Interned() for kind in _INTERNED_FIELDS}
        self._fresh: list[bytes] = []
        self._before: list[bytes] = []

    def instant(
        self,
        time_ns: int,
        track: tuple[str, ...],
        name: str,
        *,
        category: str,
        data: Mapping[str, Any],
        flows: Sequence[int] = (),
    ) -> bytes:
        """Give a moment on a track, which is named by itself and those above it."""
        named = self._named(name, category, data)
        joined = [fixed64(_FLOWS, flow) for flow in flows]
        return self._event(time_ns, track, number(_KIND, _INSTANT), *named, *joined)

    def begin(
        self,
        time_ns: int,
        track: tuple[str, ...],
        name: str,
        *,
        category: str,
        data: Mapping[str, Any] = MappingProxyType({}),
    ) -> bytes:
        """Give the beginning of a slice."""
        named = self._named(name, category, data)
        return self._event(time_ns, track, number(_KIND, _BEGIN), *named)

    def end(self, time_ns: int, track: tuple[str, ...]) -> bytes:
        """Give the end of the slice that was the last to begin on a track."""
        return self._event(time_ns, track, number(_KIND, _END))

    def _named(self, name: str, category: str, data: Mapping[str, Any]) -> list[bytes]:
        return [
            number(_NAME_ID, self._number("name", name)),
            number(_CATEGORIES, self._number("category", category)),
            *(self._annotation(key, value) for key, value in data.items() if value is not None),
        ]

    def _annotation(self, name: str, value: Any) -> bytes:
        return message(
            _ANNOTATION, number(_ANNOTATED, self._number("annotation", name)), _value(value)
        )

    def _number(self, kind: str, name: str) -> int:
        """Give the number of a name; a new one goes with the packet that is being made."""
        known = self._interned[kind]
        is_new = name not in known
        found = known[name] + 1  # 0 means none
        if is_new:
            entry = message(_INTERNED_FIELDS[kind], number(1, found), text(2, name))
            self._fresh.append(entry)
        return found

    def _event(self, time_ns: int, track: tuple[str, ...], *fields: bytes) -> bytes:
        place = number(_ON_TRACK, self._track(track, time_ns))
        fresh = [message(_INTERNED, *self._fresh)] if self._fresh else []
        event = message(_EVENT, *fields, place)
        packet = _packet(number(_TIMESTAMP, time_ns), number(_FLAGS, _NEEDS_STATE), event, *fresh)
        made = b"".join((*self._before, packet))
        self._before, self._fresh = [], []
        return made

    def _track(self, track: tuple[str, ...], time_ns: int) -> int:
        if not self._tracks:
            self._before += _opening(time_ns)
            self._tracks[()] = 1
            process = message(_PROCESS, number(_PID, 1), text(_PROCESS_NAME, self._title))
            self._before.append(_packet(message(_TRACK, number(_UUID, 1), process)))
        found = self._tracks.get(track)
        if found is None:
            above = self._track(track[:-1], time_ns)
            found = self._tracks[track] = len(self._tracks) + 1
            place = (number(_UUID, found), number(_PARENT, above), text(_NAME, track[-1]))
            self._before.append(_packet(message(_TRACK, *place)))
        return found


def _packet(*fields: bytes) -> bytes:
    return message(_PACKET, *fields, number(_SEQUENCE, 1))


def _opening(time_ns: int) -> list[bytes]:
    clocks = (
        message(_CLOCK, number(_CLOCK_ID, each), number(_CLOCK_TIME, time_ns))
        for each in (_BOOTTIME, _REALTIME)
    )
    snapshot = message(_CLOCKS, *clocks, number(_PRIMARY, _REALTIME))
    defaults = message(_DEFAULTS, number(_DEFAULT_CLOCK, _REALTIME))
    return [_packet(snapshot), _packet(number(_FLAGS, _CLEARED), defaults)]


def _value(value: Any) -> bytes:
    match value:
        case bool():
            return boolean(_BOOL, value)
        case int() if value in _INT64:
            return number(_INT, value)
        case float():
            return double(_DOUBLE, value)
        case str():
            return text(_STRING, value)
        case _:
            inside = encode_data({"": value})
            return text(_STRING, inside[len('{"":') : -1])
