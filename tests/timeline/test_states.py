"""The patches of a page, replayed, give the states that the log itself gives."""

import base64
import json
import zlib
from bisect import bisect_right

import msgspec
import pytest

from wayfold.log import Log
from wayfold.model import SessionModel
from wayfold.timeline import Selection, read
from wayfold.timeline.states import plain, spellings


def replayed(states, position):
    """Give the state at a position as the page does, by the file's text alone."""
    end = bisect_right(states.positions, position)
    chunk = max(bisect_right(states.starts, max(end - 1, 0)) - 1, 0)
    packed = base64.b64decode(states.packed()[chunk])
    state, *patches = zlib.decompress(packed).decode().split("\n")
    state, names, first = json.loads(state), list(states.path_names), states.starts[chunk]
    for number, text in zip(range(first, end), patches, strict=False):
        *owners, last = names[states.paths[number]].split(".")
        value = state
        for owner in owners:
            value = value[owner]
        if text:
            value[last] = json.loads(text)
        else:
            del value[last]
    return state


def as_json(state):
    return json.loads(msgspec.json.encode(plain(state)))


def test_the_patches_of_a_real_session_give_its_state_at_every_position(demo):
    with Log.open(demo, read_only=True, model=SessionModel()) as log:
        states = read(log, Selection()).states

        for position in range(log.head + 1):
            assert replayed(states, position) == as_json(log.state_at(position)), position


def test_whole_states_are_kept_in_between_so_that_none_is_far(told):
    lines = [
        (0, "request", "wl_compositor#4", "create_surface", {"id": "wl_surface#11"}),
        *((k, "request", "wl_surface#11", "commit", {}) for k in range(1, 3001)),
        (3001, "request", "wl_surface#11", "destroy", {}),
    ]
    log = told(lines)
    states = read(log, Selection()).states

    assert list(states.starts) == [0, 1024, 2048]
    for position in (0, 1, 2, 1024, 1025, 1026, 2049, 3000, 3001, 3002):
        assert replayed(states, position) == as_json(log.state_at(position)), position


def test_a_part_of_a_log_begins_with_the_state_there(window):
    states = read(window, Selection(after=8, until=11, names=("wl_surface.*",))).states

    assert replayed(states, 8) == as_json(window.state_at(8))
    assert replayed(states, 11) == as_json(window.state_at(11))


@pytest.mark.parametrize("path", ["outputs.*.transform", "seats.*.capabilities"])
def test_numbers_of_the_state_have_names(path):
    assert len(spellings()[path]) >= 3


def test_states_of_a_window_are_named_each():
    assert spellings()["windows.*.states.*"]["4"] == "activated"
