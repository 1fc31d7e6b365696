"""What a view or process could not take is listed, released and dropped by a command."""

import json

import pytest

from wayfold.log import Fact, Log
from wayfold.reactions import OnFailure, Process, Runner, TableView


class Sums(TableView):
    """The sum of every jar; bad coins need another version of it."""

    name, hears, tables = "sums", "jar.filled", ("jar",)
    schema = "CREATE TABLE {jar} (name TEXT PRIMARY KEY, coins INTEGER NOT NULL)"
    on_failure = OnFailure(retries=0)

    def __init__(self, bad=None):
        self._bad = bad

    def apply(self, tables, record):
        coins = self._bad if record.data["coins"] is None else record.data["coins"]
        if coins is None:
            raise ValueError("a bad coin")
        put = "INSERT INTO {jar} VALUES (?1, ?2) ON CONFLICT DO UPDATE SET coins = coins + ?2"
        tables.execute(put, (record.subject, coins))


class Notes(Process):
    """Notes what is in a jar; falls over bad coins as well."""

    name, hears, initial = "notes", "jar.filled", 0
    on_failure = OnFailure(retries=0)

    def __init__(self, bad=None):
        self._bad = bad

    def fold(self, state, record):
        return state + (self._bad if record.data["coins"] is None else record.data["coins"])

    def decide(self, state, record):
        yield Fact("jar.noted", f"note/{record.subject}", {"coins": state})


def live(path, *filled, bad=None):
    """Run a program with a view and a process; give what the view answers and what was noted."""
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(Sums(bad))
        runner.react(Notes(bad))
        log.append_facts(Fact("jar.filled", jar, {"coins": coins}) for jar, coins in filled)
        runner.settle()
        noted = {r.subject: r.data["coins"] for r in log.records(name="jar.noted")}
        return dict(view.read("SELECT name, coins FROM {jar}")), noted


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "jars.wayfold"
    live(made, ("jar/a", 1), ("jar/a", None), ("jar/a", 2), ("jar/b", 3))
    return made


def test_what_is_parked_is_listed(wayfold, path):
    listed = wayfold("parked", path).stdout.splitlines()
    rows = [json.loads(line) for line in wayfold("parked", path, "--json").stdout.splitlines()]

    assert listed[0].split() == ["of", "position", "record", "key", "why"]
    assert [row["of"] for row in rows] == ["process/notes"] * 2 + ["view/sums/1"] * 2
    assert [(row["position"], row["key"]) for row in rows[2:]] == [(2, "jar/a"), (3, "jar/a")]
    assert rows[2]["error"] == "ValueError: a bad coin"
    assert "an earlier record of its key waits" in listed[-1]


def test_what_is_released_is_taken_in_order_by_the_next_start(wayfold, path):
    done = wayfold("parked", path, "--release", "jar/a")
    assert done.stdout == "4 records of jar/a: taken by the next start of the program\n"
    assert "to be taken by the next start" in wayfold("parked", path).stdout

    assert live(path, bad=5) == ({"jar/a": 8, "jar/b": 3}, {"note/jar/a": 8, "note/jar/b": 3})
    assert wayfold("parked", path).stdout == "nothing is parked\n"
    assert live(path, ("jar/a", 1))[0]["jar/a"] == 9


def test_what_fails_again_waits_on_and_is_tried_by_every_start(wayfold, path):
    wayfold("parked", path, "--release", "jar/a", "--of", "view/sums/1")
    assert live(path, ("jar/b", 1)) == (
        {"jar/a": 1, "jar/b": 4},
        {"note/jar/a": 1, "note/jar/b": 4},
    )
    assert len(wayfold("parked", path).stdout.splitlines()) == 5

    assert live(path, bad=5)[0] == {"jar/a": 8, "jar/b": 4}
    assert "view/sums" not in wayfold("parked", path).stdout


def test_what_is_dropped_is_never_taken_and_its_key_goes_on(wayfold, path):
    assert wayfold("parked", path, "--drop", "jar/a").stdout == "4 records of jar/a: dropped\n"

    assert live(path, ("jar/a", 7), bad=5)[0] == {"jar/a": 8, "jar/b": 3}
    assert wayfold("parked", path).stdout == "nothing is parked\n"


@pytest.mark.parametrize("what", [(), ("--json",), ("--release", "jar/a"), ("--drop", "jar/a")])
def test_a_name_that_nobody_has_is_told_with_those_there_are(wayfold, path, what):
    done = wayfold("parked", path, "--of", "sums", *what)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: wayfold parked [")
    assert "error: --of: no view or process is called 'sums' here" in done.stderr
    assert done.stderr.endswith("there are:\n  process/notes\n  view/sums/1\n")
    assert wayfold("parked", path, "--of", "view/sums/1").returncode == 0


def test_what_cannot_be_mended_is_told(wayfold, path):
    unknown = wayfold("parked", path, "--drop", "jar/x")
    with Log.open(path):
        in_use = wayfold("parked", path, "--drop", "jar/a")
        listed = wayfold("parked", path)
    both = wayfold("parked", path, "--drop", "jar/a", "--release", "jar/a")

    assert (unknown.returncode, in_use.returncode, listed.returncode, both.returncode) == (
        1,
        1,
        0,
        2,
    )
    assert "nothing of 'jar/x' is parked; there are: jar/a" in unknown.stderr
    assert "writes to it; end that" in in_use.stderr
