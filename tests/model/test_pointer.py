"""Pointers change at the end of a frame, their focus at once."""

import pytest


@pytest.fixture
def seat(session):
    return session.seat()


@pytest.fixture
def pointer(session, seat):
    return session.make(seat, "get_pointer", "wl_pointer")


@pytest.fixture
def surface(session, pointer):
    subject = session.surface()
    session.tell(pointer, "enter", serial=1, surface=subject, surface_x=1.5, surface_y=2)
    return subject


def test_enter_gives_focus_and_place_at_once(session, seat, pointer, surface):
    told = session.state.seats[seat].pointer

    assert (told.focus, told.x, told.y) == (surface, 1.5, 2.0)
    assert session.facts[-1].name == "pointer.focus"
    assert session.facts[-1].subject == pointer
    assert session.facts[-1].data == {"surface": surface, "previous": None, "seat": seat}


def test_leave_takes_focus_place_and_buttons(session, seat, pointer, surface):
    session.tell(pointer, "button", serial=2, time=0, button=272, state=1)
    session.tell(pointer, "frame")
    session.tell(pointer, "leave", serial=3, surface=surface)
    told = session.state.seats[seat].pointer

    assert (told.focus, told.x, told.y, told.buttons) == (None, None, None, ())
    assert session.facts[-1].data == {"surface": None, "previous": surface, "seat": seat}


def test_motion_and_buttons_show_at_the_frame(session, seat, pointer, surface):
    session.tell(pointer, "motion", time=1, surface_x=9.0, surface_y=8.0)
    session.tell(pointer, "button", serial=2, time=2, button=272, state=1)
    session.tell(pointer, "button", serial=3, time=2, button=273, state=1)

    assert session.state.seats[seat].pointer.x == 1.5
    assert session.state.seats[seat].pointer.buttons == ()

    session.tell(pointer, "frame")

    assert session.state.seats[seat].pointer.x == 9.0
    assert session.state.seats[seat].pointer.buttons == (272, 273)


def test_a_released_button_is_no_longer_pressed(session, seat, pointer, surface):
    session.tell(pointer, "button", serial=2, time=2, button=272, state=1)
    session.tell(pointer, "button", serial=3, time=3, button=272, state=0)
    session.tell(pointer, "frame")

    assert session.state.seats[seat].pointer.buttons == ()


def test_before_version_5_every_event_shows_at_once(session):
    seat = session.seat(version=4)
    pointer = session.make(seat, "get_pointer", "wl_pointer")
    session.tell(pointer, "motion", time=1, surface_x=9.0, surface_y=8.0)

    assert session.state.seats[seat].pointer.x == 9.0


def test_a_destroyed_surface_has_no_focus(session, seat, pointer, surface):
    session.since()
    session.tell(surface, "destroy")

    assert session.state.seats[seat].pointer.focus is None
    assert session.since() == [("pointer.focus", pointer)]


def test_a_released_pointer_gives_up_its_focus(session, seat, pointer, surface):
    session.since()
    session.tell(pointer, "release")

    assert session.facts[0].data == {"surface": None, "previous": surface, "seat": seat}


def test_enter_brings_nothing_else_of_its_frame(session, seat, pointer, surface):
    session.tell(pointer, "button", serial=2, time=2, button=272, state=1)
    session.tell(pointer, "enter", serial=3, surface=surface, surface_x=4.0, surface_y=5.0)
    told = session.state.seats[seat].pointer

    assert (told.x, told.buttons) == (4.0, ())
