"""Keyboards change with each event."""

import pytest

from wayfold.model import KeymapFormat, Modifiers


@pytest.fixture
def keyboard(session):
    return session.make(session.seat(), "get_keyboard", "wl_keyboard")


def shown(session):
    return next(iter(session.state.seats.values())).keyboard


def enter(session, keyboard, keys=()):
    surface = session.surface()
    session.tell(keyboard, "enter", serial=1, surface=surface, keys=keys)
    return surface


def test_keymap_and_repeat_are_told(session, keyboard):
    session.tell(keyboard, "keymap", format=1, fd=9, size=4096)
    session.tell(keyboard, "repeat_info", rate=25, delay=600)
    told = shown(session)

    assert (told.keymap_format, told.keymap_size) == (KeymapFormat.XKB_V1, 4096)
    assert (told.repeat_rate, told.repeat_delay_ms) == (25, 600)


def test_enter_gives_focus_and_the_keys_held(session, keyboard):
    session.since()
    surface = enter(session, keyboard, keys=[30, 31])

    assert (shown(session).focus, shown(session).keys) == (surface, (30, 31))
    assert session.since() == [("keyboard.focus", keyboard)]


def test_keys_held_may_come_as_the_bytes_of_the_wire(session, keyboard):
    enter(session, keyboard, keys=memoryview(b"\0" * 8).cast("I").tobytes())

    assert shown(session).keys == (0,)


def test_keys_are_kept_in_the_order_pressed(session, keyboard):
    enter(session, keyboard, keys=[30])
    session.tell(keyboard, "key", serial=2, time=1, key=31, state=1)
    session.tell(keyboard, "key", serial=3, time=2, key=32, state=1)
    session.tell(keyboard, "key", serial=4, time=3, key=31, state=0)

    assert shown(session).keys == (30, 32)


def test_a_repeated_key_presses_nothing_new(session, keyboard):
    enter(session, keyboard, keys=[])
    session.tell(keyboard, "key", serial=2, time=1, key=31, state=2)

    assert shown(session).keys == ()

    session.tell(keyboard, "key", serial=3, time=2, key=31, state=1)
    session.tell(keyboard, "key", serial=4, time=3, key=31, state=2)

    assert shown(session).keys == (31,)


def test_a_masked_keyboard_has_focus_and_layout_and_nothing_pressed(session, keyboard):
    session.since()
    surface = enter(session, keyboard, keys=None)
    masks = dict.fromkeys(("mods_depressed", "mods_latched", "mods_locked"))
    session.tell(keyboard, "modifiers", serial=2, **masks, group=1)
    session.tell(keyboard, "key", serial=3, time=1, key=None, state=1)

    assert (shown(session).focus, shown(session).keys) == (surface, ())
    assert shown(session).modifiers == Modifiers(group=1)
    assert session.since() == [("keyboard.focus", keyboard)]


def test_leave_resets_keys_modifiers_and_layout(session, keyboard):
    surface = enter(session, keyboard, keys=[42])
    masks = {"mods_depressed": 1, "mods_latched": 2, "mods_locked": 4, "group": 1}
    session.tell(keyboard, "modifiers", serial=2, **masks)

    assert shown(session).modifiers == Modifiers(1, 2, 4, 1)

    session.tell(keyboard, "leave", serial=3, surface=surface)

    assert (shown(session).focus, shown(session).keys) == (None, ())
    assert shown(session).modifiers == Modifiers()


def test_a_destroyed_surface_has_no_focus(session, keyboard):
    surface = enter(session, keyboard)
    session.since()
    session.tell(surface, "destroy")

    assert session.facts[0].data["previous"] == surface
    assert session.since() == [("keyboard.focus", keyboard)]
