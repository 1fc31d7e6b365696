"""Touch screens change at the end of a frame."""

import pytest

from wayfold.model import TouchPoint


@pytest.fixture
def touch(session):
    return session.make(session.seat(), "get_touch", "wl_touch")


@pytest.fixture
def surface(session):
    return session.surface()


def points(session):
    return next(iter(session.state.seats.values())).touch.points


def down(session, touch, surface, finger=0):
    session.tell(touch, "down", serial=1, time=1, surface=surface, id=finger, x=1.0, y=2.0)


def test_a_finger_shows_at_the_frame(session, touch, surface):
    down(session, touch, surface)

    assert points(session) == {}

    session.tell(touch, "frame")

    assert points(session) == {0: TouchPoint(0, surface, 1.0, 2.0)}


def test_fingers_move_and_lift(session, touch, surface):
    down(session, touch, surface, finger=0)
    down(session, touch, surface, finger=1)
    session.tell(touch, "motion", time=2, id=0, x=5.0, y=6.0)
    session.tell(touch, "shape", id=0, major=3.0, minor=2.0)
    session.tell(touch, "orientation", id=0, orientation=45.0)
    session.tell(touch, "up", serial=2, time=2, id=1)
    session.tell(touch, "frame")

    assert points(session) == {0: TouchPoint(0, surface, 5.0, 6.0, 3.0, 2.0, 45.0)}


def test_cancel_lifts_every_finger_at_once(session, touch, surface):
    down(session, touch, surface)
    session.tell(touch, "frame")
    session.tell(touch, "cancel")

    assert points(session) == {}


def test_a_destroyed_surface_has_no_fingers(session, touch, surface):
    down(session, touch, surface)
    session.tell(touch, "frame")
    session.tell(surface, "destroy")

    assert points(session) == {}


def test_frames_of_touch_derive_nothing(session, touch, surface):
    before = session.state
    down(session, touch, surface)
    session.tell(touch, "frame")

    assert session.model.derive(before, session.state) == []
