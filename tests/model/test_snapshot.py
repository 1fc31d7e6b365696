"""A state that was dumped and loaded is the same state, and folds on to the same."""

import msgspec
import pytest

import wayfold
from wayfold.model import SessionModel, snapshot


def test_every_state_of_a_session_comes_back_as_it_was(weston):
    with wayfold.connect(weston.client_socket) as client:
        window = client.window("w", 20, 20, draw=lambda canvas: True)
        client.run(until=lambda _: window.frames >= 3, timeout=20)
        log = client.log
        states = [log.state_at(position) for position in range(log.head + 1)]

    for state in states:
        again = snapshot.load(snapshot.dump(state))
        assert again == state
        assert repr(again) == repr(state)


def test_input_and_pending_groups_come_back(session):
    session.output(scale=2)
    seat = session.seat()
    keyboard = session.make(seat, "get_keyboard", "wl_keyboard")
    surface, _, _ = session.window()
    session.tell(keyboard, "enter", serial=1, surface=surface, keys=[30, 31])
    session.tell(session.bind("wl_output", 4), "scale", factor=3)
    again = snapshot.load(snapshot.dump(session.state))

    assert again == session.state
    assert again.pending.keys() == session.state.pending.keys()
    later = session.tell(keyboard, "key", serial=2, time=0, key=30, state=0)
    session.state = again
    assert session.tell(keyboard, "key", serial=2, time=0, key=30, state=0) == later


def test_the_model_hands_it_to_the_log():
    model = SessionModel()

    assert model.load(model.dump(model.initial)) == model.initial
    assert len(model.fingerprint) == 64


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x01", snapshot.dump(wayfold.State())[:-3]])
def test_other_bytes_are_refused(data):
    with pytest.raises(ValueError, match="these bytes are"):
        snapshot.load(data)


def test_no_class_but_the_models_own_is_ever_made():
    evil = msgspec.msgpack.encode(["struct", "Popen", {"args": ["tuple", ["true"]]}])
    with pytest.raises(ValueError, match="these bytes are no state"):
        snapshot.load(evil)


def test_a_state_of_another_version_is_read_as_far_as_it_is_understood():
    window = ["struct", "Window", {"subject": "xdg_toplevel#9", "xdg_surface": "xdg_surface#8"}]
    window[2]["shadow"] = 12
    told = ["struct", "State", {"windows": ["table", [["xdg_toplevel#9", window]]], "moons": 2}]
    state = snapshot.load(msgspec.msgpack.encode(told))

    assert state.windows["xdg_toplevel#9"].xdg_surface == "xdg_surface#8"
    assert state.windows["xdg_toplevel#9"].title is None
    assert state.outputs == {}


def test_a_state_without_what_every_version_needs_is_refused():
    told = ["struct", "State", {"windows": ["table", [["a", ["struct", "Window", {}]]]]}]
    with pytest.raises(ValueError, match="these bytes are no state"):
        snapshot.load(msgspec.msgpack.encode(told))
