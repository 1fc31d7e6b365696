"""Outputs that come, go and change, as a client hears of them."""

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CommandRefused,
    CompositorFailed,
    FrameClock,
    Outputs,
    SeatWeston,
    Sway,
    Weston,
)
from wayfold.testing.outputs import Shape

on_both = pytest.mark.parametrize(
    "tier",
    [pytest.param(name, marks=pytest.mark.wayland(tier=name)) for name in ("weston-seat", "sway")],
)
on_weston = pytest.mark.wayland(tier="weston-seat")


def told(client):
    """Give each output as a client knows it: mode, scale, transform and place."""
    client.roundtrip()
    return [
        ((o.mode.width, o.mode.height), o.scale, o.transform.name, (o.x, o.y))
        for o in client.state.outputs.values()
    ]


@pytest.fixture
def client(compositor):
    import wayfold

    with wayfold.connect(compositor.connect()) as made:
        yield made


@pytest.mark.parametrize(
    "tier",
    [
        pytest.param(
            name, marks=pytest.mark.wayland(tier=name, outputs=2, size=(800, 600), scale=2)
        )
        for name in ("weston-seat", "sway")
    ],
)
def test_outputs_size_and_scale_are_those_asked_for(tier, outputs, client):
    assert outputs.names == ("HEADLESS-1", "HEADLESS-2")
    assert [(o.size, o.scale) for o in outputs] == [((800, 600), 2)] * 2
    assert sorted(o.x for o in outputs) == [0, 400]  # sway 1.10 puts the newest leftmost
    assert [mode for mode, *_ in told(client)] == [(800, 600), (800, 600)]


@on_both
def test_an_output_that_is_added_is_told_to_clients(tier, outputs, client):
    added = outputs.add((640, 480), 2, "90")
    client.wait_until(lambda state: len(state.outputs) == 2)

    assert (added.size, added.scale, added.transform) == ((640, 480), 2, "90")
    assert told(client)[1][:2] == ((640, 480), 2)
    assert len(outputs) == 2


@pytest.mark.parametrize("given", [(800, 600), ((800, 600, 1),), (("8", "6"),)])
def test_a_size_that_is_no_pair_is_told(given):
    with pytest.raises(TypeError, match=r"\(width, height\) in pixels, such as \(800, 600\), not"):
        Outputs(None).add(*given)


def test_a_name_in_place_of_the_size_is_told():
    with pytest.raises(TypeError, match="'HDMI-A-1'; a name is given as `name=`"):
        Outputs(None).add("HDMI-A-1")


@on_both
def test_an_output_changes_in_place(tier, outputs, client):
    before = list(client.state.outputs)
    changed = outputs.change("HEADLESS-1", size=(1200, 900), scale=3, transform="flipped-270")
    client.wait_until(lambda state: told(client)[0][1] == 3)

    ((mode, scale, transform, _),) = told(client)
    assert (mode, scale) == (changed.size, changed.scale) == ((1200, 900), 3)
    assert (transform, changed.transform) == ("FLIPPED_270", "flipped-270")
    assert list(client.state.outputs) == before


@pytest.mark.wayland(needs=["hotplug"])
def test_an_output_is_unplugged_and_plugged_in_again(outputs, client):
    first = list(client.state.outputs)
    outputs.add()
    outputs.remove("HEADLESS-1")
    client.wait_until(lambda state: len(state.outputs) == 1 and list(state.outputs) != first)

    assert outputs.names == ("HEADLESS-2",)


@on_weston
def test_the_same_screen_comes_back_by_its_name(outputs, client):
    name = {"name": "HDMI-A-1"}
    outputs.add((300, 200), **name)
    outputs.remove("HDMI-A-1")
    client.wait_until(lambda state: len(state.outputs) == 1)
    outputs.add((400, 200), **name)
    client.wait_until(lambda state: len(state.outputs) == 2)

    assert outputs.names == ("HEADLESS-1", "HDMI-A-1")
    assert [o.name for o in client.state.outputs.values()] == ["HEADLESS-1", "HDMI-A-1"]
    assert outputs["HDMI-A-1"].size == (400, 200)


@on_weston
def test_a_name_that_was_given_is_not_given_again_unasked(outputs):
    outputs.add(name="HEADLESS-2")
    outputs.remove("HEADLESS-2")

    assert outputs.add().name == "HEADLESS-3"


@on_weston
def test_a_name_that_is_there_already_is_refused(outputs):
    with pytest.raises(CommandRefused, match="there is an output HEADLESS-1 already"):
        outputs.add(name="HEADLESS-1")


@on_both
@pytest.mark.parametrize("name", ["", "a b", "x" * 32, "HDMI-A-1\n"])
def test_names_that_cannot_be_are_refused(tier, outputs, name):
    with pytest.raises(ValueError, match="1 to 31 letters, digits and _"):
        outputs.add(name=name)


@pytest.mark.wayland(tier="sway")
def test_sway_names_its_outputs_itself(outputs):
    with pytest.raises(CapabilityMissing, match="sway names its outputs itself, and none DP-1"):
        outputs.add(name="DP-1")

    assert outputs.names == ("HEADLESS-1",)


