"""Anybody's windows, by either protocol."""

import pytest

from wayfold.model import ToplevelState

WLR = ("zwlr_foreign_toplevel_manager_v1#1", "zwlr_foreign_toplevel_handle_v1")
EXT = ("ext_foreign_toplevel_list_v1#1", "ext_foreign_toplevel_handle_v1")


def appear(session, protocol, title="editor"):
    manager, interface = protocol
    handle = session.new(interface)
    session.tell(manager, "toplevel", toplevel=handle)
    session.tell(handle, "title", title=title)
    session.tell(handle, "app_id", app_id="org.example")
    return handle


@pytest.mark.parametrize("protocol", [WLR, EXT])
def test_a_toplevel_is_shown_from_its_first_done_on(session, protocol):
    handle = appear(session, protocol)

    assert session.state.toplevels == {}

    session.tell(handle, "done")

    assert session.state.toplevels[handle].title == "editor"
    assert session.state.toplevels[handle].app_id == "org.example"
    assert session.since() == [("toplevel.added", handle)]


@pytest.mark.parametrize("protocol", [WLR, EXT])
@pytest.mark.parametrize("end", ["closed", "destroy"])
def test_a_toplevel_that_ends_is_gone(session, protocol, end):
    handle = appear(session, protocol)
    session.tell(handle, "done")
    session.since()
    session.tell(handle, end)
    session.tell(handle, "done")

    assert session.state.toplevels == {}
    assert session.since() == [("toplevel.removed", handle)]


def test_a_group_changes_a_toplevel_once(session):
    handle = appear(session, WLR)
    output = session.output()
    session.tell(handle, "done")
    session.since()
    session.tell(handle, "state", state=[2, 55])
    session.tell(handle, "output_enter", output=output)
    session.tell(handle, "title", title="other")

    assert session.state.toplevels[handle].states == ()

    session.tell(handle, "done")
    told = session.state.toplevels[handle]

    assert told.states == (ToplevelState.ACTIVATED, 55)
    assert told.outputs == (output,)
    assert set(session.facts[0].data["changed"]) == {"states", "outputs", "title"}


def test_facts_hold_plain_lists(session):
    handle = appear(session, WLR)
    session.tell(handle, "state", state=[2])
    session.tell(handle, "done")

    assert session.facts[0].data["states"] == [2]
    assert type(session.facts[0].data["states"][0]) is int


def test_a_toplevel_leaves_outputs_told_or_gone(session):
    handle = appear(session, WLR)
    first, second = session.output(), session.output()
    session.tell(handle, "output_enter", output=first)
    session.tell(handle, "output_enter", output=second)
    session.tell(handle, "done")
    session.tell(handle, "output_leave", output=first)
    session.tell(second, "release")

    assert session.state.toplevels[handle].outputs == (first,)

    session.tell(handle, "done")

    assert session.state.toplevels[handle].outputs == ()


def test_a_closed_toplevel_is_no_parent(session):
    parent, child = appear(session, WLR), appear(session, WLR)
    session.tell(child, "parent", parent=parent)
    session.tell(parent, "done")
    session.tell(child, "done")

    assert session.state.toplevels[child].parent == parent

    session.tell(parent, "closed")

    assert session.state.toplevels[child].parent is None


def test_the_identifier_of_ext_is_told(session):
    handle = appear(session, EXT)
    session.tell(handle, "identifier", identifier="a1b2")
    session.tell(handle, "done")

    assert session.state.toplevels[handle].identifier == "a1b2"
