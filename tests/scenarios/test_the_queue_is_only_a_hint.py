"""S5: hints are lost, doubled and reordered, the log is out of reach, the writer dies between."""

import os
import select
import socket
import threading

import pytest

from wayfold.log import Log
from wayfold.log.sqlite import SqliteStore
from wayfold.reactions import Runner, VirtualClock


@pytest.fixture
def seen(example):
    """The example's view."""
    return example("lost_hints").Seen()


def store(path, count):
    with Log.open(path) as log:
        for number in range(count):
            log.append("reading", "sensor", {"number": number})


@pytest.fixture
def clock():
    made = VirtualClock()
    yield made
    made.close()


def test_without_any_hint_the_view_goes_on_by_looking(live, path, seen):
    store(path, 1)
    with socket.socket(type=socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
    with Log.open(path, read_only=True) as log, Runner(log, poll_s=0.01) as runner:
        view = runner.follow(seen)
        runner.settle()
        write = {"path": path, "port": port, "count": 30}
        writer = threading.Thread(target=live, args=("store_and_hint",), kwargs=write)
        writer.start()
        assert runner.run(until=lambda: len(view.state) == 31)  # the test's time-out ends it else
        writer.join()

        assert view.state == tuple(range(1, 32))


def test_hints_that_are_doubled_and_out_of_order_have_nothing_seen_twice(live, path, seen, clock):
    store(path, 1)
    came = []
    with (
        socket.socket(type=socket.SOCK_DGRAM) as queue,
        Log.open(path, read_only=True) as log,
        Runner(log, clock=clock) as runner,
    ):
        queue.bind(("127.0.0.1", 0))
        view = runner.follow(seen)
        port = queue.getsockname()[1]
        assert live("store_and_hint", path=path, port=port, count=40)[0] == "killed"
        while select.select([queue], [], [], 0)[0]:
            came.append(int(queue.recv(20)))
            runner.turn()
        runner.settle()

        assert len(came) > len(set(came))
        assert came != sorted(came)
        assert 41 not in came
        assert view.state == tuple(range(1, 42))


@pytest.mark.parametrize("count", range(1, 6))
def test_a_crash_between_storing_and_hinting_loses_nothing(live, path, seen, clock, count):
    store(path, 1)
    with Log.open(path, read_only=True) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(seen)
        runner.settle()
        assert live("store_and_hint", path=path, port=9, count=count)[0] == "killed"
        clock.advance(1.0)
        runner.settle()

        assert view.state == tuple(range(1, count + 2))


def test_while_the_log_is_out_of_reach_the_view_answers_with_its_age(path, seen, clock):
    store(path, 3)
    with Log.open(path, read_only=True) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(seen)
        runner.settle()
        os.rename(path, f"{path}.away")
        for _ in range(3):
            clock.advance(2.0)
            runner.settle()
        assert (view.state, view.as_of) == ((1, 2, 3), (3, 6.0))
        assert "it is out of reach: No such file" in str(view.unreachable)
        os.rename(f"{path}.away", path)
        store(path, 2)
        runner.settle()

        assert (view.state, view.as_of) == ((1, 2, 3, 4, 5), (5, 0.0))
        assert view.unreachable is None


def test_another_file_in_the_place_of_the_log_is_told_and_not_followed(path, seen, clock):
    store(path, 3)
    with Log.open(path, read_only=True) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(seen)
        runner.settle()
        os.rename(path, f"{path}.away")
        store(path, 9)
        runner.settle()

        assert "another file took its place; open it again" in str(view.unreachable)
        assert view.state == (1, 2, 3)


def test_whatever_the_disk_refuses_to_read_is_read_when_it_can_be(
    path, seen, clock, failing_disk, capsys
):
    store(path, 5)
    told, number, has_failed = 0, 0, True
    disk = failing_disk()
    reading = lambda: SqliteStore(path, is_read_only=True, vfs=disk.name)  # noqa: E731
    with Log.open(path) as writer, Log(reading()) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(seen)
        runner.settle()
        while has_failed:
            number += 1
            writer.append("reading", "sensor", {"number": number})
            disk.count, disk.fails_at, disk.failed = 0, number, None
            runner.settle()
            has_failed, disk.fails_at = disk.failed is not None, None
            told += view.unreachable is not None
            clock.advance(10.0)
            runner.settle()
            assert view.state == tuple(range(1, writer.head + 1)), number
            assert view.unreachable is None
    with capsys.disabled():
        print(f" {number - 1} operations failed, {told} of them told", end="")

    assert told == number - 1 >= 3