@on_weston
def test_even_the_last_output_may_go_under_a_window(desk, outputs):
    outputs.remove("HEADLESS-1")
    assert desk.heard("wl_surface.leave")
    outputs.add((300, 200))

    assert desk.compositor.wait_for_windows()
    assert desk.heard("wl_surface.enter")


def test_there_are_at_most_32():
    with SeatWeston(outputs=32, size=(8, 8)) as weston:
        with pytest.raises(CommandRefused, match="there are 32 outputs, the most that weston has"):
            weston.outputs.add((8, 8))
        weston.outputs.remove("HEADLESS-7")
        weston.outputs.add((8, 8))

        assert len(weston.outputs) == 32
    with pytest.raises(ValueError, match="0 to 32 outputs, not 33"):
        SeatWeston(outputs=33)


@on_weston
def test_outputs_lie_side_by_side(outputs, client):
    outputs.add((640, 480))
    outputs.change("HEADLESS-1", size=(500, 400))
    client.roundtrip()

    assert [(o.x, o.y) for o in outputs] == [(0, 0), (500, 0)]
    assert [place for *_, place in told(client)] == [(0, 0), (500, 0)]


@pytest.mark.parametrize(
    ("kind", "attribute"), [(Outputs, "compositor.outputs"), (FrameClock, "compositor.frame_clock")]
)
def test_what_is_had_from_a_compositor_is_not_made_of_one(kind, attribute):
    for compositor in (Sway(), SeatWeston(), Weston()):
        with pytest.raises(TypeError, match=attribute):
            kind(compositor)


def dots_per_inch(client):
    client.roundtrip()
    return [
        round(o.mode.width / (o.width_mm / 25.4 * o.scale)) for o in client.state.outputs.values()
    ]


@pytest.mark.wayland(tier="weston-named", size=(1600, 1200), scale=2)
def test_letters_are_as_large_in_a_weston_without_a_seat(client):
    assert dots_per_inch(client) == [96]


@on_weston
def test_letters_are_as_large_as_on_a_desktop(outputs, client):
    assert dots_per_inch(client) == [96]
    outputs.add((2560, 1440), 2)
    outputs.change("HEADLESS-1", size=(640, 480))
    client.wait_until(lambda state: len(state.outputs) == 2)

    assert dots_per_inch(client) == [96, 96]


@on_weston
def test_pixels_and_millimetres_change_at_once(outputs, client):
    start = client.log.head
    outputs.change("HEADLESS-1", size=(640, 480))
    client.roundtrip()
    changed, *_ = client.log.records(start, name="output.changed")

    assert {"mode", "width_mm", "height_mm"} <= changed.data["changed"].keys()


@on_weston
def test_the_pointer_stays_where_it_is_when_its_output_grows(desk, outputs, seat):
    seat.pointer.move(30, 20)
    before = len(desk.heard("wl_pointer.motion"))
    outputs.change("HEADLESS-1", size=(1600, 1200))

    assert len(desk.heard("wl_pointer.motion")) == before


@on_weston
def test_a_window_is_told_the_new_size_of_its_output(desk, outputs):
    outputs.change("HEADLESS-1", size=(640, 480))
    sizes = [(d["width"], d["height"]) for _, d in desk.heard("xdg_toplevel.configure")]

    assert sizes[-1] == (640, 480)


@pytest.mark.wayland(tier="sway")
def test_sway_has_scales_between_whole_numbers(outputs):
    assert outputs.change("HEADLESS-1", scale=1.5).scale == 1.5


@on_weston
def test_weston_has_not(outputs):
    with pytest.raises(CapabilityMissing, match=r"scales are whole numbers, not 1\.5; sway has"):
        outputs.add(scale=1.5)


@on_weston
@pytest.mark.parametrize(
    ("size", "scale", "reason"),
    [((9000, 10), 1, "9000 is not from 1 to 8192"), ((101, 50), 2, "cannot be divided")],
)
def test_what_weston_cannot_show_is_refused(outputs, size, scale, reason):
    with pytest.raises(CommandRefused, match=reason):
        outputs.add(size, scale)

    assert outputs.names == ("HEADLESS-1",)


@on_weston
def test_an_unknown_output_is_refused_with_the_known_ones(outputs):
    with pytest.raises(KeyError, match="no output 'DP-1'; there are: HEADLESS-1"):
        outputs.remove("DP-1")


@pytest.mark.parametrize("shape", [{"size": (0, 1)}, {"scale": 0}, {"transform": "45"}])
def test_shapes_that_cannot_be_are_refused(shape):
    with pytest.raises(ValueError, match=r"must be positive|is none of"):
        Shape(**shape)


@on_weston
def test_when_weston_is_gone_that_is_told_with_its_log(compositor, outputs):
    compositor.kill()
    with pytest.raises(CompositorFailed, match=r"weston is gone\nits log ends with:"):
        outputs.add()
