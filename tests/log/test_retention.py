"""A bounded log in a file: what is cut is told by a record, and the state goes on from it."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from wayfold.errors import PositionCut
from wayfold.log import Fact, Keep, Log


@pytest.fixture
def model(kept_lamps):
    return kept_lamps


@pytest.fixture
def cut_log(opened, model, light):
    """A log of 1000 records of which about 100 are kept, closed."""
    with opened(keep=100, model=model) as log:
        log.append("lamp.lit", "lamp/2", {"level": 7})
        light(log, 1000)
        return log.cut, log.head


def test_the_oldest_go_and_a_record_says_so(opened, model, cut_log):
    cut, head = cut_log
    log = opened(model=model)
    *_, told = log.records(name="log.cut")

    assert (log.cut, log.head) == (cut, head)
    assert 100 <= len(log) <= 100 + 100 // 16 + 2
    assert [record.position for record in log] == list(range(cut + 1, head + 1))
    assert told.origin == "wayfold"
    assert told.data["until"] == cut
    assert json.loads(told.data["state"]) == log.state_at(cut)


def test_the_state_is_what_it_would_be_with_every_record(opened, model, cut_log):
    cut, head = cut_log
    log = opened(model=model)

    assert log.state == {"lamp/2": 7, "lamp/1": 1000}
    for position in range(cut, head + 1):
        lit = list(log.records(until=position, name="lamp.lit"))
        expected = lit[-1].data["level"] if lit else log.state_at(cut)["lamp/1"]
        assert log.state_at(position) == {"lamp/2": 7, "lamp/1": expected}


def test_a_cut_log_is_whole(opened, model, cut_log):
    log = opened(model=model)

    assert log.verify() == len(log)
    with pytest.raises(PositionCut, match=f"this log keeps positions from {log.cut + 1}"):
        log[1]
    assert log.append("lamp.put_out", "lamp/2").version == 2
    assert log.verify() == len(log)


def test_a_cut_that_was_changed_is_found(opened, path, model, cut_log):
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute("update record set data = '{}' where name = 'log.cut'")
    plain.close()
    with pytest.raises(ValueError, match="was cut"):
        opened(model=model)


def test_a_model_that_cannot_keep_its_states_is_told_before_anything_is_lost(opened, light):
    log = opened(keep=100)
    with pytest.raises(TypeError, match="needs dump and load: this log is to be cut"):
        light(log, 1000)

    assert (log.cut, log[1].data) == (0, {"level": 1})


def test_another_models_log_that_was_cut_is_not_folded_from_the_middle(opened, path, light):
    with Log.open(path, keep=100) as log:
        light(log, 300)
        assert log.cut
    with pytest.raises(PositionCut):
        opened(path)


def test_by_age_what_is_older_goes(opened, model):
    log = opened(keep=Keep(age=timedelta(seconds=10)), model=model)
    now = 10**18
    log._clock = lambda: now
    for second in range(100):
        now = 10**18 + second * 10**9
        log.append("lamp.lit", "lamp/1", {"level": second})
    ages = [(now - record.time_ns) / 1e9 for record in log]

    assert 10 <= max(ages) <= 11
    assert log.state == {"lamp/1": 99}


def test_by_size_the_file_stays_within_its_bound(opened, model, path):
    bound = 400_000
    with opened(keep=Keep(size=bound), model=model) as log:
        for k in range(40):
            facts = [Fact("lamp.lit", "lamp/1", {"level": k, "why": "x" * 100})] * 250
            log.append_facts(facts)
    with closing(sqlite3.connect(path)) as plain, plain:
        pages, free, size = (
            plain.execute(f"pragma {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    plain.close()

    assert (pages - free) * size <= bound * 1.6
    assert pages * size <= bound * 2
    assert opened(model=model).state == {"lamp/1": 39}


@pytest.mark.parametrize("in_file", [True, False])
def test_what_somebody_holds_is_not_cut(opened, model, light, in_file):
    log = opened(keep=100, model=model) if in_file else Log.memory(keep=100, model=model)
    log.hold("view lamps", 50)
    light(log, 1000)

    assert log.holds == {"view lamps": 50}
    assert log.cut <= 50
    assert log[51].data == {"level": 51}
    log.hold("view lamps", 600)
    light(log, 100)
    assert log.cut == 600 if in_file else 500 < log.cut <= 600
    log.release("view lamps")
    log.release("view lamps")
    light(log, 100)
    assert len(log) <= 210


def test_a_file_remembers_who_holds_what(opened):
    with opened() as log:
        log.hold("view lamps", 3)

    assert opened(read_only=True).holds == {"view lamps": 3}


def test_a_reader_is_told_that_what_it_reads_was_cut(opened, model, light):
    writer = opened(keep=100, model=model)
    light(writer, 90)
    reader = opened(read_only=True, model=model)
    records = reader.records()
    assert next(records).position == 1
    light(writer, 5000)
    with pytest.raises(PositionCut):
        list(reader.records())

    assert reader.refresh() == writer.head
    assert reader.state == writer.state == {"lamp/1": 5000}
    assert [r.position for r in reader] == [r.position for r in writer]


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("500000", Keep(records=500_000)),
        ("30m", Keep(age=timedelta(minutes=30))),
        ("7d, 2G", Keep(age=timedelta(days=7), size=2 << 30)),
        ("1K", Keep(size=1024)),
    ],
)
def test_a_bound_is_read_as_a_person_types_it(text, keep):
    assert Keep.parse(text) == keep


@pytest.mark.parametrize("text", ["", "0", "7 days", "2T", "-1", "7d,", "٣"])
def test_what_is_no_bound_is_told_with_what_is_one(text):
    with pytest.raises(ValueError, match=r"no bound of a log|at least 1"):
        Keep.parse(text)


@pytest.mark.parametrize(
    ("bounds", "told"),
    [
        ({"records": 0}, "records must be at least 1, not 0"),
        ({"size": -1}, "size must be at least 1"),
        ({"age": timedelta(0)}, "age must be positive"),
        ({}, "bounds nothing: give records, age or size"),
    ],
)
def test_bounds_that_keep_nothing_are_refused(bounds, told):
    with pytest.raises(ValueError, match=told):
        Keep(**bounds)


@pytest.mark.parametrize("bounds", [{"size": "1G"}, {"records": "5"}, {"age": 7}])
def test_a_bound_of_another_kind_is_told_with_what_reads_text(bounds):
    with pytest.raises(TypeError, match=r"must be a .*, not .*Keep\.parse"):
        Keep(**bounds)


def test_text_instead_of_a_bound_is_refused_before_a_file_is_made(path):
    with pytest.raises(TypeError, match=r"a wayfold\.Keep, such as .*, not '10MB'"):
        Log.open(path, keep="10MB")

    assert not Path(path).exists()
