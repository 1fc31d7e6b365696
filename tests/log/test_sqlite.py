"""A log in a file: what is written is there again, and nobody else writes meanwhile."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from wayfold.errors import LogConflict, LogInUse
from wayfold.log import Fact, Log, Origin

ALL_KINDS = {
    "whole": -(2**31),
    "large": 2**63 - 1,
    "fraction": -0.00390625,
    "text": 'ż "quoted" \n \u2028 \x00',
    "null": None,
    "yes": True,
    "list": [1, 2, 3],
    "bytes": b"\x00\xff$bytes",
    "no bytes": "$bytes",
    "nested": {"a": {"b": [None, 1.5]}},
}


def test_what_was_appended_is_there_when_the_file_is_opened_again(opened):
    with opened() as log:
        log.append("lamp.lit", "lamp/1", ALL_KINDS, origin=Origin.WAYFOLD)
        log.append("lamp.put_out", "lamp/1")
        written = list(log)
    log = opened()

    assert list(log) == written
    assert log[1].data == ALL_KINDS
    assert (log.head, log.cut, len(log)) == (2, 0, 2)


def test_positions_and_versions_go_on_where_they_stopped(opened, light):
    with opened() as log:
        light(log, 3)
    with opened() as log:
        log.append("lamp.put_out", "lamp/1", expected_version=3)
        with pytest.raises(
            LogConflict, match="lamp/1 was expected at version 3 and is at version 4"
        ):
            log.append("lamp.put_out", "lamp/1", expected_version=3)

        assert [(r.position, r.version) for r in log] == [(1, 1), (2, 2), (3, 3), (4, 4)]


def test_the_state_is_the_fold_of_the_file_at_every_position(opened, light):
    with opened() as log:
        light(log, 100)
        light(log, 50, "lamp/2")
        live = [log.state_at(position) for position in range(151)]
    log = opened()

    assert [log.state_at(position) for position in range(151)] == live
    assert live[0] == {}
    assert live[100] == {"lamp/1": 100}
    assert log.state == live[150] == {"lamp/1": 100, "lamp/2": 50}


def test_derived_records_are_in_the_same_transaction(opened):
    with opened() as log:
        log.append_facts((Fact("lamp.lit", "lamp/1", {"level": 1}), Fact("lamp.group", "lamps")))
    log = opened()

    assert [(r.position, r.name) for r in log][2:] == [(3, "lamps.counted")]
    assert log[3].data == {"lit": 1, "cause": 2}


def test_a_file_is_its_owners_alone(opened, path):
    with opened() as log:
        log.append("lamp.lit", "lamp/1")
        files = list(Path(path).parent.glob("session.wayfold*"))
        modes = {stat.S_IMODE(file.stat().st_mode) for file in files}

    assert len(files) >= 3  # the log, its WAL and its lock
    assert modes == {0o600}


def test_a_second_writer_is_refused_with_the_first_ones_process(opened, path):
    log = opened()
    with pytest.raises(LogInUse, match=f"process {os.getpid()} writes to it") as caught:
        Log.open(path)
    assert (caught.value.pid, caught.value.path) == (os.getpid(), path)

    log.close()
    opened().append("lamp.lit", "lamp/1")


def test_a_writer_in_another_process_is_named_and_gone_when_killed(opened, path):
    program = (
        f"import sys, wayfold; log = wayfold.Log.open({path!r});"
        "print(log.head, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"0\n"
        with pytest.raises(LogInUse) as caught:
            opened()
        other.send_signal(signal.SIGKILL)

    assert caught.value.pid == other.pid
    assert opened().head == 0


def test_readers_see_what_is_committed_while_it_is_written(opened, path, light):
    log = opened()
    light(log, 3)
    reader = opened(read_only=True)
    light(log, 2)

    assert (reader.head, log.head) == (3, 5)
    assert reader.refresh() == 5
    assert [record.data["level"] for record in reader] == [1, 2, 3, 1, 2]
    assert reader.state == log.state
    with pytest.raises(ValueError, match="opened for reading only"):
        reader.append("lamp.lit", "lamp/1")


def test_durable_follows_head_when_it_is_asked_for(opened, light):
    log = opened()
    light(log, 3)
    before = log.durable
    reached = log.sync(2)
    light(log, 1)

    assert before == 0
    assert reached == log.durable == 3
    assert log.head == 4
    assert log.sync() == 4


def test_plain_sql_reads_a_log(opened, path, light):
    with opened() as log:
        light(log, 2)
    with closing(sqlite3.connect(path)) as plain, plain:
        rows = plain.execute(
            "select name, json_extract(data, '$.level') from record where name = 'lamp.lit'"
        ).fetchall()
        views = plain.execute("select name from fact").fetchall()
    plain.close()

    assert rows == [("lamp.lit", 1), ("lamp.lit", 2)]
    assert views == [("lamp.lit",)] * 2


def test_what_is_asked_for_by_name_subject_origin_and_time_is_given(opened, light):
    log = opened()
    light(log, 3)
    light(log, 3, "lamp/2")
    log.append("lamp.put_out", "lamp/2", origin=Origin.WAYFOLD)
    third = log[3].time_ns

    assert [r.position for r in log.records(name="*.put*")] == [7]
    assert [r.position for r in log.records(subject="lamp/2", name="lamp.lit")] == [4, 5, 6]
    assert [r.position for r in log.records(origin="wayfold")] == [7]
    assert [r.position for r in log.records(after=2, until=4)] == [3, 4]
    assert next(iter(log.records(since=third))).position == 3


def test_values_that_are_not_plain_are_refused_and_nothing_is_written(opened):
    log = opened()
    with pytest.raises(TypeError, match="is of type object, and a record holds None, bool"):
        log.append("lamp.lit", "lamp/1", {"level": object()})

    assert (log.head, log.version("lamp/1")) == (0, 0)
    log.append("lamp.lit", "lamp/1", {"level": 1})
    assert [(r.position, r.version) for r in log] == [(1, 1)]


def test_facts_that_are_made_by_appending_others_come_behind_those(opened):
    log = opened()
    count = 0

    def make():
        nonlocal count
        for _ in range(3):
            count += log.append("lamp.lit", "lamp/1", {"level": 1}).version
            yield Fact("lamp.counted", "lamps", {"lit": count})

    records = log.append_facts(make(), expected_versions={"lamp/1": 3})

    assert [record.position for record in records] == [4, 5, 6]
    assert log.verify() == 6


def test_a_closed_log_says_so(opened):
    log = opened()
    log.append("lamp.lit", "lamp/1")
    log.close()
    log.close()

    for use in (lambda: log[1], lambda: log.append("lamp.lit", "lamp/1"), log.sync, log.refresh):
        with pytest.raises(ValueError, match="is closed; open it again"):
            use()
