"""A file that can no longer be written: the log goes on in memory, if it was asked to."""

import errno

import pytest

import wayfold
from wayfold.errors import LogDamaged
from wayfold.log import Log
from wayfold.log.sqlite import SqliteStore
from wayfold.log.surviving import SurvivingStore


class Disk:
    """A sync that fails from a moment on."""

    def __init__(self):
        self.is_broken = False

    def sync(self, descriptor):
        if self.is_broken:
            raise OSError(errno.EIO, "the disk is gone")


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
def log(disk, path, lamps):
    store = SqliteStore(path, sync=disk.sync)
    with Log(SurvivingStore(store), lamps) as log:
        yield log


def test_what_follows_a_failure_is_in_memory_behind_a_record_of_it(log, disk, light):
    light(log, 10)
    assert log.sync() == 10
    light(log, 5)
    disk.is_broken = True
    assert log.sync() == 10
    light(log, 5)

    assert log.durable == 10
    (failed,) = log.records(name="log.failed")
    assert failed.position == 17
    assert failed.data["durable"] == 10
    assert "could not be synced" in failed.data["reason"]
    assert [record.position for record in log] == list(range(1, 22))
    assert [log[k].data["level"] for k in (15, 16, 18, 21)] == [5, 1, 2, 5]
    assert log.version("lamp/1") == 20
    assert log.state == log.state_at(21) == {"lamp/1": 5}
    assert log.state_at(14) == {"lamp/1": 4}


def test_the_file_has_what_it_had(log, disk, light, path, lamps):
    light(log, 10)
    disk.is_broken = True
    log.sync()
    light(log, 5)
    log.close()

    with Log.open(path, model=lamps) as again:
        assert (again.head, again.verify()) == (10, 10)
        assert again.append("lamp.put_out", "lamp/1").version == 11


def test_holds_and_queries_go_on(log, disk, light):
    light(log, 3)
    log.hold("view", 2)
    disk.is_broken = True
    log.sync()
    light(log, 3, "lamp/2")
    log.hold("view", 4)

    assert log.holds == {"view": 4}
    assert [r.position for r in log.records(subject="lamp/2")] == [4, 6, 7]
    assert log.records(after=3, until=4).__next__().subject == "lamp/2"
    log.release("view")
    assert log.holds == {}


def test_without_being_asked_a_failure_is_raised(disk, path, lamps, light):
    with Log(SqliteStore(path, sync=disk.sync), lamps) as log:
        light(log, 3)
        disk.is_broken = True
        with pytest.raises(LogDamaged, match="could not be synced"):
            log.sync()
        with pytest.raises(LogDamaged):
            log.append("lamp.lit", "lamp/1")
        assert log.head == 3


def test_a_connection_lives_on_when_its_disk_is_full(weston, small_disk):
    path = small_disk / "session.wayfold"
    with (
        Log.open(path, survive=True) as log,
        wayfold.connect(weston.client_socket, log=log) as client,
    ):
        while not any(client.log.records(name="log.failed")):
            client.mark("x" * 50_000)
        client.roundtrip()
        client.mark("still here")
        (failed,) = client.log.records(name="log.failed")
        assert "the disk is full" in failed.data["reason"]
        assert client.state.outputs
        assert client.log[-1].data == {"text": "still here"}
        assert client.log.state_at(failed.position - 5).outputs

    with Log.open(path, read_only=True) as log:
        assert log.verify() == log.head == failed.position - 2
