"""Keyboards: wl_keyboard."""

from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import devices
from wayfold.model.draft import Draft
from wayfold.model.enums import KeymapFormat
from wayfold.model.fields import (
    Data,
    is_masked,
    known,
    signed,
    subject_or_none,
    unsigned,
    words,
)
from wayfold.model.reducers import Reducers, on_object
from wayfold.model.state import Keyboard, Modifiers

__all__ = ["at_rest", "reducers"]

_RELEASED, _PRESSED = 0, 1


def at_rest(keyboard: Keyboard) -> Keyboard:
    """Give the keyboard without focus and with nothing pressed or locked, in its first layout."""
    return replace(keyboard, focus=None, keys=(), modifiers=Modifiers())


def _keymap(keyboard: Keyboard, data: Data) -> Keyboard:
    form = known(KeymapFormat, unsigned(data, "format"))
    return replace(keyboard, keymap_format=form, keymap_size=unsigned(data, "size"))


def _enter(keyboard: Keyboard, data: Data) -> Keyboard:
    keys = () if is_masked(data, "keys") else tuple(dict.fromkeys(words(data, "keys")))
    return replace(keyboard, focus=subject_or_none(data, "surface"), keys=keys)


def _leave(keyboard: Keyboard, _: Data) -> Keyboard:
    """`This event resets all values to their defaults` (wl_keyboard.leave)."""
    return at_rest(keyboard)


def _key(keyboard: Keyboard, data: Data) -> Keyboard:
    """Note a key; `repeated` (version 10) and states yet unknown press nothing new."""
    key, state = unsigned(data, "key"), unsigned(data, "state")
    if state not in (_RELEASED, _PRESSED):
        return keyboard
    others = tuple(pressed for pressed in keyboard.keys if pressed != key)
    return replace(keyboard, keys=(*others, key) if state == _PRESSED else others)


def _modifiers(keyboard: Keyboard, data: Data) -> Keyboard:
    modifiers = Modifiers(
        _mask(data, "mods_depressed"),
        _mask(data, "mods_latched"),
        _mask(data, "mods_locked"),
        unsigned(data, "group"),
    )
    return replace(keyboard, modifiers=modifiers)


def _mask(data: Data, key: str) -> int:
    return 0 if is_masked(data, key) else unsigned(data, key)


def _repeat_info(keyboard: Keyboard, data: Data) -> Keyboard:
    rate, delay = signed(data, "rate"), signed(data, "delay")
    return replace(keyboard, repeat_rate=rate, repeat_delay_ms=delay)


def _release(draft: Draft, run: Run) -> None:
    keyboard = draft.find(Keyboard, run.subject)
    if keyboard is not None:
        devices.release(draft, keyboard)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_keyboard.keymap": on_object(Keyboard, _keymap, devices.show),
        "wl_keyboard.enter": on_object(Keyboard, _enter, devices.show),
        "wl_keyboard.leave": on_object(Keyboard, _leave, devices.show),
        "wl_keyboard.key": on_object(Keyboard, _key, devices.show),
        "wl_keyboard.modifiers": on_object(Keyboard, _modifiers, devices.show),
        "wl_keyboard.repeat_info": on_object(Keyboard, _repeat_info, devices.show),
        "wl_keyboard.release": _release,
    }
