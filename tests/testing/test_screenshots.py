"""Pictures of what real compositors show, on every tier that paints."""

import os
import re
import subprocess
import sys

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CompositorFailed,
    SeatWeston,
    Sway,
    Weston,
)
from wayfold.testing.fixtures import Screenshots
from wayfold.testing.goldens import Goldens
from wayfold.testing.image import Image

RED = (255, 0, 0, 255)
BLUE = (0, 0, 255, 255)
LATE = """
import sys
import wayfold

shades = iter(range(1, int(sys.argv[1])))

def draw(canvas):
    shade = next(shades, None)
    pixel = (255, 0, 0, 255) if shade is None else (0, 0, 128 + shade % 128, 255)
    canvas.data[:] = bytes(pixel) * (canvas.width * canvas.height)
    return shade is not None

with wayfold.connect() as client:
    client.window("late", 200, 150, draw=draw)
    client.run()
"""


def on(*tiers):
    """Run a test on each of these."""
    marks = {name: pytest.mark.wayland(tier=name, size=(320, 240)) for name in tiers}
    return pytest.mark.parametrize("tier", [pytest.param(n, marks=marks[n]) for n in tiers])


@on("weston-named", "weston-seat", "sway")
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


@pytest.fixture
def compared(compositor, tmp_path):
    """Compares with golden pictures in `tmp_path`, or writes them."""

    def make(*, is_updating=False):
        return Screenshots(compositor, Goldens(tmp_path, tmp_path / "failures", is_updating))

    return make


@pytest.fixture
def launch_late(compositor, launch):
    """Start a program whose window is blue at last, after so many frames in shades of red."""

    def start(frames):
        late = launch(sys.executable, "-c", LATE, str(frames))
        compositor.wait_for_windows()
        return late

    return start


@on("weston-seat", "sway")
def test_what_a_program_paints_a_little_later_is_waited_for(tier, compared, launch_late, tmp_path):
    late = launch_late(frames=20)
    compared(is_updating=True).assert_matches("late.png", timeout=20)
    late.kill()
    late.wait()
    launch_late(frames=20)
    compared().assert_matches("late.png", timeout=20)

    golden = Image.load(tmp_path / "late.png")
    assert golden[160, 120] == BLUE
    assert not (tmp_path / "failures").exists()


@pytest.mark.wayland(tier="weston-seat", size=(320, 240))
def test_what_never_comes_to_rest_is_no_golden_picture(compared, launch_late, tmp_path):
    launch_late(frames=1_000_000)
    with pytest.raises(AssertionError, match=r"not come to rest.* unchanged for 0\.2 s") as told:
        compared(is_updating=True).assert_matches("late.png", timeout=0.5)

    assert not (tmp_path / "late.png").exists()
    (shown,) = re.findall(r"\S+\.actual\.png", str(told.value))
    assert Image.load(shown)[160, 120][0] >= 128


@pytest.mark.wayland(tier="weston-seat", size=(320, 240))
def test_under_a_manual_clock_a_comparison_is_a_frame(
    compared, launch_late, screenshot, frame_clock, tmp_path
):
    Image(1, 1, bytes(4)).save(tmp_path / "unlike.png")
    launch_late(frames=1_000_000)
    with frame_clock.held():
        (before, *_) = screenshot()[160, 120]
        with pytest.raises(AssertionError, match="is Image"):
            compared().assert_matches("unlike.png", timeout=0.5)
        compared(is_updating=True).assert_matches("late.png", timeout=0.5)
        (after, *_) = screenshot()[160, 120]

    assert (after - before) % 128 <= 3


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
