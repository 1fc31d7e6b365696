"""Globals as advertised, and what is bound to them."""

from wayfold.model import Global


def test_a_global_is_known_by_its_number(session):
    session.tell("wl_registry#1", "global", name=3, interface="wl_shm", version=2)

    assert session.state.globals == {3: Global(3, "wl_shm", 2)}


def test_a_second_registry_tells_nothing_new(session):
    session.bind("wl_shm", 2, name=3)
    before = session.state
    session.tell("wl_registry#9", "global", name=3, interface="wl_shm", version=2)

    assert session.state is before


def test_a_number_used_again_is_another_global(session):
    session.bind("wl_shm", 2, name=3)
    session.tell("wl_registry#1", "global_remove", name=3)
    session.tell("wl_registry#1", "global", name=3, interface="wl_seat", version=5)

    assert session.state.globals == {3: Global(3, "wl_seat", 5)}


def test_a_destroyed_object_is_no_longer_bound(session):
    first = session.bind("xdg_wm_base", 5, name=3)
    second = session.bind("xdg_wm_base", 5, name=3)
    session.tell(first, "destroy")

    assert session.state.globals[3].bound == (second,)
    assert first not in session.state.pending


def test_a_global_that_is_unknown_can_be_removed(session):
    before = session.state
    session.tell("wl_registry#1", "global_remove", name=3)

    assert session.state is before


def test_a_removed_global_is_gone(session):
    session.tell("wl_registry#1", "global", name=3, interface="wl_shm", version=2)
    session.tell("wl_registry#1", "global_remove", name=3)

    assert session.state.globals == {}
