"""A test's pointer, keys and fingers, as a client hears of them: on weston and on sway alike."""

import pytest

from wayfold.testing import CapabilityMissing, CommandRefused, SeatWeston
from wayfold.testing.keymap import Keymap, Stroke

LEFT, KEY_A, KEY_LEFTSHIFT = 0x110, 30, 42

on_weston = pytest.mark.wayland(tier="weston-seat")
on_both = pytest.mark.parametrize(
    "tier",
    [pytest.param(name, marks=pytest.mark.wayland(tier=name)) for name in ("weston-seat", "sway")],
)


def codes(heard):
    return [(data["key"], data["state"]) for name, data in heard if name == "key"]


@on_both
def test_the_pointer_enters_moves_and_clicks_where_it_is_told(tier, desk, seat):
    x, y = desk.shown.x + 20, desk.shown.y + 30
    seat.pointer.move(x, y)
    seat.pointer.click(x + 5, y + 7.5)
    heard = desk.heard("wl_pointer.enter", "wl_pointer.motion", "wl_pointer.button")

    places = [(d["surface_x"], d["surface_y"]) for name, d in heard if "surface_x" in d]
    assert places[-1] == (25, 37.5)
    assert (20, 30) in places
    buttons = [(d["button"], d["state"]) for name, d in heard if name == "button"]
    assert buttons == [(LEFT, 1), (LEFT, 0)]


@on_both
def test_the_wheel_scrolls_in_clicks_and_fingers_smoothly(tier, desk, seat):
    seat.pointer.move(*desk.shown.middle)
    seat.pointer.scroll(2)
    seat.pointer.pan(3.5, horizontally=True)
    heard = desk.heard("wl_pointer.axis", "wl_pointer.axis_source")

    assert [(d["axis"], d["value"]) for name, d in heard if name == "axis"] == [(0, 30), (1, 3.5)]
    assert [d["axis_source"] for name, d in heard if name == "axis_source"] == [0, 1]


@on_both
def test_text_is_typed_with_the_modifiers_it_needs(tier, desk, seat):
    assert desk.heard("wl_keyboard.enter") or seat.pointer.click(*desk.shown.middle) is None
    seat.keyboard.type("aA")
    heard = desk.heard("wl_keyboard.key", "wl_keyboard.modifiers")

    assert codes(heard) == [
        *((KEY_A, 1), (KEY_A, 0)),
        *((KEY_LEFTSHIFT, 1), (KEY_A, 1), (KEY_A, 0), (KEY_LEFTSHIFT, 0)),
    ]
    assert 1 in [d["mods_depressed"] for name, d in heard if name == "modifiers"]


@on_both
def test_what_is_pressed_twice_or_released_unpressed_is_refused(tier, desk, seat):
    seat.keyboard.press("a")
    with pytest.raises(CommandRefused, match="down already") as refused:
        seat.keyboard.press("a")
    with pytest.raises(CommandRefused, match="up already"):
        seat.pointer.release()

    assert refused.value.kind == "state"


@pytest.mark.wayland(needs=["touch"])
def test_fingers_touch_move_and_lift(desk, seat):
    x, y = desk.shown.x, desk.shown.y
    seat.touch.down(1, x + 1, y + 2)
    seat.touch.down(2, x + 3, y + 4)
    seat.touch.move(1, x + 5, y + 6)
    seat.touch.up(2)
    seat.touch.cancel()
    heard = desk.heard("wl_touch.*")

    told = [(name, d.get("id"), d.get("x"), d.get("y")) for name, d in heard]
    assert told == [
        *(("down", 1, 1, 2), ("frame", None, None, None)),
        *(("down", 2, 3, 4), ("frame", None, None, None)),
        *(("motion", 1, 5, 6), ("frame", None, None, None)),
        *(("up", 2, None, None), ("frame", None, None, None)),
        ("cancel", None, None, None),
    ]


@pytest.mark.wayland(needs=["touch"])
def test_a_finger_that_is_not_down_cannot_move(seat):
    with pytest.raises(CommandRefused, match="finger 3 is not down"):
        seat.touch.move(3, 1, 1)
    with pytest.raises(CommandRefused, match="32 is not from 0 to 31"):
        seat.touch.down(32, 1, 1)


@on_weston
def test_devices_come_and_go_and_clients_are_told(desk, seat):
    assert seat.devices == {"pointer", "keyboard"}
    for device in ("keyboard", "pointer"):
        seat.remove(device)
    seat.add("touch")
    seat.add("keyboard")

    capabilities = [d["capabilities"] for _, d in desk.heard("wl_seat.capabilities")]
    assert capabilities[-4:] == [1, 0, 4, 6]


@on_weston
def test_the_seat_vanishes_and_comes_back(desk, seat):
    seat.vanish()
    desk.client.roundtrip()
    assert not desk.client.state.seats
    seat.add("pointer")
    desk.client.wait_until(lambda state: state.seats)
    seat.pointer.move(*desk.shown.middle)

    assert seat.devices == {"pointer"}
    assert desk.heard("wl_pointer.enter")


@on_weston
def test_a_device_that_is_not_there_is_named(seat):
    with pytest.raises(CapabilityMissing, match="no touch here: the seat's devices are: keyboard"):
        _ = seat.touch
    with pytest.raises(CommandRefused, match="the seat has a pointer already"):
        seat.add("pointer")


@pytest.mark.wayland(tier="sway")
def test_sway_says_what_its_seat_cannot(seat):
    with pytest.raises(CapabilityMissing, match="no devices here: sway makes virtual devices only"):
        seat.remove("pointer")
    with pytest.raises(CapabilityMissing, match="touch"):
        _ = seat.touch
    with pytest.raises(CommandRefused, match="no output is there"):
        seat.pointer.move(-5, 10_000)


@pytest.mark.wayland(tier="weston-seat", layout="de")
def test_the_layout_is_the_clients_too(desk, seat):
    seat.keyboard.type("ß")

    assert codes(desk.heard("wl_keyboard.key")) == [(12, 1), (12, 0)]


def test_a_seat_can_be_left_out():
    with SeatWeston(devices=()) as weston:
        assert weston.seat.devices == set()
        with pytest.raises(CapabilityMissing, match="devices are: none"):
            _ = weston.seat.pointer


def test_keys_are_found_by_name_character_and_level():
    keymap = Keymap()

    assert keymap.stroke("Return") == keymap.stroke("\n") == Stroke(28)
    assert keymap.stroke("!") == Stroke(2, held=(KEY_LEFTSHIFT,))
    assert len(Keymap("de").stroke("@").held) == 1


@pytest.mark.parametrize("name", ["é", "NoSuchKey"])
def test_a_key_that_is_not_there_is_named(name):
    with pytest.raises(ValueError, match=name):
        Keymap().stroke(name)


def test_a_layout_that_is_not_there_is_named(capfd):
    with pytest.raises(ValueError, match="no layout 'atlantis'"):
        Keymap("atlantis")

    assert capfd.readouterr().err == ""


@on_weston
def test_an_unknown_button_is_refused_with_the_known_ones(seat):
    with pytest.raises(ValueError, match="no button 'thumb'; there are left, right"):
        seat.pointer.press("thumb")
