"""No sequence of records fails, and however it is cut, the state is the same."""

import copy
import itertools
import json
import struct

import pytest
import pywayland.protocol.ext_foreign_toplevel_list_v1
import pywayland.protocol.ext_session_lock_v1
import pywayland.protocol.fractional_scale_v1
import pywayland.protocol.wayland
import pywayland.protocol.xdg_output_unstable_v1
import pywayland.protocol.xdg_shell  # noqa: F401
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from pywayland.protocol_core import Interface

from wayfold.log.record import Origin, Single
from wayfold.model import SessionModel, group_ends

SIGNED = st.sampled_from([-(2**31), -5, 0, 1, 2, 60_000, 2**31 - 1])
UNSIGNED = st.sampled_from([0, 1, 2, 3, 4, 7, 99, 2**31, 2**32 - 1])
FIXED = st.sampled_from([-1.5, 0.0, 2.25, 3.0])
TEXT = st.sampled_from(["", "HDMI-A-1", "x\udcff"])
ARRAY = st.lists(UNSIGNED, max_size=3) | st.sampled_from([b"", b"\1\0\0\0", b"\1\0\0"])
VERSION = st.sampled_from([1, 2, 3, 4, 5, 9])
ANYTHING = st.sampled_from(
    [None, True, -1, 2**32, 10**400, 1.5, float("nan"), float("inf"), object()]
) | st.sampled_from(
    ["", b"\1", [[]], {}, ["x"], (1, None), "wl_output#1", "wl_seat#1", "wl_surface#1"]
)


def subjects(*interfaces):
    return st.sampled_from([f"{interface}#{k}" for interface in interfaces for k in (1, 2)])


SURFACE = subjects("wl_surface")
OUTPUT = subjects("wl_output")
WINDOW = subjects("xdg_toplevel")
WLR_HANDLE = subjects("zwlr_foreign_toplevel_handle_v1")
XY = {"surface_x": FIXED, "surface_y": FIXED}
BUTTON_STATE = st.sampled_from([0, 1, 2])
HANDLE = {"title": {"title": TEXT}, "app_id": {"app_id": TEXT}, "done": {}, "closed": {}}
MANAGERS = ("zxdg_output_manager_v1", "wl_compositor", "wl_output", "wl_seat")

