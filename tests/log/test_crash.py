"""Whatever a loss of power leaves of the file: whole transactions, nothing promised is lost."""

import importlib.util
import os
import shutil
import tempfile
import uuid
from collections import Counter
from pathlib import Path

import pytest

from wayfold.errors import LogUnusable
from wayfold.log import Log
from wayfold.log.blobs import BLOB
from wayfold.log.sqlite import SqliteStore

SEEDS = int(os.environ.get("WAYFOLD_CRASH_SEEDS", "3"))

# Modules beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location("workload", Path(__file__).with_name("workload.py"))
workload = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(workload)


@pytest.fixture
def made(tmp_path):
    """Run the workload up to its last session, on a store or a mutant of it."""

    def make(store=SqliteStore):
        found = workload.Workload(str(tmp_path / "x.wayfold"), store)
        found.run()
        return found

    return make


@pytest.fixture
def folder():
    """Where an image is put; in memory, for its own syncs are of no interest."""
    in_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    made = Path(tempfile.mkdtemp(prefix="wayfold-image-", dir=in_memory))
    yield made
    shutil.rmtree(made)


def lay(image, folder):
    for file in folder.iterdir():
        file.unlink()
    for name, content in image.items():
        (folder / name).write_bytes(content)
    return str(folder / "x.wayfold")


def wrong_with(path, promised, told):
    """Say what is wrong with the log in an image; None where nothing is."""
    try:
        with Log(SqliteStore(path), workload.Model()) as log:
            return wrong_within(log, promised, told) or wrong_going_on(log)
    except LogUnusable as error:
        return f"unusable: {error}"


def wrong_within(log, promised, told):
    positions = [record.position for record in log]
    if positions != list(range(log.cut + 1, log.head + 1)):
        return f"positions {positions[:3]} … {positions[-3:]} of {log.cut} to {log.head}"
    if log.head not in told:
        return f"half a transaction: {log.head}"
    if log.head < promised:
        return f"{promised} was promised, {log.head} is there"
    state, cuts, holds = told[log.head]
    if log.cut not in cuts:
        return f"half a cut: {log.cut}, not one of {cuts}"
    if log.holds not in holds:
        return f"holds {log.holds}, not one of {holds}"
    log.verify()
    if log.state != state:
        return "the state is not the fold"
    return wrong_contents(log)


def wrong_contents(log):
    for record in log.records(name="note"):
        name = record.data["text"][BLOB]
        if len(set(log.blob(name))) != 1:
            return f"the content of {record.position} is not what was written"
    return None


def wrong_going_on(log):
    before = log.head
    record = log.append("lamp.lit", "lamp/1", {"level": 1, "part": 0})
    return None if record.position == before + 1 == log.sync() else "it does not go on"


def crashes(disk, folder, told, seeds, step=1):
    """Give what is wrong with each image of a disk."""
    for promised, image in disk.images(seeds, step):
        yield wrong_with(lay(image, folder), promised, told)


@pytest.mark.timeout(400)
def test_every_image_of_a_crash_is_a_whole_log(made, folder, capsys):
    done = made()
    done.go_on()
    kinds = Counter(operation.kind for operation in done.disk.operations)
    count = 0
    for wrong in crashes(done.disk, folder, done.told, SEEDS):
        assert wrong is None, f"image {count}: {wrong}"
        count += 1
    with capsys.disabled():
        print(f" {count} images of {kinds.total()} operations: {dict(kinds)}", end="")

    assert count >= 2000
    assert len({cut for _, cuts, _ in done.told.values() for cut in cuts}) > 5


@pytest.mark.timeout(400)
def test_a_crash_while_a_crash_is_recovered_from_is_one_more_crash(made, folder, tmp_path, capsys):
    done = made()
    done.go_on()
    count = 0
    for promised, image in done.disk.images(3, 97):
        path = lay(image, tmp_path)
        recovering = workload.Disk(f"disk-{uuid.uuid4().hex}", dict(image), promised=promised)
        sync = recovering.syncing(path)
        with Log(SqliteStore(path, vfs=recovering.name, sync=sync), workload.Model()) as log:
            assert log.head in done.told
        for wrong in crashes(recovering, folder, done.told, 3):
            assert wrong is None, f"image {count}: {wrong}"
            count += 1
    with capsys.disabled():
        print(f" {count} images", end="")

    assert count > 50


class SyncSkipped(SqliteStore):
    """A mutant that promises without a sync."""

    def __init__(self, path, **options):
        super().__init__(path, **{**options, "sync": lambda descriptor: None})


class OpenedUnsynced(SqliteStore):
    """A mutant that takes what a killed writer left for what is on disk."""

    def __init__(self, path, **options):
        sync, is_open = options.pop("sync", os.fdatasync), []
        super().__init__(path, **options, sync=lambda wal: sync(wal) if is_open else None)
        is_open.append(True)


class TransactionSplit(SqliteStore):
    """A mutant that commits each record by itself."""

    def _insert(self, connection, rows, checks):
        for row, check in zip(rows, checks, strict=True):
            super()._insert(connection, [row], [check])
            connection.execute("COMMIT")
            connection.execute("BEGIN IMMEDIATE")


class PositionFromRowid(SqliteStore):
    """A mutant that leaves the numbering to SQLite, which begins again where no row is left."""

    _until = 0

    def drop(self, until, told=(), also=None):
        self._until = until
        super().drop(until, told, also)
        self._until = 0

    def _insert(self, connection, rows, checks):
        connection.execute("DELETE FROM record WHERE position <= ?", (self._until,))
        (last,) = connection.execute("SELECT coalesce(max(rowid), 0) FROM record").fetchone()
        numbered = [(last + k, *row[1:]) for k, row in enumerate(rows, 1)]
        super()._insert(connection, numbered, checks)


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("mutant", "told"),
    [
        (SyncSkipped, "was promised"),
        (OpenedUnsynced, "was promised"),
        (TransactionSplit, "half a transaction"),
        (PositionFromRowid, "it should end at position"),
    ],
)
def test_a_store_that_cuts_a_corner_is_found_out(mutant, told, made, folder):
    done = made(mutant)
    found = filter(None, crashes(done.disk, folder, done.told, 2, step=3))

    assert told in next(found)
