"""What is beside a log when nobody has it open: nothing, and what a killed writer left."""

import hashlib
import os
import shutil
import threading
from pathlib import Path

import pytest

from wayfold.errors import LogInUse, NotALog
from wayfold.log import Log
from wayfold.log.lock import WriterLock


def beside(path):
    """Give the names of all that is in the folder of a log."""
    return sorted(os.listdir(Path(path).parent))


@pytest.fixture
def written(path, opened, light):
    with opened() as log:
        light(log, 30)
    return path


def test_a_log_that_was_written_is_one_file(written):
    assert beside(written) == ["session.wayfold"]


def test_a_log_that_was_read_is_one_file_and_the_same(written):
    before = hashlib.sha256(Path(written).read_bytes()).digest()
    with Log.open(written, read_only=True) as log, Log.open(written, read_only=True) as second:
        assert (log.verify(), second.head) == (30, 30)

    assert beside(written) == ["session.wayfold"]
    assert hashlib.sha256(Path(written).read_bytes()).digest() == before


def test_whoever_closes_last_leaves_one_file_also_where_that_is_a_reader(opened, path, light):
    log = opened()
    light(log, 30)
    reader = opened(read_only=True)
    log.close()
    assert reader.refresh() == 30
    reader.close()

    assert beside(path) == ["session.wayfold"]
    assert opened().verify() == 30


def test_a_reader_takes_nothing_from_a_writer(opened, path, light):
    log = opened()
    light(log, 3)
    opened(read_only=True).close()
    light(log, 3)

    assert beside(path) == [f"session.wayfold{suffix}" for suffix in ("", "-shm", "-wal", ".lock")]
    assert log.sync() == 6
    assert opened(read_only=True).verify() == 6


def test_what_a_killed_writer_left_stays_as_it_is_until_the_next_writer(
    opened, path, light, tmp_path
):
    light(opened(), 30)
    killed = tmp_path / "killed"
    killed.mkdir()
    for suffix in ("", "-wal"):
        shutil.copy(path + suffix, killed / f"x{suffix}")
    before = [(killed / f"x{suffix}").read_bytes() for suffix in ("", "-wal")]
    with Log.open(killed / "x", read_only=True) as log:
        assert log.head == 30

    assert [(killed / f"x{suffix}").read_bytes() for suffix in ("", "-wal")] == before
    opened(killed / "x").close()
    assert beside(killed / "x") == ["x"]


def test_a_log_that_could_not_be_opened_leaves_no_lock(tmp_path):
    other = tmp_path / "other"
    other.write_text("something else")
    for read_only in (True, False):
        with pytest.raises(NotALog):
            Log.open(other, read_only=read_only)

    assert beside(other) == ["other"]


def test_a_lock_has_one_owner_at_a_time_however_they_come_and_go(path):
    held, most = [], []

    def come_and_go():
        times = 0
        while times < 50:
            try:
                lock = WriterLock(path)
            except LogInUse:
                continue
            times += 1
            held.append(lock)
            os.sched_yield()  # the others' turn
            most.append(len(held))
            held.remove(lock)
            lock.release()

    threads = [threading.Thread(target=come_and_go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (max(most), len(most), os.path.exists(f"{path}.lock")) == (1, 200, False)