GEOMETRY = {
    **dict.fromkeys(["x", "y", "physical_width", "physical_height", "subpixel"], SIGNED),
    "make": TEXT,
    "model": TEXT,
    "transform": SIGNED,
}
MASKS = dict.fromkeys(["mods_depressed", "mods_latched", "mods_locked", "group"], UNSIGNED)
SCHEMA = {
    "connection": {
        "opened": {"display": TEXT},
        "lost": {"reason": TEXT},
        "closed": {},
    },
    "wl_registry": {
        "global": {
            "name": UNSIGNED,
            "interface": st.sampled_from(MANAGERS),
            "version": VERSION,
        },
        "bind": {
            "name": UNSIGNED,
            "interface": st.sampled_from(MANAGERS),
            "version": VERSION,
            "id": subjects(*MANAGERS),
        },
        "global_remove": {"name": UNSIGNED},
    },
    "wl_compositor": {"create_surface": {"id": SURFACE}},
    "wl_subcompositor": {"get_subsurface": {"surface": SURFACE}},
    "wl_output": {
        "geometry": GEOMETRY,
        "mode": {"flags": UNSIGNED, "width": SIGNED, "height": SIGNED, "refresh": SIGNED},
        "scale": {"factor": SIGNED},
        "name": {"name": TEXT},
        "description": {"description": TEXT},
        "done": {},
        "release": {},
    },
    "zxdg_output_manager_v1": {
        "get_xdg_output": {"id": subjects("zxdg_output_v1"), "output": OUTPUT}
    },
    "zxdg_output_v1": {
        "logical_position": {"x": SIGNED, "y": SIGNED},
        "logical_size": {"width": SIGNED, "height": SIGNED},
        "name": {"name": TEXT},
        "description": {"description": TEXT},
        "done": {},
        "destroy": {},
    },
    "wl_seat": {
        "capabilities": {"capabilities": UNSIGNED},
        "name": {"name": TEXT},
        "get_pointer": {"id": subjects("wl_pointer")},
        "get_keyboard": {"id": subjects("wl_keyboard")},
        "get_touch": {"id": subjects("wl_touch")},
        "release": {},
    },
    "wl_pointer": {
        "enter": {"surface": SURFACE, **XY},
        "leave": {},
        "motion": XY,
        "warp": XY,
        "button": {"button": UNSIGNED, "state": BUTTON_STATE},
        "frame": {},
        "set_cursor": {"surface": SURFACE},
        "release": {},
    },
    "wl_keyboard": {
        "keymap": {"format": UNSIGNED, "size": UNSIGNED},
        "enter": {"surface": SURFACE, "keys": ARRAY},
        "leave": {},
        "key": {"key": UNSIGNED, "state": BUTTON_STATE},
        "modifiers": MASKS,
        "repeat_info": {"rate": SIGNED, "delay": SIGNED},
        "release": {},
    },
    "wl_touch": {
        "down": {"surface": SURFACE, "id": SIGNED, "x": FIXED, "y": FIXED},
        "up": {"id": SIGNED},
        "motion": {"id": SIGNED, "x": FIXED, "y": FIXED},
        "shape": {"id": SIGNED, "major": FIXED, "minor": FIXED},
        "orientation": {"id": SIGNED, "orientation": FIXED},
        "frame": {},
        "cancel": {},
        "release": {},
    },
    "wl_surface": {
        "attach": {"buffer": subjects("wl_buffer")},
        "set_buffer_scale": {"scale": SIGNED},
        "set_buffer_transform": {"transform": SIGNED},
        "commit": {},
        "enter": {"output": OUTPUT},
        "leave": {"output": OUTPUT},
        "preferred_buffer_scale": {"factor": SIGNED},
        "preferred_buffer_transform": {"transform": UNSIGNED},
        "destroy": {},
    },
    "wp_fractional_scale_manager_v1": {
        "get_fractional_scale": {"id": subjects("wp_fractional_scale_v1"), "surface": SURFACE}
    },
    "wp_fractional_scale_v1": {"preferred_scale": {"scale": UNSIGNED}, "destroy": {}},
    "zwlr_layer_shell_v1": {"get_layer_surface": {"surface": SURFACE}},
    "ext_session_lock_v1": {"get_lock_surface": {"surface": SURFACE}},
    "xdg_wm_base": {"get_xdg_surface": {"id": subjects("xdg_surface"), "surface": SURFACE}},
    "xdg_surface": {
        "get_toplevel": {"id": WINDOW},
        "get_popup": {},
        "configure": {"serial": UNSIGNED},
        "ack_configure": {"serial": UNSIGNED},
        "destroy": {},
    },
    "xdg_toplevel": {
        "configure": {"width": SIGNED, "height": SIGNED, "states": ARRAY},
        "configure_bounds": {"width": SIGNED, "height": SIGNED},
        "wm_capabilities": {"capabilities": ARRAY},
        "close": {},
        "set_title": {"title": TEXT},
        "set_app_id": {"app_id": TEXT},
        "set_parent": {"parent": WINDOW},
        "destroy": {},
    },
    "zwlr_foreign_toplevel_manager_v1": {"toplevel": {"toplevel": WLR_HANDLE}},
    "zwlr_foreign_toplevel_handle_v1": {
        **HANDLE,
        "state": {"state": ARRAY},
        "output_enter": {"output": OUTPUT},
        "output_leave": {"output": OUTPUT},
        "parent": {"parent": WLR_HANDLE},
        "destroy": {},
    },
    "ext_foreign_toplevel_list_v1": {
        "toplevel": {"toplevel": subjects("ext_foreign_toplevel_handle_v1")}
    },
    "ext_foreign_toplevel_handle_v1": {
        **HANDLE,
        "identifier": {"identifier": TEXT},
        "destroy": {},
    },
}
NAMES = {f"{interface}.{message}" for interface, told in SCHEMA.items() for message in told}
ADDED = {"id", "interface", "version"}
"""Keys of requests that make objects: no arguments in pywayland's signatures."""


