"""What users of other event stores complain about, each as a test that ours does not do it.

The letters and numbers are those of a survey of their issue trackers; the best known are named.
"""

import importlib.util
import sqlite3
import sys

import apsw
import pytest

from wayfold.errors import PositionMoved, ReactionFailed
from wayfold.log import Fact, Log
from wayfold.reactions import (
    CancelDeadline,
    ElsewhereView,
    OnFailure,
    Process,
    Runner,
    SetDeadline,
    View,
)


def test_b1_no_record_is_silently_never_projected(log, runner, jars):
    """Marten #1629, Eventuous #222: a position assigned before its commit is skipped by readers."""
    following = runner.follow(jars.Totals())
    runner.follow(jars.Jars(), inline=True)
    for amount in (1, None, 2, None, None, 3):
        try:
            jars.put(log, amount)
        except ReactionFailed:
            pass
        runner.turn()
    runner.settle()

    assert [record.position for record in log] == [1, 2, 3]
    assert following.state == {"jar/a": 6}


@pytest.mark.parametrize("dull", [0, 1, 999, 1000, 1001, 25_000])
def test_b2_a_position_is_never_ahead_of_what_was_taken(path, jars, dull):
    """KurrentDB #4970: the checkpoint of a page without interest is that of the next event."""
    with Log.open(path) as log, Runner(log) as runner:
        runner.follow(jars.Jars())
        log.append_facts(Fact("lamp.lit", "lamp/1") for _ in range(dull))
        runner.settle()
        stored = log.read("SELECT position FROM hold WHERE name LIKE 'view/%'")[0][0]
        assert stored <= log.head == dull
        jars.put(log, 1)
    with Log.open(path) as log, Runner(log) as runner:
        view = runner.follow(jars.Jars())
        runner.settle()

        assert jars.answer(view) == {"jar/a": 1}


def test_b3_nothing_is_done_again_by_a_rebuild_or_a_deployment(world, shapes, jars):
    """Marten #4729: a rebuild published invoices again."""

    class Next(shapes.Alarms):
        version = 2

    world.start()
    view = world.runner.follow(jars.Totals())
    world.log.append("fault.raised", "fault/a")
    world.runner.settle()
    world.clock.advance(15 * 60)
    world.runner.settle()
    world.hand.run()
    view.rebuild()
    world.runner.settle()
    for process in (shapes.Alarms(), Next(), Next()):
        world.start(process)
        world.clock.advance(60 * 60)
        world.runner.settle()

    assert len(world.sent) == 1
    assert world.names("effect.required") == ["effect.required"]


def test_b3_nothing_from_before_the_first_start_is_taken_for_a_replay(world):
    """Axon #2995: an event that was there before the processor was, was dropped."""
    with Log.open(world.path, clock=world.clock.wall_ns) as log:
        log.append("fault.raised", "fault/a")
    world.start()
    world.clock.advance(15 * 60)
    world.runner.settle()

    assert len(world.hand.jobs) == 1


class Cellar(ElsewhereView):
    """A view in a database of its own that fails at the n-th statement."""

    name, hears = "cellar", "jar.*"
    on_failure = OnFailure(retries=0)

    def __init__(self, path):
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("CREATE TABLE jar (name TEXT PRIMARY KEY, coins INTEGER)")
        self._database.execute("CREATE TABLE place (position INTEGER)")
        self.fails_at = 0

    def run(self, statement, *arguments):
        self.fails_at -= 1
        if self.fails_at == 0:
            raise OSError("the database is gone")
        return self._database.execute(statement, arguments).fetchall()

    def position(self):
        if self._database.in_transaction:
            self._database.rollback()
        rows = self.run("SELECT position FROM place")
        return rows[0][0] if rows else None

    def store(self, before, after, records):
        self.run("BEGIN")
        if self.run("SELECT position FROM place") != ([] if before is None else [(before,)]):
            raise PositionMoved(self.name, expected=before, actual=None)
        for record in records:
            put = "INSERT INTO jar VALUES (?1, ?2) ON CONFLICT DO UPDATE SET coins = coins + ?2"
            self.run(put, record.subject, record.data["put"])
        self.run("DELETE FROM place")
        self.run("INSERT INTO place VALUES (?)", after)
        self.run("COMMIT")

    def read(self):
        return dict(self._database.execute("SELECT * FROM jar").fetchall())

    def close(self):
        self._database.close()


