"""Each operation of the disk fails once: it is told, nothing is torn, life goes on if asked."""

import importlib.util
from pathlib import Path

import pytest

from wayfold.errors import LogUnusable
from wayfold.log import Fact, Log
from wayfold.log.sqlite import SqliteStore
from wayfold.log.surviving import SurvivingStore

# A module beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location(
    "failing_disk", Path(__file__).with_name("failing_disk.py")
)
failing_disk = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(failing_disk)
FailingDisk = failing_disk.FailingDisk


def work(path, disk, model, wrap=lambda store: store):
    """Write to a log so that it is made, synced, checkpointed, closed, opened again and read.

    Gives the positions that were told to be durable, and to be there.
    """
    durable = told = 0
    for _ in range(2):
        store = SqliteStore(path, vfs=disk.name, sync=disk.sync, checkpoint_pages=8)
        try:
            log = Log(wrap(store), model)
            for number in range(6):
                facts = [Fact("lamp.lit", f"lamp/{k}", {"level": number}) for k in range(4)]
                told = max(told, log.append_facts([*facts, Fact("lamp.group", "all")])[-1].position)
                durable = max(durable, log.sync() if number % 3 == 2 else log.durable)
            assert len(list(log)) == len(log)
        finally:
            store.close()
    return durable, told


def failing_disks(tmp_path, model):
    """Give for each operation that can fail a disk, and where to work on it."""
    counting = FailingDisk()
    work(str(tmp_path / "counted"), counting, model)
    for number in range(1, counting.count + 1):
        disk = FailingDisk(number)
        yield disk, str(tmp_path / f"log-{number}")


@pytest.mark.timeout(400)
def test_whatever_fails_is_told_and_nothing_is_torn(tmp_path, kept_lamps, opened, capsys):
    failed = {}
    for disk, path in failing_disks(tmp_path, kept_lamps):
        try:
            work(path, disk, kept_lamps)
            is_told = False
        except LogUnusable as error:
            is_told = str(error).startswith(path)
        told, silent = failed.get(disk.failed, (0, 0))
        failed[disk.failed] = (told + is_told, silent + (not is_told))
        with opened(path, model=kept_lamps) as log:
            log.verify()
            assert (log.head - len(list(log.records(name="lamps.counted")))) % 5 == 0
            log.append("lamp.lit", "lamp/1", {"level": 1})
    with capsys.disabled():
        print(f" told, or of no account: {failed}", end="")

    assert failed["fdatasync"][1] == 0
    assert failed["xWrite"][0] > 20


@pytest.mark.timeout(400)
def test_a_log_that_survives_goes_on_in_memory_whatever_fails(tmp_path, kept_lamps, opened):
    counting = FailingDisk()
    path = str(tmp_path / "counted")
    with Log(SqliteStore(path, vfs=counting.name, sync=counting.sync), kept_lamps):
        made = counting.count
    survived = 0
    for number in range(made, made + 120):
        disk = FailingDisk(number)
        path = str(tmp_path / f"log-{number}")
        try:
            store = SqliteStore(path, vfs=disk.name, sync=disk.sync, checkpoint_pages=8)
        except LogUnusable:
            continue  # there is no file to go on from
        log = Log(SurvivingStore(store), kept_lamps)
        for level in range(30):
            log.append_facts([Fact("lamp.lit", "lamp/1", {"level": level})])
            if level % 7 == 6:
                log.sync()
        levels = [record.data["level"] for record in log.records(name="lamp.lit")]
        assert levels == list(range(30))
        assert log.state == {"lamp/1": 29}
        survived += any(log.records(name="log.failed"))
        durable = log.durable
        try:
            log.close()
        except LogUnusable:
            pass
        assert opened(path, model=kept_lamps).head >= durable

    assert survived > 30
