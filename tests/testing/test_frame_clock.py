"""A clock that the test sets: frames by weston's own, by rate, or one at a tick."""

import pytest

from wayfold.testing import CapabilityMissing, CommandRefused, CompositorTimeout

pytestmark = pytest.mark.wayland(needs=["frame-clock"])


@pytest.fixture
def animated(desk):
    """The window, drawing a frame whenever it is asked to."""
    desk.animated = True
    desk.window.redraw()
    return desk


def frame_times(desk):
    """Give when frames were painted, in milliseconds."""
    asked = desk.client.log.records(name="wl_surface.frame")
    callbacks = {record.data["callback"] for record in asked}
    done = desk.client.log.records(name="wl_callback.done")
    return [each.data["callback_data"] for each in done if each.subject in callbacks]


def test_nothing_is_painted_without_a_tick(animated, frame_clock):
    frame_clock.manual()
    animated.client.roundtrip()
    before = len(frame_times(animated))
    for _ in range(20):
        animated.client.roundtrip()

    assert len(frame_times(animated)) == before


def test_each_tick_is_one_frame(animated, frame_clock):
    with frame_clock.held() as tick:
        for _ in range(3):
            animated.client.roundtrip()
        before = animated.drawn
        for number in range(1, 11):
            tick()
            animated.client.roundtrip()
            assert animated.drawn == before + number


def test_a_tick_waits_for_somebody_to_draw(desk, frame_clock):
    with frame_clock.held() as tick:
        while frame_clock.tick_now():
            pass
        with pytest.raises(CompositorTimeout, match=r"nothing came of 'tick wait' in 0\.05 s"):
            tick(timeout=0.05)
        desk.window.redraw()
        desk.client.roundtrip()
        tick()


def test_two_outputs_are_painted_by_one_tick(compositor, outputs, frame_clock):
    outputs.add((64, 48))
    frame_clock.manual()
    while frame_clock.tick_now():
        pass
    for name in outputs.names:
        outputs.change(name, size=(80, 60))

    assert frame_clock.tick_now() == 2


def test_ticks_are_refused_where_the_clock_runs(compositor, frame_clock):
    with pytest.raises(CommandRefused, match="set it to manual first"):
        frame_clock.tick()


@pytest.mark.parametrize("hz", [0, 1001])
def test_rates_that_cannot_be_are_refused(compositor, frame_clock, hz):
    with pytest.raises(CommandRefused, match=f"{hz} is not from 1 to 1000"):
        frame_clock.rate(hz)


def test_the_rate_is_kept_and_told(animated, frame_clock):
    frame_clock.rate(200)
    animated.client.roundtrip()
    (output,) = animated.client.state.outputs.values()
    assert output.mode.refresh_mhz == 200_000
    before = animated.drawn
    animated.client.run(until=lambda _: animated.drawn >= before + 21, timeout=10)
    times = frame_times(animated)

    # Twenty frames at 200 Hz are 100 ms; a busy machine may leave some out, and adds none.
    assert times[-1] - times[-21] >= 90


def test_weston_goes_on_by_itself_afterwards(animated, frame_clock):
    frame_clock.manual()
    animated.client.roundtrip()
    frame_clock.tick()
    frame_clock.rate(100)
    frame_clock.real()
    before = animated.drawn
    animated.client.run(until=lambda _: animated.drawn >= before + 3, timeout=10)

    assert animated.drawn >= before + 3


def test_an_output_that_goes_while_a_tick_is_awaited_hurts_nobody(animated, outputs, frame_clock):
    frame_clock.manual()
    outputs.remove("HEADLESS-1")
    outputs.add((200, 100))

    assert frame_clock.tick_now() in (0, 1)
    assert outputs.names == ("HEADLESS-2",)


@pytest.mark.wayland(tier="sway", needs=["windows"])
def test_where_there_is_no_such_clock_that_is_told(compositor):
    with pytest.raises(CapabilityMissing, match="no frame-clock here: this sway"):
        _ = compositor.frame_clock