@pytest.mark.parametrize("statement", range(1, 30))
def test_b4_s4_a_view_that_fell_behind_counts_nothing_twice(path, clock, jars, statement):
    """Protean #1042: duplicates that the fold of the log has as well; the sum here is our own."""
    cellar, coins = Cellar(f"{path}.cellar"), 0
    with Log.open(path) as log, Runner(log, clock=clock) as runner:
        view = runner.follow(cellar)
        cellar.fails_at = statement
        for amount in range(1, 6):
            jars.put(log, amount, amount)
            coins += 2 * amount
            runner.settle()
        clock.advance(60)
        runner.settle()

        assert view.read() == {"jar/a": coins}
        assert (view.lag, view.parked, view.unreachable) == (0, [], None)
    cellar.close()


def test_s4_a_view_says_how_far_behind_it_is(log, runner, jars):
    view = runner.follow(jars.Totals())
    jars.put(log, *[1] * 98)
    runner.settle()
    jars.put(log, *[1] * 7)

    assert (view.position, view.lag) == (98, 7)
    assert view.replicated_up_to(98)
    assert not view.replicated_up_to(99)
    view.wait_for(105)
    assert view.state == {"jar/a": 105}


def test_b5_one_record_that_fails_stops_no_other_key(log, runner, clock, jars):
    """Axon #4956: users are surprised that one failing handler stops unrelated entities."""
    view = runner.follow(jars.Jars())
    for jar in ("a", "b", "c"):
        jars.put(log, 1, None if jar == "b" else 2, 4, jar=f"jar/{jar}")
    runner.settle()

    assert jars.answer(view) == {"jar/a": 7, "jar/b": 1, "jar/c": 7}
    assert [parked.key for parked in view.parked] == ["jar/b", "jar/b"]
    assert (view.lag, view.failure) == (0, None)


class Count(View):
    name, initial = "count", 0

    def fold(self, state, record):
        return state + 1


@pytest.mark.parametrize("hints", ["lost", "doubled", "early"])
def test_b6_s5_the_queue_is_only_a_hint(shapes, hints):
    """eventsourcing #305, DBOS #562: a wake-up that is lost is never made up for."""
    log = (shapes.Deaf if hints == "lost" else Log).memory()
    with Runner(log, poll_s=0.01) as runner:
        view = runner.follow(Count())
        runner.settle()
        for _ in range(3):
            if hints == "early":
                runner.turn()
            log.append("tick", "clock")
            if hints == "doubled":
                runner.call(lambda: None)
                runner.turn()
                runner.turn()
            assert runner.run(timeout=20, until=lambda: view.lag == 0)

    assert view.state == 3


CODE = """
from wayfold.reactions import Process

class Sum(Process):
    name, hears, initial = "sum", "jar.*", 0

    def fold(self, state, record):
        return state + record.data["put"] * {factor}

    def decide(self, state, record):
        return ()
"""


def written(folder, factor):
    """Write a module as a deployment would, and give its process."""
    file = folder / "deployed.py"
    file.write_text(CODE.format(factor=factor))
    spec = importlib.util.spec_from_file_location("deployed", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules["deployed"] = module
    code = compile(file.read_text(), file, "exec")
    exec(code, vars(module))
    return module.Sum()


@pytest.mark.parametrize("damage", [None, "state = x'00'", "hash = x'00'"])
def test_b8_a_stale_or_broken_snapshot_is_never_used(path, tmp_path, jars, damage):
    """Axon #566, eventsourcing: 40 instead of 80 after a reducer was mended."""
    with Log.open(path) as log, Runner(log) as runner:
        runner.react(written(tmp_path, 1))
        jars.put(log, *[1] * 40)
        runner.settle()
    if damage:
        plain = apsw.Connection(path)
        plain.execute(f"UPDATE snapshot SET {damage} WHERE model LIKE 'process/sum/%'")
        assert plain.changes() == 1
        plain.close()
    with Log.open(path) as log, Runner(log) as runner:
        assert runner.react(written(tmp_path, 1)).states == {"jar/a": 40}
    with Log.open(path) as log, Runner(log) as runner:
        assert runner.react(written(tmp_path, 2)).states == {"jar/a": 80}


def test_b14_cancelling_a_deadline_that_fired_is_nothing(world):
    """Axon #3857: it throws, so that the saga is retried for ever."""

    class Late(Process):
        name, hears, initial = "late", "job.*", 0

        def fold(self, state, record):
            return state + 1

        def decide(self, state, record):
            if record.name == "job.begun":
                yield SetDeadline("end", record.time_ns + 10**9)
            if record.name == "job.ended":
                yield CancelDeadline("end")

    world.start(Late())
    world.log.append("job.begun", "job/1")
    world.runner.settle()
    world.clock.advance(2)
    world.runner.settle()
    world.log.append("job.ended", "job/1")
    world.log.append("job.ended", "job/2")
    world.runner.settle()

    assert world.names("deadline.") == ["deadline.set", "deadline.expired"]
    assert (world.reacting.lag, world.reacting.parked) == (0, [])
