"""S1: a command is validated, and storing its event fails before, during or after the write.

The oracle is plain SQL on the file and what was printed; it folds nothing of ours.
"""

import sqlite3
from contextlib import closing

import pytest

from wayfold.errors import LogUnusable
from wayfold.log import Log
from wayfold.log.sqlite import SqliteStore


def found(path, name):
    """Give which traces of a user are in the file: event, derived event, row."""
    plain = sqlite3.connect(path)
    count = lambda statement: plain.execute(statement).fetchone()[0]  # noqa: E731
    traces = (
        count(f"select count(*) from record where subject = 'user/{name}'"),
        count(f"select count(*) from record where subject = 'mailbox/{name}@example.org'"),
        count(f"select count(*) from user where name = 'user/{name}'"),
    )
    plain.close()
    return traces


def greetings(told, name):
    return told.count(f"greeted  {name}@example.org")


@pytest.fixture
def users(example, path, capsys):
    """A file with one user in it, and the example."""
    made = example("create_user")
    with Log.open(path) as log:
        made.create(log, "anna", "anna@example.org")
    capsys.readouterr()
    return made


def create_on(disk, users, path):
    """Create a user on a disk that may fail; give what became of it."""
    try:
        with closing(SqliteStore(path, vfs=disk.name, sync=disk.sync)) as store:
            users.create(Log(store), "bert", "bert@example.org")
    except LogUnusable:
        return "refused"
    return "created"


@pytest.mark.timeout(240)
def test_whatever_the_disk_refuses_there_is_all_of_a_user_or_nothing(
    users, path, failing_disk, capsys
):
    counts, number, left = {}, 0, True
    while left:
        number += 1
        disk = failing_disk(number)
        name = f"{path}-{number}"
        with closing(sqlite3.connect(path)) as plain, plain:
            plain.execute("vacuum into ?", (name,))
        outcome = create_on(disk, users, name)
        left = disk.failed is not None
        stored = found(name, "bert")
        told = capsys.readouterr().out.splitlines()
        counts[outcome, stored] = counts.get((outcome, stored), 0) + 1
        assert stored in ((0, 0, 0), (1, 1, 1)), (disk.failed, number)
        assert greetings(told, "bert") <= stored[0], "somebody heard of a user who is not stored"
        with Log.open(name) as log:
            assert log.state_of(users.User(), "user/bert") == "bert@example.org" * stored[0]
    with capsys.disabled():
        print(f" {counts}", end="")

    assert counts["refused", (0, 0, 0)] > 5
    assert counts["refused", (1, 1, 1)] > 5


@pytest.mark.timeout(240)
def test_wherever_it_is_killed_a_later_start_greets_whoever_is_stored(live, path, capsys):
    assert live("create_user", path=path, name="anna")[0] == "exit 0"
    ended, stored, greeted, kills = "killed", {"anna"}, set(), 0
    while ended == "killed":
        kills += 1
        name = f"user-{kills}"
        ended, told = live("create_user", path=path, name=name, dies_at=kills)
        traces = found(path, name)
        assert traces in ((0, 0, 0), (1, 1, 1)), kills
        stored |= {name} if all(traces) else set()
        greeted |= {line.split()[1].removesuffix("@example.org") for line in told}
        assert greeted <= stored, "somebody heard of a user who is not stored"
    with capsys.disabled():
        print(f" {kills - 1} kills, {len(stored) - 2} users stored by the killed", end="")

    assert stored - {"anna"} == greeted
    assert 3 < len(stored) < kills - 3