def test_every_reducer_is_put_to_the_test():
    assert SessionModel().names <= NAMES


def shipped():
    return {interface.name: interface for interface in Interface.__subclasses__()}


@pytest.mark.parametrize("name", sorted(SessionModel().names))
def test_the_fields_read_are_arguments_of_the_protocol(name):
    interface, message = name.split(".")
    if interface not in shipped():
        assert interface.startswith(("connection", "zwlr_"))
        return
    protocol = shipped()[interface]
    told = {one.name: one.py_func for one in (*protocol.requests, *protocol.events)}

    assert message in told
    code = told[message].__code__
    names = {key.removesuffix("_") for key in code.co_varnames[: code.co_argcount]} | ADDED
    assert set(SCHEMA[interface][message]) <= names


plausible = st.one_of(
    [
        st.builds(
            lambda subject, data, name=f"{interface}.{message}": Single(name, subject, data),
            subjects(interface),
            st.fixed_dictionaries(fields),
        )
        for interface, messages in SCHEMA.items()
        for message, fields in messages.items()
    ]
)


@st.composite
def hostile(draw):
    """A plausible record with its fields lost, mistaken or about another object."""
    record = draw(plausible)
    data = dict(record.only)
    for key in draw(st.sets(st.sampled_from([*data, "x"]))):
        if draw(st.booleans()):
            data[key] = draw(ANYTHING)
        else:
            data.pop(key, None)
    subject = draw(st.just(record.subject) | subjects("wl_output", "wl_seat", "wl_surface", ""))
    return Single(record.name, subject, data)


class Run:
    """Several records of one name and subject, packed where they could be."""

    def __init__(self, records):
        self.name, self.subject = records[0].name, records[0].subject
        self._data = [record.only for record in records]

    def __len__(self):
        return len(self._data)

    def data(self):
        return iter(self._data)

    origin = Origin.COMPOSITOR

    def words(self):
        if self.name != "wl_output.mode":
            return None
        keys = ("flags", "width", "height", "refresh")
        try:
            rows = [struct.pack("=Iiii", *(told[key] for key in keys)) for told in self._data]
        except (KeyError, struct.error):
            return None
        return Words([struct.unpack("=IIII", row) for row in rows])


class Words:
    def __init__(self, rows):
        self._rows = rows

    def column(self, argument):
        return [row[argument] for row in self._rows]


def runs(records):
    told = itertools.groupby(records, key=lambda record: (record.name, record.subject))
    return [Run(list(group)) for _, group in told]


def everything(state):
    """Give the state with the order of its mappings, which what is derived follows."""
    slices = [getattr(state, field) for field in state.__struct_fields__[1:]]
    return state, [list(table) for table in slices]


def may_derive(record, before):
    interface, message = record.name.split(".")
    version = getattr(before.pending.get(record.subject), "version", 1)
    is_event = any(message in group_ends(interface, version) for version in range(1, 10))
    return not is_event or message in group_ends(interface, version)


