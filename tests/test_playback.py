"""A recording plays to the same handlers and folds as when it happened."""

import threading
import time

import pytest

import wayfold
from wayfold.errors import ConnectionLost, LogUnusable
from wayfold.log import Log
from wayfold.model import SessionModel


def follow(client):
    """Hear what a program would, with the state at that moment."""
    heard = []
    for pattern in ("output.*", "window.*", "mark", "wl_callback.done"):
        client.on(pattern, lambda record: heard.append((record, client.state)))
    return heard


@pytest.fixture
def recorded(weston, tmp_path):
    """A session with a window that draws five frames, and a mark; its file and what was heard."""
    path = str(tmp_path / "session.wayfold")
    with wayfold.connect(weston.client_socket, log=path) as client:
        heard = follow(client)
        window = client.window("w", 20, 20, draw=lambda canvas: True)
        client.run(until=lambda _: window.frames >= 5, timeout=20)
        client.mark("drawn")
        client.roundtrip()
    return path, heard


def test_handlers_hear_what_they_heard_when_it_happened(recorded):
    path, live = recorded
    with wayfold.replay(path) as client:
        heard = follow(client)
        client.run()

    first, last = live[0][0].position, live[-1][0].position
    again = [record for record, _ in heard if first <= record.position <= last]
    assert again == [record for record, _ in live]
    assert any(record.name == "mark" and record.data["text"] == "drawn" for record, _ in heard)


def test_the_state_at_a_handler_is_the_state_at_its_record(recorded):
    path, _ = recorded
    with wayfold.replay(path) as client, Log.open(path, model=SessionModel()) as log:
        heard = follow(client)
        client.run()
        for record, state in heard:
            assert state == log.state_at(record.position)

        assert len(heard) > 10
        assert list(client.log) == list(log)
        assert client.state == log.state
        assert client.log.state_at(7) == log.state_at(7)


def test_it_ends_like_a_connection(recorded):
    with wayfold.replay(recorded[0]) as client:
        assert client.is_open
        assert client.run()
        assert not client.is_open
        with pytest.raises(ConnectionLost, match=f"the recording ends at {client.log.head}"):
            client.dispatch()
        with pytest.raises(ConnectionLost):
            client.wait_until(lambda state: len(state.outputs) == 7)


def test_a_state_can_be_waited_for_and_an_exception_leaves_run(recorded):
    with wayfold.replay(recorded[0]) as client:
        state = client.wait_until(lambda state: state.windows)
        assert client.log[-1].name == "xdg_surface.configure"
        assert len(state.windows) == 1

        def fail(record):
            raise LookupError(record.data["text"])

        client.on("mark", fail)
        with pytest.raises(LookupError, match="drawn"):
            client.run()
        assert client.run()


@pytest.fixture
def clocked(tmp_path):
    """A file with a record every 50 ms of its own time, ten in all."""
    path = tmp_path / "clocked.wayfold"
    with Log.open(path) as log:
        times = iter(range(10**18, 10**19, 50_000_000))
        log._clock = lambda: next(times)
        for number in range(10):
            log.append("tick", "clock", {"number": number})
    return path


def test_at_a_slow_pace_nothing_comes_before_it_is_due(clocked):
    with wayfold.replay(clocked, pace=1e-3) as client:
        assert client.dispatch() == 1
        assert 0 < client.prepare() <= 50
        assert client.process() == 0
        assert not client.run(timeout=0.03)
        assert client.log.head == 1


def test_at_a_pace_records_come_when_they_are_due(clocked):
    start = time.monotonic()
    with wayfold.replay(clocked, pace=2) as client:
        assert client.run()
        assert client.log.head == 10

    assert time.monotonic() - start >= 9 * 0.050 / 2


def test_a_pause_of_years_ends_with_stop(clocked):
    with wayfold.replay(clocked, pace=1e-9) as client:
        thread = threading.Timer(0.05, client.stop)
        thread.start()
        assert client.run()
        thread.join()

        assert client.log.head == 1


def test_what_a_handler_adds_moves_what_follows(clocked):
    with wayfold.replay(clocked) as client:
        client.on("tick", lambda record: client.log.append("heard", f"ear/{record.position}"))
        client.run()

        assert client.log.head == 20
        assert [record.position for record in client.log] == list(range(1, 21))
        assert [r.data["number"] for r in client.log.records(name="tick")] == list(range(10))


def test_a_recording_that_was_cut_plays_from_its_cut(tmp_path, scripted_server):
    path = tmp_path / "cut.wayfold"
    with (
        Log.open(path, keep=50) as log,
        wayfold.connect(scripted_server.client_socket, log=log) as client,
    ):
        for number in range(200):
            client.mark(str(number))
        live = client.state
    with wayfold.replay(path) as client:
        assert client.log.cut > 0
        assert client.state.outputs == live.outputs
        with pytest.raises(IndexError):
            client.log[-1]
        client.run(until=lambda _: any(client.log.records(name="mark")))
        assert client.log[-1].position > client.log.cut


def test_nothing_can_be_asked_of_a_compositor_that_is_not_there(clocked):
    with wayfold.replay(clocked) as client:
        assert not hasattr(client, "bind")
        assert not hasattr(client, "window")


@pytest.mark.parametrize("pace", [0, -1, float("nan")])
def test_a_pace_that_leads_nowhere_is_refused(clocked, pace):
    with pytest.raises(ValueError, match="a pace is more than 0"):
        wayfold.replay(clocked, pace=pace)


def test_a_file_that_is_no_recording_is_told(tmp_path):
    with pytest.raises(LogUnusable, match="there is no such file"):
        wayfold.replay(tmp_path / "missing")
