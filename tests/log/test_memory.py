"""A log in memory: positions, queries, bounds, and the fold of what was dropped."""

from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import wayfold
from wayfold.errors import LogConflict, PositionCut
from wayfold.log import Fact, Log, Origin
from wayfold.testing import ScriptedServer

PER_RECORD_BYTES = 60


@pytest.fixture
def log(lamps):
    return Log.memory(model=lamps)


def test_positions_count_from_one_and_versions_within_a_subject(log):
    for subject in ("lamp/1", "lamp/2", "lamp/1"):
        log.append("lamp.lit", subject)

    assert [(r.position, r.subject, r.version) for r in log] == [
        (1, "lamp/1", 1),
        (2, "lamp/2", 1),
        (3, "lamp/1", 2),
    ]
    assert (log.head, log.durable, log.cut, len(log)) == (3, 0, 0, 3)
    assert (log.version("lamp/1"), log.version("none")) == (2, 0)


def test_a_fact_keeps_the_time_at_which_it_was_noticed(log):
    now, early = log.append_facts((Fact("lamp.lit", "a"), Fact("lamp.lit", "b", time_ns=5)))

    assert early.time_ns == 5
    assert now.time_ns > 5


def test_an_unexpected_version_writes_nothing_of_the_transaction(log):
    log.append("lamp.lit", "lamp/1", expected_version=0)
    facts = (Fact("lamp.put_out", "lamp/1"), Fact("lamp.lit", "lamp/2"))
    with pytest.raises(LogConflict) as caught:
        log.append_facts(facts, expected_versions={"lamp/1": 1, "lamp/2": 4})

    assert (caught.value.subject, caught.value.expected, caught.value.actual) == ("lamp/2", 4, 0)
    assert log.head == 1
    assert len(log.append_facts(facts, expected_versions={"lamp/1": 1})) == 2


def test_indexing_is_by_position_and_from_the_end(log, light):
    light(log, 10)

    assert log[1].position == 1
    assert log[-1].position == 10
    assert [r.position for r in log[3:6]] == [3, 4, 5]
    assert [r.position for r in log[-3:]] == [8, 9, 10]
    assert [r.position for r in log[:3]] == [1, 2]
    assert log[20:30] == log[5:2] == []
    for position in (0, 11, -11):
        with pytest.raises(IndexError, match="there are 1 to 10"):
            log[position]
    with pytest.raises(ValueError, match="has no step"):
        log[::2]


def test_what_is_no_position_is_told(log):
    with pytest.raises(TypeError, match=r"as `name=`; 'wl_output\.\*' is no position"):
        log.records("wl_output.*")
    with pytest.raises(TypeError, match=r"log\[7\] is the record.*'x' is no position"):
        log["x"]


def test_an_empty_log_has_nothing(log):
    assert (list(log), log[1:], log.state, len(log)) == ([], [], {}, 0)
    with pytest.raises(IndexError):
        log[-1]


def test_queries_combine_their_conditions(log):
    log.append("lamp.lit", "lamp/1")
    log.append("lamp.put_out", "lamp/1", origin=Origin.WAYFOLD)
    log.append("door.opened", "door/1")

    def positions(**conditions):
        return [record.position for record in log.records(**conditions)]

    assert positions(name="lamp.*") == [1, 2]
    assert positions(name=("lamp.lit", "door.*")) == [1, 3]
    assert positions(name="lamp.*", origin="app") == [1]
    assert positions(subject="door/1") == [3]
    assert positions(after=1, until=2) == [2]
    assert positions(since=log[2].time_ns) in ([2, 3], [1, 2, 3])
    with pytest.raises(ValueError, match="must not be empty"):
        positions(name="")
    with pytest.raises(ValueError, match="not a valid Origin"):
        positions(origin="somebody")


def test_what_is_appended_while_reading_is_not_given(log, light):
    light(log, 3)

    assert [log.append("lamp.lit", "lamp/9").position for _ in log.records()] == [4, 5, 6]


def test_listeners_hear_of_appends_and_veto_nothing(log):
    heard = []

    def listener(first, batch, derived):
        heard.append((first, len(batch), [record.name for record in derived]))

    log.listen(listener)
    log.append_facts((Fact("lamp.lit", "lamp/1"), Fact("lamp.group", "lamps")))
    log.unlisten(listener)
    log.append("lamp.lit", "lamp/2")

    assert heard == [(1, 2, ["lamps.counted"])]


def test_a_class_instead_of_a_model_is_told(lamps_class, path):
    for make in (Log.memory, partial(Log.open, path)):
        with pytest.raises(TypeError, match=r"not the class Lamps: give Lamps\(\)"):
            make(model=lamps_class)

    assert not Path(path).exists()


def test_a_bounded_log_keeps_the_newest_and_the_state_at_the_cut(lamps, light):
    log = Log.memory(keep=100, model=lamps)
    light(log, 1000)
    log.append("lamp.lit", "lamp/2", {"level": 7})

    assert 100 <= len(log) <= 201
    assert log.state == {"lamp/1": 1000, "lamp/2": 7}
    assert log.state_at(log.cut) == {"lamp/1": log.cut}
    assert [r.position for r in log] == list(range(log.cut + 1, 1002))
    for use in (lambda: log[1], lambda: log.records(after=3), lambda: log.state_at(log.cut - 1)):
        with pytest.raises(PositionCut, match="was cut: this log keeps"):
            use()


@pytest.mark.parametrize("keep", [0, -1])
def test_a_log_of_no_records_is_refused(keep):
    with pytest.raises(ValueError, match="keep must be at least 1"):
        Log.memory(keep=keep)


FACTS = st.lists(
    st.tuples(
        st.sampled_from(["lamp.lit", "lamp.put_out", "lamp.group", "other.thing"]),
        st.sampled_from(["lamp/1", "lamp/2", "lamp/3"]),
        st.integers(0, 3),
    ),
    max_size=120,
)


@given(facts=FACTS, keep=st.integers(1, 40), look=st.sets(st.integers(0, 120)))
def test_the_state_is_the_same_whenever_it_is_looked_at(lamps_class, facts, keep, look):
    eager, lazy = Log.memory(model=lamps_class()), Log.memory(keep=keep, model=lamps_class())
    states = [{}]
    for place, (name, subject, level) in enumerate(facts):
        for log in (eager, lazy):
            log.append(name, subject, {"level": level})
        states += [eager.state] * (eager.head - len(states) + 1)
        if place in look:
            assert lazy.state == eager.state

    assert lazy.state == eager.state
    assert lazy.head == eager.head
    for position in range(lazy.cut, lazy.head + 1):
        assert lazy.state_at(position) == eager.state_at(position)


def test_events_are_kept_as_they_were_packed_and_decoded_when_read():
    count = 20_000
    with ScriptedServer() as server, wayfold.connect(server.client_socket) as client:
        before = client.log._store.size
        head = client.log.head
        with server.corked():
            for number in range(count):
                server.event("wl_output", "mode", 1, number, 1080, 60_000)
        client.wait_until(lambda _: client.log.head >= head + count)
        kept = client.log._store.size - before
        told = [r.data["width"] for r in client.log.records(after=head, name="wl_output.mode")]
        again = (client.log._store.size - before) / count

    assert told == list(range(count))
    assert kept / count <= PER_RECORD_BYTES
    assert again <= PER_RECORD_BYTES
