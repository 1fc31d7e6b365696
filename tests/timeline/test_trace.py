"""What Perfetto's own parser reads of a trace."""

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace, TrackEvent

from wayfold.log import Log
from wayfold.timeline import Selection, trace


class Parsed:
    """A trace by what it means: tracks by path, events in order, numbers as their names."""

    def __init__(self, log, **selection):
        self.trace = Trace()
        self.trace.ParseFromString(b"".join(trace(log, Selection(**selection), "x.wayfold")))
        self.tracks, self.names, self.events = {}, {}, []
        for packet in self.trace.packet:
            self._read(packet)

    def _read(self, packet):
        if packet.HasField("track_descriptor"):
            track = packet.track_descriptor
            above = self.tracks.get(track.parent_uuid, ())
            self.tracks[track.uuid] = (*above, track.name) if track.name else ()
        for kind in ("event_names", "event_categories", "debug_annotation_names"):
            for entry in getattr(packet.interned_data, kind):
                self.names[kind, entry.iid] = entry.name
        if packet.HasField("track_event"):
            self.events.append((packet.timestamp, packet.track_event))

    def name(self, event):
        return self.names["event_names", event.name_iid]

    def data(self, event):
        return {
            self.names["debug_annotation_names", each.name_iid]: getattr(
                each, each.WhichOneof("value")
            )
            for each in event.debug_annotations
        }

    def of_kind(self, kind):
        return [(time_ns, event) for time_ns, event in self.events if event.type == kind]


def test_every_record_is_an_instant_on_its_objects_track(demo):
    with Log.open(demo, read_only=True) as log:
        parsed = Parsed(log)
        instants = parsed.of_kind(TrackEvent.TYPE_INSTANT)

        assert len(instants) == len(log)
        for record, (time_ns, event) in zip(log, instants, strict=True):
            assert (time_ns, parsed.name(event)) == (record.time_ns, record.name)
            assert parsed.tracks[event.track_uuid][-1] == record.subject
            assert parsed.data(event)["position"] == record.position


def test_a_chain_is_slices_in_one_another_and_a_flow_over_the_tracks(window):
    parsed = Parsed(window)
    slices = [
        (parsed.tracks[event.track_uuid], parsed.name(event))
        for _, event in parsed.of_kind(TrackEvent.TYPE_SLICE_BEGIN)
    ]
    flows = [
        parsed.name(event)
        for _, event in parsed.of_kind(TrackEvent.TYPE_INSTANT)
        if 8 in event.flow_ids
    ]
    track = ("xdg_surface", "xdg_surface#12", "configure")

    assert [name for where, name in slices if where == track] == [
        "configure",
        "configure → ack_configure",
        "ack_configure → commit",
        "commit → done",
    ]
    assert flows == [
        "xdg_surface.configure",
        "xdg_surface.ack_configure",
        "wl_surface.commit",
        "wl_callback.done",
    ]


def test_slices_of_a_track_are_nested_also_where_chains_overlap(told):
    configures = [(at, "event", "xdg_surface#12", "configure", {"serial": at}) for at in (1, 2, 3)]
    parsed = Parsed(told([*configures, (900, "event", "wl_output#7", "done", {})]))
    depths = {}
    for time_ns, event in parsed.events:
        if event.type == TrackEvent.TYPE_SLICE_BEGIN:
            depths.setdefault(event.track_uuid, []).append(time_ns)
        elif event.type == TrackEvent.TYPE_SLICE_END:
            assert depths[event.track_uuid].pop() <= time_ns

    assert [parsed.tracks[uuid][-1] for uuid in depths] == [
        "configure",
        "configure 2",
        "configure 3",
    ]
    assert not any(depths.values())


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (-5, -5),
        (2**63 - 1, 2**63 - 1),
        (2**64, str(2**64)),
        (True, True),
        (1.5, 1.5),
        ("Tür", "Tür"),
        ([1, 2], "[1,2]"),
        (b"\1", '{"$bytes":"AQ=="}'),
    ],
)
def test_values_of_every_kind_are_read_back(told, value, read):
    parsed = Parsed(told([(0, "fact", "lamp/1", "lamp.lit", {"level": value, "nothing": None})]))
    ((_, event),) = parsed.events

    assert parsed.data(event) == {"position": 1, "level": read}
    assert parsed.names["event_categories", event.category_iids[0]] == "fact"


def test_a_trace_holds_what_was_chosen(window):
    parsed = Parsed(window, after=3, names=("wl_surface.*",))
    positions = [
        parsed.data(event)["position"] for _, event in parsed.of_kind(TrackEvent.TYPE_INSTANT)
    ]

    assert positions == [6, 11, 12]


def test_a_name_is_written_once_however_often_it_is_meant(told):
    parsed = Parsed(told([(k, "fact", "lamp/1", "lamp.lit", {"level": k}) for k in range(9)]))
    written = [entry.name for p in parsed.trace.packet for entry in p.interned_data.event_names]

    assert written == ["lamp.lit"]
