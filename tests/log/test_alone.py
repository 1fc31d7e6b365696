"""Records that are appended alone note nothing in the file, and are believed no less."""

import shutil
from contextlib import contextmanager

import apsw
import pytest

from wayfold.errors import LogBusy, LogDamaged
from wayfold.log import Fact, Log
from wayfold.log.sqlite import SqliteStore


@contextmanager
def plain(path):
    """Open a file as another program would that knows nothing of logs."""
    connection = apsw.Connection(str(path))
    yield connection
    connection.close()


def noted(path):
    """Give the end as it is noted, and the last record."""
    with plain(path) as connection:
        (head,) = connection.execute("select head from log").fetchone()
        (last,) = connection.execute("select max(position) from record").fetchone()
    return head, last


@pytest.fixture
def killed(opened, path, light, tmp_path):
    """A log whose writer was killed when it had appended 5 records at once and 20 alone."""
    log = opened()
    log.append_facts([lit(k) for k in range(5)])
    light(log, 20)
    copy = tmp_path / "killed.wayfold"
    for suffix in ("", "-wal"):
        shutil.copy(path + suffix, f"{copy}{suffix}")
    return str(copy)


def lit(number):
    return Fact("lamp.lit", f"lamp/{number % 2 + 1}", {"level": number})


def test_the_end_is_noted_when_the_log_is_closed(opened, path, light):
    log = opened()
    light(log, 20)
    before = noted(path)
    log.close()

    assert (before, noted(path)) == ((0, 20), (20, 20))


def test_what_a_killed_writer_appended_alone_is_there(killed, opened):
    reader = opened(killed, read_only=True)
    assert (reader.head, reader.version("lamp/1"), reader.version("lamp/2")) == (25, 23, 2)
    assert reader.verify() == 25

    log = opened(killed)
    assert noted(killed) == (25, 25)
    record = log.append("lamp.put_out", "lamp/1", expected_version=23)
    assert (record.position, record.version, log.verify()) == (26, 24, 26)
    log.close()
    assert noted(killed) == (26, 26)


def test_whatever_a_checkpoint_moves_is_noted(path, tmp_path, light, opened):
    copy = tmp_path / "without-wal.wayfold"
    log = Log(SqliteStore(path, checkpoint_pages=8))
    ends = set()
    for _ in range(60):
        light(log, 1)
        shutil.copy(path, copy)
        ends.add(noted(copy))
    log.close()

    assert all(head == (last or 0) for head, last in ends)
    assert len(ends) > 4


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("delete from record where position > 3", "should end at position 5, and ends at 3"),
        ("update record set hash = 7 where position = 25", "ends at position 25, with half a tr"),
        ("update record set version = 'x' where position = 25", "is no number"),
    ],
)
def test_an_end_that_cannot_be_is_told_when_the_log_is_opened(killed, change, told):
    with plain(killed) as connection:
        connection.execute(change)
    with pytest.raises(LogDamaged, match=told):
        Log.open(killed)


def test_verify_checks_what_is_noted_also_where_records_are_behind_it(killed, opened):
    with plain(killed) as connection:
        connection.execute("update log set hash = zeroblob(32)")
    with pytest.raises(LogDamaged, match="position 5 is not the one that was noted") as caught:
        opened(killed, read_only=True).verify()

    assert caught.value.position == 5


def test_a_lock_of_another_program_is_told_and_nothing_was_written(path, light):
    log = Log(SqliteStore(path, busy_ms=50))
    light(log, 2)
    with plain(path) as connection:
        connection.execute("begin immediate")
        with pytest.raises(LogBusy):
            log.append("lamp.put_out", "lamp/1")
        connection.execute("rollback")
    record = log.append("lamp.put_out", "lamp/1")

    assert (record.position, record.version, log.verify()) == (3, 3, 3)
    log.close()


def test_what_another_program_keeps_in_the_file_meanwhile_is_no_hindrance(opened, path, light):
    log = opened()
    light(log, 2)
    with plain(path) as connection:
        connection.execute("create table mine (x)")
        light(log, 2)
        connection.execute("drop table mine")
        light(log, 2)

    assert log.verify() == 6


def test_a_table_can_go_between_records_that_are_appended_alone(opened, light):
    log = opened()
    log.write(lambda beside: beside.execute("CREATE TABLE mine (x)"))
    light(log, 2)
    log.write(lambda beside: beside.execute("DROP TABLE mine"))
    light(log, 2)

    assert log.verify() == 4
