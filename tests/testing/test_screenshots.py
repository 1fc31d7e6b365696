"""Pictures of what real compositors show, on every tier that paints."""

import os
import subprocess

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CompositorFailed,
    SeatWeston,
    Sway,
    Weston,
)

RED = (255, 0, 0, 255)

painting = pytest.mark.parametrize(
    "tier",
    [
        pytest.param(name, marks=pytest.mark.wayland(tier=name, size=(320, 240)))
        for name in ("weston-named", "weston-seat", "sway")
    ],
)


@painting
def test_it_has_the_outputs_size_and_opaque_pixels(tier, screenshot):
    picture = screenshot()

    assert (picture.width, picture.height) == (320, 240)
    assert {alpha for *_, alpha in picture.colours} == {255}


@pytest.mark.wayland(tier="weston-seat", size=(800, 600), shell="desktop")
def test_the_window_is_in_it_where_it_is_said_to_be(compositor, desk, screenshot):
    picture = screenshot()
    (shown,) = compositor.windows

    assert (shown.width, shown.height) == (200, 150)
    x, y = int(shown.x), int(shown.y)
    assert picture[x, y] == picture[x + 199, y + 149] == RED
    assert picture[x - 1, y] != RED
    assert picture.crop(x, y, 200, 150).colours == {RED}


@pytest.mark.wayland(tier="sway", size=(320, 240))
def test_it_is_on_sway_too(desk, screenshot):
    x, y = desk.shown.middle

    assert screenshot()[int(x), int(y)] == RED


@pytest.mark.wayland(tier="weston-seat", outputs=2, size=(64, 48))
def test_outputs_are_told_apart_by_name(screenshot, outputs):
    outputs.change("HEADLESS-2", size=(80, 60))

    assert (screenshot("HEADLESS-1").width, screenshot("HEADLESS-2").width) == (64, 80)
    with pytest.raises(LookupError, match="no output DP-9"):
        screenshot("DP-9")


@pytest.mark.wayland(tier="weston-seat", size=(64, 48), scale=2)
def test_scaled_outputs_are_pictured_in_their_own_pixels(screenshot):
    assert screenshot().width == 64


@pytest.mark.wayland(tier="weston-seat", size=(320, 240))
def test_under_a_manual_clock_a_picture_is_a_frame(desk, screenshot, frame_clock):
    with frame_clock.held():
        assert RED in screenshot().colours
        assert RED in screenshot().colours


@pytest.mark.wayland(tier="weston-seat", size=(320, 240))
def test_many_pictures_leave_no_descriptor(compositor, screenshot, open_descriptors):
    screenshot()
    before = open_descriptors(), len(os.listdir(f"/proc/{compositor.pid}/fd"))
    for _ in range(20):
        screenshot()

    assert (
        open_descriptors(),
        len(os.listdir(f"/proc/{compositor.pid}/fd")),
    ) == before


def test_a_weston_for_one_client_gives_none():
    with Weston() as weston, pytest.raises(CapabilityMissing, match="serves one client only"):
        weston.screenshot()


def test_a_weston_without_the_screenshooter_says_how_to_start_it():
    with (
        Weston(named=True) as weston,
        pytest.raises(CapabilityMissing, match="screenshooter=True"),
    ):
        weston.screenshot()


@pytest.mark.parametrize("has_looked", [True, False])
@pytest.mark.parametrize("kind", [SeatWeston, Sway])
def test_of_a_dead_compositor_none_is_to_be_had(kind, has_looked):
    with kind() as compositor:
        if has_looked:
            compositor.screenshot()
        compositor.kill()
        with pytest.raises(CompositorFailed, match="is gone"):
            compositor.screenshot()


@pytest.mark.wayland(tier="weston-seat", size=(400, 300))
def test_a_program_of_weston_itself_is_shown(compositor, screenshot):
    with subprocess.Popen(
        ["weston-flower"], env=compositor.environment, stderr=subprocess.DEVNULL
    ) as flower:
        try:
            (shown,) = compositor.wait_for_windows()
            picture = screenshot()
        finally:
            flower.kill()

    assert shown.title == "Flower"
    assert shown.pid == flower.pid
    assert len(picture.colours) > 20, "a flower has an edge that is smoothed"


@pytest.mark.wayland(tier="sway", size=(400, 300))
def test_a_terminal_is_shown_and_typed_into(compositor, seat, screenshot):
    command = ["foot", "sh", "-c", 'read line; test "$line" = "Hello, foot!"']
    with subprocess.Popen(command, env=compositor.environment, stderr=subprocess.DEVNULL) as foot:
        try:
            (shown,) = compositor.wait_for_windows()
            before = screenshot()
            seat.keyboard.type("Hello, foot!")
            # Each waits for a frame of sway's.
            is_changed = any(before.difference(screenshot()) for _ in range(100))
            seat.keyboard.tap("Return")
            status = foot.wait(5)
        finally:
            foot.kill()

    assert shown.app_id == "foot"
    assert is_changed
    assert status == 0
