"""What was true when, what changed it, and since when."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

import wayfold
from wayfold.log import Log
from wayfold.log.compare import Change
from wayfold.model import SessionModel


@pytest.fixture(params=["memory", "file"])
def log(request, opened, lamps):
    return opened() if request.param == "file" else Log.memory(model=lamps)


def test_a_difference_is_told_by_path(log, light):
    light(log, 5)
    log.append("lamp.lit", "lamp/2", {"level": 9})
    log.append("lamp.put_out", "lamp/1")

    assert log.diff(3, 7) == [Change("lamp/1", 3, None), Change("lamp/2", None, 9)]
    assert log.diff(7, 3) == [Change("lamp/2", 9, None), Change("lamp/1", None, 3)]
    assert log.diff(5, 5) == []


def test_why_gives_the_records_that_changed_a_value_newest_first(log, light):
    light(log, 3)
    light(log, 600, "lamp/2")
    log.append("lamp.lit", "lamp/1", {"level": 3})  # which changes nothing
    log.append("lamp.lit", "lamp/1", {"level": 8})

    assert [record.position for record in log.why("lamp/1")] == [605, 3, 2, 1]
    assert [record.position for record in log.why("lamp/1", until=604)] == [3, 2, 1]
    with pytest.raises(LookupError, match="has a value at 'lamp/3'"):
        log.why("lamp/3")


def test_why_finds_a_change_that_was_taken_back_at_once(log, light):
    log.append("lamp.lit", "lamp/1", {"level": 1})
    light(log, 300, "lamp/2")
    log.append("lamp.lit", "lamp/1", {"level": 2})
    log.append("lamp.lit", "lamp/1", {"level": 1})
    light(log, 300, "lamp/2")
    heard = []

    assert [record.position for record in log.why("lamp/1", told=heard.append)] == [303, 302, 1]
    assert heard == [347, 91, 0]


def test_a_long_way_is_told_while_it_is_gone(log, light):
    light(log, 9000)
    assert log.state == {"lamp/1": 9000}
    light(log, 1)

    assert list(log.folded(8800)) == [4096, 8192]
    assert list(log.folded(8800)) == []
    assert log.state_at(8800) == {"lamp/1": 8800}
    assert log.state_at(1) == {"lamp/1": 1}


def test_why_tells_of_what_is_no_more(log):
    log.append("lamp.lit", "lamp/1", {"level": 1})
    log.append("lamp.put_out", "lamp/1")

    assert [record.name for record in log.why("lamp/1")] == ["lamp.put_out", "lamp.lit"]


def test_follow_gives_what_is_about_a_subject_or_names_it(log):
    log.append("lamp.lit", "lamp/1")
    log.append("room.lit", "room/1", {"by": "lamp/1"})
    log.append("lamp.lit", "lamp/2")

    assert [record.position for record in log.follow("lamp/1")] == [1, 2]


def test_first_finds_where_something_became_true(log, light):
    light(log, 1000)

    assert log.first(lambda state: state.get("lamp/1", 0) >= 617) == 617
    assert log.first(lambda state: "lamp/2" in state) is None
    assert log.first(lambda state: True) == 0


def test_a_moment_is_the_last_position_not_later(log, light):
    light(log, 50)
    times = [record.time_ns for record in log]
    between = datetime.fromtimestamp(times[19] / 1e9, UTC) + timedelta(microseconds=1)

    position = log.position_at(int(between.timestamp() * 1e9))
    assert times[position - 1] <= int(between.timestamp() * 1e9)
    assert log.position_at(times[0] - 1) == 0
    assert log.position_at(times[-1]) == 50
    assert log.state_at(datetime.now(UTC)) == log.state


def test_the_past_of_a_session_is_asked_for_by_the_words_of_its_state(weston, path):
    with wayfold.connect(weston.client_socket, log=path) as client:
        subject = next(iter(client.state.outputs))
        client.roundtrip()
        head = client.log.head

    with Log.open(path, read_only=True, model=SessionModel()) as log:
        (known, *_) = log.why(f"outputs.{subject}.mode.width", until=head)
        closed, opened = log.why("connection.status")
        mode = log.carrier(f"outputs.{subject}.mode.width", known.position)
        assert log.carrier("connection.status", closed.position) == closed
        assert log.carrier(f"outputs.{subject}", known.position) == known

    assert (known.name, known.subject) == ("wl_output.done", subject)
    assert (mode.name, mode.data["width"]) == ("wl_output.mode", 1024)
    assert (closed.name, opened.name) == ("connection.closed", "connection.opened")


def has_scale(state, subject, scale):
    return state.outputs[subject].scale == scale


@pytest.mark.wayland(needs=["outputs"])
def test_a_value_is_told_by_the_event_that_brought_it(compositor, outputs, path):
    with wayfold.connect(compositor.display, log=path) as client:
        (subject,) = client.state.outputs
        for scale in (2, 1):
            outputs.change(outputs.names[0], scale=scale)
            scaled = partial(has_scale, subject=subject, scale=scale)
            client.wait_until(scaled, timeout=10)
        name = f"outputs.{subject}.scale"
        one, two, _ = client.log.why(name)
        brought = [client.log.carrier(name, record.position) for record in (one, two)]

    assert [(r.name, r.data["factor"]) for r in brought] == [
        ("wl_output.scale", 1),
        ("wl_output.scale", 2),
    ]
    assert (one.name, two.name) == ("wl_output.done", "wl_output.done")
    assert brought[0].position < one.position


def test_what_counts_at_once_is_brought_by_the_same_record(log, light):
    light(log, 3)

    assert [log.carrier("lamp/1", position).position for position in (1, 2, 3)] == [1, 2, 3]


def test_a_clock_that_was_set_back_leaves_every_moment_a_position(tmp_path):
    times = iter([5, 6, 7, 1, 2, 3, 4, 8, 9, 2])
    log = Log.open(tmp_path / "x", clock=lambda: next(times))
    told = [log.append("lamp.lit", "lamp/1").time_ns for _ in range(10)]

    for moment in range(12):
        position = log.position_at(moment)
        assert position == 0 or told[position - 1] <= moment
        assert position == log.head or told[position] > moment
    log.close()
