"""A WAL whose syncs are waited for is made longer by many commits at once."""

import errno
import os
import shutil

import apsw
import pytest

from wayfold.log import Log
from wayfold.log.room import make_room
from wayfold.log.sqlite import SqliteStore

FRAME = 24 + 2048


@pytest.fixture
def store(path):
    """Open a store in the file; closed at the end."""
    stores = []

    def opened(**options):
        stores.append(SqliteStore(path, **options))
        return stores[-1]

    yield opened
    for each in stores:
        each.close()


def lengths(log, path, count, *, is_synced):
    """Append records one by one; give the sizes that the WAL had."""
    found = []
    for level in range(count):
        log.append("lamp.lit", "lamp/1", {"level": level})
        if is_synced:
            log.sync()
        found.append(os.path.getsize(f"{path}-wal"))
    return found


def test_syncs_seldom_find_a_wal_that_has_grown(store, path, opened, tmp_path):
    found = lengths(Log(store()), path, 300, is_synced=True)
    shutil.copy(path, tmp_path / "copy")
    shutil.copy(f"{path}-wal", tmp_path / "copy-wal")

    assert len(set(found)) <= 6
    assert found[-1] > 300 * FRAME
    assert opened(tmp_path / "copy").verify() == 300


def test_who_does_not_wait_for_the_disk_makes_no_room(store, path):
    found = lengths(Log(store()), path, 50, is_synced=False)

    assert len(set(found)) == 50


def test_room_is_made_while_nobody_else_can_write(store, path):
    made = []

    def make(descriptor, size):
        other = apsw.Connection(path)
        with pytest.raises(apsw.BusyError):
            other.execute("begin immediate")
        other.close()
        make_room(descriptor, size)
        made.append(size)

    lengths(Log(store(room=make)), path, 10, is_synced=True)

    assert len(made) == 1


def test_a_disk_without_room_for_room_is_no_failure(store, path):
    def make(descriptor, size):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    log = Log(store(room=make))
    found = lengths(log, path, 50, is_synced=True)

    assert log.durable == log.verify() == 50
    assert len(set(found)) == 50
