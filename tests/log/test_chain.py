"""Records are chained by groups; verify still names the one that was changed."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from wayfold.errors import LogDamaged
from wayfold.log import Fact
from wayfold.log.chain import Chain, hashes

CHANGES = [
    "data = '{\"level\":8}'",
    "time_ns = time_ns + 1",
    "subject = 'lamp/2'",
    "name = 'lamp.lot'",
    "origin = 'client'",
    "version = 8",
    "masked = '[\"level\"]'",
    "hash = 5",
]


@pytest.fixture
def at_once(opened, path):
    """A log of 200 records that were appended at once, and one more; closed."""
    with opened() as log:
        log.append_facts([Fact("lamp.lit", "lamp/1", {"level": level}) for level in range(200)])
        log.append("lamp.put_out", "lamp/1")
    return path


def alter(path, statement):
    with closing(sqlite3.connect(path)) as plain, plain:
        plain.execute(statement)
    plain.close()


def named(log):
    with pytest.raises(LogDamaged) as caught:
        log.verify()
    return caught.value.position


@pytest.mark.parametrize("change", CHANGES)
def test_the_first_changed_of_many_appended_at_once_is_named(at_once, opened, change):
    assert opened(read_only=True).verify() == 201
    alter(at_once, f"update record set {change} where position in (70, 90)")

    assert named(opened(read_only=True)) == 70


def test_a_change_with_a_fitting_check_is_found_at_the_end_of_its_group(at_once, opened):
    row = (70, 5, "app", "lamp/1", 70, "lamp.lit", "{}", None)
    (check, _), _ = hashes(b"", [row, row])
    alter(
        at_once, f"update record set time_ns = 5, data = '{{}}', hash = {check} where position = 70"
    )

    assert named(opened(read_only=True)) == 128


def test_a_row_is_chained_as_it_is_read_back():
    rows = [(k, k, "app", 'ż "\n"', 1, "lamp.lit", '{"a":"\\n"}', None) for k in range(1, 200)]
    checks, last = hashes(b"before", rows)
    chain = Chain(b"before")

    assert all(chain.fits(row, check) for row, check in zip(rows, checks, strict=True))
    assert chain.last == last
    assert [k for k, each in enumerate(checks) if isinstance(each, bytes)] == [63, 127, 191, 198]


def test_a_log_whose_writer_was_killed_goes_on_where_it_stopped(opened, path, tmp_path, light):
    log = opened()
    light(log, 1500)
    light(log, 3, "lamp/2")
    left = tmp_path / "left.wayfold"
    for suffix in ("", "-wal"):
        shutil.copy(path + suffix, f"{left}{suffix}")
    reader, writer = opened(left, read_only=True), opened(left)

    assert reader.head == writer.head == 1503
    assert reader.version("lamp/2") == writer.version("lamp/2") == 3
    assert writer.append("lamp.lit", "lamp/1").version == 1501
    assert writer.verify() == 1504
    assert writer.state == {"lamp/1": None, "lamp/2": 3}
