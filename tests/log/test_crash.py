"""Whatever a loss of power leaves of the file: whole transactions, nothing promised is lost."""

import importlib.util
import os
import uuid
from pathlib import Path

import pytest

from wayfold.errors import NotALog
from wayfold.log import Fact, Log
from wayfold.log.batch import Decoded
from wayfold.log.sqlite import SqliteStore

SEEDS = int(os.environ.get("WAYFOLD_CRASH_SEEDS", "8"))

# A module beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location("disk", Path(__file__).with_name("disk.py"))
disk = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(disk)


class Workload:
    """Forty transactions of one to five records and some syncs, on a disk that remembers."""

    def __init__(self, path, model, store=SqliteStore):
        self.disk = disk.Disk(f"disk-{uuid.uuid4().hex}")
        self.boundaries = {0}
        self.states = {0: {}}
        made = store(path, vfs=self.disk.name, sync=self.disk.syncing(path))
        log = Log(made, model)
        for number in range(40):
            facts = [
                Fact("lamp.lit", f"lamp/{number % 7}", {"level": number, "part": part})
                for part in range(number % 5 + 1)
            ]
            log.append_facts([*facts, Fact("lamp.group", "lamps")])
            self.boundaries.add(log.head)
            self.states[log.head] = log.state
            if number % 6 == 5:
                self.disk.promised = log.sync()
        log.close()


def broken(image, promised, workload, folder, model):
    """Say what is wrong with the log in an image; None where nothing is."""
    for file in folder.iterdir():
        file.unlink()
    for file, content in image.items():
        (folder / file).write_bytes(content)
    path = folder / "x.wayfold"
    try:
        store = SqliteStore(path)
    except NotALog as error:
        return f"no log any more: {error}" if promised else None
    log = Log(store, model)
    try:
        positions = [record.position for record in log]
        if positions != list(range(1, log.head + 1)):
            return f"positions {positions[:3]} … {positions[-3:]}"
        if log.head not in workload.boundaries:
            return f"half a transaction: {log.head}"
        if log.head < promised:
            return f"{promised} was promised, {log.head} is there"
        if log.verify() != log.head or log.state != workload.states[log.head]:
            return "the state is not the fold"
        log.append("lamp.lit", "lamp/1", {"level": 1})
    finally:
        log.close()
    return None


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "image"
    made.mkdir()
    return made


@pytest.mark.timeout(240)
def test_every_image_of_a_crash_is_a_whole_log(tmp_path, folder, lamps_class, capsys):
    workload = Workload(str(tmp_path / "x.wayfold"), lamps_class())
    count = 0
    for promised, image in workload.disk.images(SEEDS):
        wrong = broken(image, promised, workload, folder, lamps_class())
        assert wrong is None, f"image {count}: {wrong}"
        count += 1
    with capsys.disabled():
        print(f" {count} images", end="")

    assert count >= 2000


class SyncSkipped(SqliteStore):
    """A mutant that promises without a sync."""

    def __init__(self, path, **options):
        super().__init__(path, **{**options, "sync": lambda descriptor: None})


class TransactionSplit(SqliteStore):
    """A mutant that commits each record by itself."""

    def append(self, batches, blobs=(), also=None):
        for batch in batches:
            for record in list(batch.records(0, len(batch), self.head + 1, None)):
                super().append((Decoded([record]),), blobs, also)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mutant", [SyncSkipped, TransactionSplit])
def test_a_store_that_cuts_a_corner_is_found_out(mutant, tmp_path, folder, lamps_class):
    workload = Workload(str(tmp_path / "x.wayfold"), lamps_class(), mutant)
    images = workload.disk.images(2)

    assert any(broken(image, at, workload, folder, lamps_class()) for at, image in images)
