"""Surfaces as committed, and where they are."""

import pytest

from wayfold.model import Transform


@pytest.fixture
def surface(session):
    return session.surface()


def test_what_is_attached_shows_at_the_commit(session, surface):
    session.tell(surface, "attach", buffer="wl_buffer#9", x=0, y=0)
    session.tell(surface, "set_buffer_scale", scale=2)
    session.tell(surface, "set_buffer_transform", transform=3)

    assert session.state.surfaces[surface].buffer is None

    session.tell(surface, "commit")
    told = session.state.surfaces[surface]

    assert (told.buffer, told.scale, told.transform) == ("wl_buffer#9", 2, Transform.ROTATED_270)
    assert told.commits == 1


def test_a_null_buffer_takes_the_picture_away(session, surface):
    session.tell(surface, "attach", buffer="wl_buffer#9", x=0, y=0)
    session.tell(surface, "commit")
    session.tell(surface, "attach", buffer=None, x=0, y=0)
    session.tell(surface, "commit")

    assert session.state.surfaces[surface].buffer is None
    assert session.state.surfaces[surface].commits == 2


def test_outputs_and_preferences_show_at_once(session, surface):
    output = session.output()
    session.tell(surface, "attach", buffer="wl_buffer#9", x=0, y=0)
    session.tell(surface, "enter", output=output)
    session.tell(surface, "preferred_buffer_scale", factor=2)
    session.tell(surface, "preferred_buffer_transform", transform=1)
    told = session.state.surfaces[surface]

    assert (told.outputs, told.preferred_scale) == ((output,), 2)
    assert told.preferred_transform is Transform.ROTATED_90
    assert told.buffer is None


def test_a_surface_leaves_an_output(session, surface):
    output = session.output()
    session.tell(surface, "enter", output=output)
    session.tell(surface, "leave", output=output)

    assert session.state.surfaces[surface].outputs == ()


def test_a_surface_is_not_on_an_output_that_is_gone(session, surface):
    output = session.output()
    session.tell(surface, "enter", output=output)
    session.tell(output, "release")

    assert session.state.surfaces[surface].outputs == ()


def test_a_fractional_scale_is_told_in_120ths(session, surface):
    manager = session.bind("wp_fractional_scale_manager_v1", 1)
    scale = session.make(manager, "get_fractional_scale", "wp_fractional_scale_v1", surface=surface)
    session.tell(scale, "preferred_scale", scale=180)

    assert session.state.surfaces[surface].preferred_scale_120 == 180


@pytest.mark.parametrize(
    ("maker", "request_", "role"),
    [
        ("wl_pointer#1", "set_cursor", "cursor"),
        ("wl_subcompositor#1", "get_subsurface", "wl_subsurface"),
        ("zwlr_layer_shell_v1#1", "get_layer_surface", "zwlr_layer_surface_v1"),
        ("ext_session_lock_v1#1", "get_lock_surface", "ext_session_lock_surface_v1"),
    ],
)
def test_a_surface_has_the_role_it_was_given(session, surface, maker, request_, role):
    session.tell(maker, request_, id="x#9", surface=surface)

    assert session.state.surfaces[surface].role == role


def test_a_popup_is_a_role(session, surface):
    xdg = session.make("xdg_wm_base#0", "get_xdg_surface", "xdg_surface", surface=surface)
    session.make(xdg, "get_popup", "xdg_popup", parent=None)

    assert session.state.surfaces[surface].role == "xdg_popup"


def test_a_destroyed_surface_is_gone(session, surface):
    session.tell(surface, "destroy")
    session.tell(surface, "commit")

    assert session.state.surfaces == {}


def test_a_cursor_may_be_hidden(session, surface):
    before = session.state
    session.tell("wl_pointer#1", "set_cursor", serial=1, surface=None, hotspot_x=0, hotspot_y=0)

    assert session.state is before


def test_an_output_entered_twice_is_listed_once(session, surface):
    output = session.output()
    session.tell(surface, "enter", output=output)
    session.tell(surface, "enter", output=output)

    assert session.state.surfaces[surface].outputs == (output,)


def test_a_subject_that_is_taken_stays_what_it_is(session, surface):
    session.tell(surface, "commit")
    session.tell("wl_compositor#0", "create_surface", id=surface)

    assert session.state.surfaces[surface].commits == 1
    assert session.state.pending[surface].commits == 1
