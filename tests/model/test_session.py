"""A session as a whole: its connection, its immutability, the order of what is derived."""

import copy
import pickle

import msgspec
import pytest

from wayfold.log.record import Origin, Single
from wayfold.model import Connection, ConnectionStatus, SessionModel, State, group_ends


def test_the_first_state_is_empty():
    assert SessionModel().initial == State()
    assert State().connection.status == "none"


def test_a_connection_is_opened_and_lost(session):
    session.tell("connection", "opened", display="wayland-1")

    assert session.state.connection == Connection(ConnectionStatus.OPEN, "wayland-1")

    session.tell("connection", "lost", reason="killed")

    assert session.state.connection == Connection(ConnectionStatus.LOST, "wayland-1", "killed")


@pytest.mark.parametrize("end", ["lost", "closed", "opened"])
def test_nothing_outlives_its_connection(session, end):
    output, seat = session.output(), session.seat()
    _, xdg, window = session.window()
    session.tell(xdg, "configure", serial=1)
    handle = "zwlr_foreign_toplevel_handle_v1#90"
    session.tell("zwlr_foreign_toplevel_manager_v1#1", "toplevel", toplevel=handle)
    session.tell(handle, "done")
    session.since()
    session.tell("connection", end)

    assert session.state == State(connection=session.state.connection)
    assert session.since() == [
        ("output.removed", output),
        ("seat.removed", seat),
        ("window.removed", window),
        ("toplevel.removed", handle),
    ]


def test_what_is_derived_folds_to_nothing(session):
    output = session.output()
    before = session.state
    fact = session.facts[0]
    session.fold(Single(fact.name, fact.subject, fact.data))

    assert fact.origin is Origin.WAYFOLD
    assert session.state is before
    assert output in before.outputs


def test_a_record_of_no_account_gives_the_same_state(session):
    before = session.state
    session.tell("display/HDMI-A-1", "enabled", at=3)
    session.tell("wl_output#77", "done")
    session.tell("wl_output#77", "release")

    assert session.state is before


def test_a_state_cannot_be_changed(session):
    output = session.output()
    with pytest.raises(AttributeError):
        session.state.outputs = {}
    with pytest.raises(AttributeError):
        session.state.outputs[output].scale = 2
    for change in (
        lambda table: table.__setitem__("x", 1),
        lambda table: table.pop(output),
        lambda table: table.update(x=1),
        lambda table: table.__ior__({}),
        lambda table: table.clear(),
    ):
        with pytest.raises(TypeError, match="cannot change"):
            change(session.state.outputs)


def test_a_state_copies_pickles_and_serializes(session):
    session.output(name="DP-1")

    assert copy.deepcopy(session.state) == session.state
    assert pickle.loads(pickle.dumps(session.state)) == session.state
    assert b'"name":"DP-1"' in msgspec.json.encode(session.state)


def test_a_state_prints_what_is_public(session):
    session.output(name="DP-1")

    assert "pending" not in repr(session.state)
    assert "{'wl_output#" in repr(session.state.outputs)


@pytest.mark.parametrize(
    ("interface", "version", "ends"),
    [
        ("wl_output", 1, {"geometry", "mode"}),
        ("wl_output", 2, {"done"}),
        ("zxdg_output_v1", 2, {"done"}),
        ("zxdg_output_v1", 3, set()),
        ("wl_seat", 1, {"capabilities", "name"}),
        ("wl_pointer", 5, {"enter", "leave"}),
        ("wl_touch", 7, set()),
        ("xdg_surface", 6, {"configure"}),
    ],
)
def test_groups_end_by_the_version_bound(interface, version, ends):
    assert group_ends(interface, version) == ends


def test_only_some_names_may_derive():
    model = SessionModel()

    assert model.ends_group("wl_output.done")
    assert model.ends_group("connection.lost")
    assert not model.ends_group("wl_pointer.frame")
    assert not model.ends_group("output.added")


@pytest.mark.parametrize("wrong", [True, None, "3", 1.0, -1, 2**32, 10**400, [3]])
def test_a_number_that_is_none_changes_nothing(session, wrong):
    before = session.state
    session.tell("wl_registry#1", "global", name=wrong, interface="wl_shm", version=1)

    assert session.state is before


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), None, "3", 10**400, True])
def test_a_place_that_is_none_changes_nothing(session, wrong):
    pointer = session.make(session.seat(), "get_pointer", "wl_pointer")
    before = session.state
    session.tell(pointer, "motion", time=0, surface_x=wrong, surface_y=1.0)

    assert session.state is before


def test_an_applications_own_fact_changes_nothing_whatever_its_name(session):
    session.bind("wl_output", 4)
    before = session.state
    fact = Single("wl_registry.global_remove", "wl_registry#1", {"name": 1}, Origin.APP)

    assert SessionModel().fold(before, [fact]) == before
