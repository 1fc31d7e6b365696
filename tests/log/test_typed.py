"""What is typed under sway is nowhere in a masked recording: its files are searched as bytes."""

import array
import re
import struct
from pathlib import Path

import pytest

import wayfold
from wayfold.log import Log

# No number that anything else in a recording could hold by chance.
KEYS = (3141592653, 2718281828, 1618033988, 2236067977)
TIMES = 3  # each of them is typed


@pytest.fixture
def typist(sway, plug_keyboard):
    """Types all the keys, as a client with a virtual keyboard."""
    with wayfold.connect(sway.display) as client:
        keyboard = plug_keyboard(client)
        client.roundtrip()

        def type_all():
            for number, key in enumerate(KEYS * TIMES):
                for state in (1, 0):
                    keyboard.key(number, key, state)
                keyboard.modifiers(1, 0, 0, 0)
                keyboard.modifiers(0, 0, 2, 0)
            client.roundtrip()

        yield type_all


def record_typing(sway, typist, path, include_input):
    """Record a window that is typed into; give the bytes of all files while it is still open."""
    with (
        Log.open(path, include_input=include_input) as log,
        wayfold.connect(sway.display, log=log) as client,
    ):
        window = client.window("typed into", 64, 48)
        client.wait_until(lambda state: any(map(focused, state.seats.values())))
        typist()
        client.wait_until(lambda _: pressed(log) >= 2 * TIMES * len(KEYS))
        assert not window.is_close_requested
        found = read_all(path)
    return found + read_all(path)


def focused(seat):
    return seat.keyboard is not None and seat.keyboard.focus is not None


def pressed(log):
    return sum(1 for _ in log.records(name="wl_keyboard.key"))


def read_all(path):
    return b"".join(file.read_bytes() for file in Path(path).parent.glob("session.wayfold*"))


def spellings(key):
    """Give a key code as text and as the bytes of either order, alone and as an xkb keycode."""
    for number in (key, (key + 8) % 2**32):
        yield str(number).encode()
        yield f"{number:x}".encode()
        yield struct.pack("<I", number)
        yield struct.pack(">I", number)
        yield array.array("I", [number]).tobytes()


def test_a_masked_recording_holds_no_key_code_anywhere(sway, typist, path):
    held = record_typing(sway, typist, path, include_input=False)

    assert held.count(b"wl_keyboard.key") >= 2 * TIMES * len(KEYS)
    for key in KEYS:
        for spelling in spellings(key):
            assert spelling not in held
    assert not re.search(rb'"(key|mods_\w+)":\d', held)
    with Log.open(path, read_only=True) as log:
        for record in log.records(name=["wl_keyboard.key", "wl_keyboard.modifiers"]):
            assert record.masked
            assert all(record.data[field] is None for field in record.masked)


def test_a_recording_that_includes_input_holds_them_all(sway, typist, path):
    held = record_typing(sway, typist, path, include_input=True)

    assert all(f'"key":{key},'.encode() in held for key in KEYS)
    assert re.search(rb'"mods_locked":2', held)
