"""Files that are no log, or no longer what was written: a typed error, and nothing destroyed."""

import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from wayfold.errors import LogDamaged, LogFull, LogTooNew, NotALog
from wayfold.log import Log


@pytest.fixture
def written(opened, path, light):
    """A log of 300 records, closed."""
    with opened() as log:
        light(log, 300)
    return path


def alter(path, statement, *arguments):
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(statement, arguments)
    plain.close()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "it is empty: nothing was ever recorded"),
        (b"#!/bin/sh\n" * 50, "it is no log of wayfold's"),
        (b"SQLite format 3\0" + bytes(200), "it is no log of wayfold's"),
    ],
)
def test_a_file_that_is_no_log_is_left_as_it_is(path, content, told):
    with open(path, "wb") as file:
        file.write(content)
    with pytest.raises(NotALog, match=told):
        Log.open(path, read_only=True)

    with open(path, "rb") as file:
        assert file.read() == content


def test_another_programs_database_is_not_written_to(path):
    alter(path, "create table mine (x)")
    with pytest.raises(NotALog):
        Log.open(path)

    with closing(sqlite3.connect(path)) as plain, plain:
        assert plain.execute("select name from sqlite_master").fetchall() == [("mine",)]
    plain.close()


def test_a_missing_file_is_not_made_by_reading(path, tmp_path):
    with pytest.raises(NotALog, match="there is no such file"):
        Log.open(path, read_only=True)
    with pytest.raises(NotALog, match="it is a directory"):
        Log.open(tmp_path)

    assert not os.path.exists(path)


def test_a_newer_layout_is_refused_with_both_numbers(written):
    alter(written, "pragma user_version = 99")
    with pytest.raises(LogTooNew, match=r"layout 99.* up to 1") as caught:
        Log.open(written)

    assert (caught.value.found, caught.value.known) == (99, 1)


@pytest.mark.parametrize(
    "change",
    [
        "update record set data = '{\"level\":8}' where position = 7",
        "update record set time_ns = time_ns + 1 where position = 7",
        "update record set subject = 'lamp/2' where position = 7",
        "update record set name = 'lamp.lot' where position = 7",
        "update record set origin = 'client' where position = 7",
        "update record set version = 8 where position = 7",
        "update record set masked = '[\"level\"]' where position = 7",
        "update record set hash = x'00' where position = 7",
        "delete from record where position = 7",
    ],
)
def test_verify_names_the_first_record_that_was_changed(written, opened, change):
    assert opened(read_only=True).verify() == 300
    alter(written, change)
    with pytest.raises(LogDamaged, match="position 7 ") as caught:
        opened(read_only=True).verify()

    assert caught.value.position == 7


def test_a_tail_that_was_taken_away_is_told_when_the_log_is_opened(written):
    alter(written, "delete from record where position > 250")
    with pytest.raises(LogDamaged, match="should end at position 300, and ends at 250") as caught:
        Log.open(written)

    assert caught.value.position == 251


def test_a_gap_is_told_by_whoever_reads_across_it(written, opened):
    alter(written, "delete from record where position = 100")
    log = opened(read_only=True)
    with pytest.raises(LogDamaged, match="position 100 is missing"):
        list(log)

    assert log[99].data == {"level": 99}


def test_data_that_is_no_object_is_told_with_its_position(written, opened):
    alter(written, "update record set data = '[1' where position = 9")
    with pytest.raises(LogDamaged, match="position 9 holds no record") as caught:
        list(opened(read_only=True))

    assert caught.value.position == 9


@pytest.mark.parametrize("keep", [99, 4096, 9000])
def test_a_truncated_file_is_damaged_and_stays_as_it_is(written, keep):
    os.truncate(written, keep)
    with pytest.raises((LogDamaged, NotALog)):
        Log.open(written, read_only=True).verify()

    assert os.path.getsize(written) == keep


def test_a_log_that_may_not_be_written_can_be_read(written, opened, tmp_path):
    copied = tmp_path / "elsewhere" / "copy.wayfold"
    copied.parent.mkdir()
    shutil.copy(written, copied)
    copied.chmod(0o400)

    assert opened(copied, read_only=True).verify() == 300


def test_a_full_disk_is_told_and_what_was_committed_stays(small_disk, opened):
    log = opened(small_disk / "session.wayfold")
    committed = []
    with pytest.raises(LogFull, match="the disk is full; make room"):
        while True:
            committed.append(log.append("lamp.lit", "lamp/1", {"note": "x" * 9000}))
    with pytest.raises(LogFull):
        log.append("lamp.put_out", "lamp/1")
    assert log.head == len(committed) > 10
    log.close()

    assert list(opened(small_disk / "session.wayfold", read_only=True)) == committed