class AnyRecords(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.model = SessionModel()
        self.state = self.model.initial
        self.told = []
        self.earlier = []

    @initialize()
    def begin(self):
        """Start with something of everything, for chance alone seldom makes it."""
        for interface, version in (("wl_output", 1), ("wl_seat", 4), ("wl_output", 4)):
            self.bind(interface, version, k=1 + (version == 4 and interface == "wl_output"))
        for maker, request, new, more in MAKERS:
            self.tell(Single(f"{maker}.{request}", f"{maker}#1", {"id": f"{new}#1", **more}))
        for interface, message, data in FIRST:
            self.tell(Single(f"{interface}.{message}", f"{interface}#1", data))

    def bind(self, interface, version, k):
        offer = {"name": version, "interface": interface, "version": version}
        self.tell(Single("wl_registry.global", "wl_registry#1", offer))
        bound = {**offer, "id": f"{interface}#{k}"}
        self.tell(Single("wl_registry.bind", "wl_registry#1", bound))

    @rule(record=plausible)
    def told_plainly(self, record):
        self.tell(record)

    @rule(record=plausible, times=st.integers(2, 4))
    def told_again(self, record, times):
        for _ in range(times):
            self.tell(record)

    @rule(rows=st.lists(st.tuples(UNSIGNED, SIGNED, SIGNED, SIGNED), min_size=1), k=st.just(1))
    def told_many_modes(self, rows, k):
        for row in rows:
            data = dict(zip(("flags", "width", "height", "refresh"), row, strict=True))
            self.tell(Single("wl_output.mode", f"wl_output#{k}", data))

    @rule(record=hostile())
    def told_with_malice(self, record):
        self.tell(record)

    def tell(self, record):
        before, self.state = self.state, self.model.fold(self.state, [record])
        self.told.append(record)
        self.earlier.append((before, copy.deepcopy(before)))
        self.check_facts(record, before)

    def check_facts(self, record, before):
        facts = self.model.derive(before, self.state)
        told = [Single(fact.name, fact.subject, fact.data) for fact in facts]

        assert facts == self.model.derive(*copy.deepcopy((before, self.state)))
        assert self.model.fold(self.state, told) is self.state
        assert not facts or self.model.ends_group(record.name)
        assert not facts or may_derive(record, before)
        assert all(json.loads(json.dumps(fact.data)) == fact.data for fact in facts)

    def teardown(self):
        expected = everything(self.state)
        initial = self.model.initial
        for size in (3, 7, len(self.told) or 1):
            state = initial
            for start in range(0, len(self.told), size):
                state = self.model.fold(state, self.told[start : start + size])
            assert everything(state) == expected
            state = initial
            for start in range(0, len(self.told), size):
                state = self.model.fold(state, runs(self.told[start : start + size]))
            assert everything(state) == expected
        for before, kept in self.earlier:
            assert everything(before) == everything(kept)


MAKERS = [
    ("wl_compositor", "create_surface", "wl_surface", {}),
    ("wl_seat", "get_pointer", "wl_pointer", {}),
    ("wl_seat", "get_keyboard", "wl_keyboard", {}),
    ("wl_seat", "get_touch", "wl_touch", {}),
    ("zxdg_output_manager_v1", "get_xdg_output", "zxdg_output_v1", {"output": "wl_output#1"}),
    ("xdg_wm_base", "get_xdg_surface", "xdg_surface", {"surface": "wl_surface#1"}),
    ("xdg_surface", "get_toplevel", "xdg_toplevel", {}),
]

HANDLES = ("zwlr_foreign_toplevel_handle_v1", "ext_foreign_toplevel_handle_v1")
FIRST = [
    ("wl_seat", "capabilities", {"capabilities": 7}),
    ("xdg_surface", "configure", {"serial": 1}),
    ("zwlr_foreign_toplevel_manager_v1", "toplevel", {"toplevel": f"{HANDLES[0]}#1"}),
    ("ext_foreign_toplevel_list_v1", "toplevel", {"toplevel": f"{HANDLES[1]}#1"}),
    (HANDLES[0], "done", {}),
    (HANDLES[1], "done", {}),
]

AnyRecords.TestCase.settings = settings(
    max_examples=60,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestAnyRecords = AnyRecords.TestCase
