"""The windows that a compositor says it shows, on weston and on sway alike."""

import os

import pytest

from wayfold.testing import CompositorTimeout

pytestmark = pytest.mark.parametrize(
    "tier",
    [pytest.param(name, marks=pytest.mark.wayland(tier=name)) for name in ("weston-seat", "sway")],
)


def test_a_window_tells_whose_it_is(tier, compositor, seat, desk):
    (shown,) = compositor.windows

    assert (shown.title, shown.app_id, shown.pid) == ("desk", "test.desk", os.getpid())
    assert shown.is_focused
    assert shown.middle == (shown.x + shown.width / 2, shown.y + shown.height / 2)


def test_a_window_that_was_hidden_is_not_told(tier, compositor, desk):
    desk.window.surface.attach(None, 0, 0)
    desk.window.surface.commit()
    desk.client.roundtrip()

    assert compositor.windows == []


def test_several_are_waited_for(tier, compositor, desk):
    desk.client.window("second", 50, 40, draw=fill, app_id="test.second")
    desk.client.roundtrip()
    desk.client.roundtrip()
    shown = compositor.wait_for_windows(2)

    assert {window.title for window in shown} == {"desk", "second"}


def fill(canvas):
    canvas.data[:] = bytes(len(canvas.data))


def test_what_does_not_come_in_time_is_told(tier, compositor, desk):
    with pytest.raises(CompositorTimeout, match=f"{compositor.name}: "):
        compositor.wait_for_windows(2, timeout=0.05)

    assert len(compositor.wait_for_windows(1)) == 1
