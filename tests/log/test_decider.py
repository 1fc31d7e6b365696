"""Commands: what follows from one is written whole or not at all, and only then is it true."""

import apsw
import pytest

from wayfold.errors import CommandRejected, LogBusy, LogConflict, LogDamaged, PositionCut
from wayfold.log import Fact, Log
from wayfold.log.sqlite import SqliteStore


class Purse:
    """Coins of one owner; the last one spent is told as a fact of its own."""

    initial = 0

    def __init__(self, meanwhile=lambda: None):
        self.evolved = 0
        self._meanwhile = meanwhile

    def decide(self, state, command):
        self._meanwhile()
        if state + command < 0:
            raise CommandRejected(f"{-command} coins are needed, {state} are there")
        facts = [Fact("purse.changed", data={"by": command})]
        if state and not state + command:
            facts += [Fact("purse.emptied"), Fact("bell.rung", "bell", {"for": "a purse"})]
        return facts

    def evolve(self, state, record):
        self.evolved += 1
        return state + record.data.get("by", 0)


@pytest.fixture(params=["memory", "file"])
def log(request, path):
    made = Log.memory() if request.param == "memory" else Log.open(path)
    with made:
        yield made


def test_a_class_instead_of_a_decider_is_told(log):
    with pytest.raises(TypeError, match=r"not the class Purse: give Purse\(\)"):
        log.execute(Purse, "purse/a", 5)


def test_a_command_gives_the_records_that_follow_from_it(log):
    purse = Purse()
    log.execute(purse, "purse/a", 5)
    records = log.execute(purse, "purse/a", -5)

    assert [(r.position, r.subject, r.version, r.name) for r in records] == [
        (2, "purse/a", 2, "purse.changed"),
        (3, "purse/a", 3, "purse.emptied"),
        (4, "bell", 1, "bell.rung"),
    ]
    assert list(log)[1:] == list(records)
    assert log.state_of(purse, "purse/a") == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["purse.changed"], "what Giving decides is made of facts, and found was 'purse.changed'"),
        ([Fact("a"), None], "found was None, of type NoneType: make it a wayfold.Fact"),
        (None, "what Giving decides is a list of facts, empty where nothing follows, not None"),
        (Fact("a"), "is a list of facts, empty where nothing follows, not Fact"),
    ],
)
def test_a_decider_that_gives_no_facts_is_told_and_nothing_is_written(log, given, told):
    class Giving(Purse):
        def decide(self, state, command):
            return given

    with pytest.raises(TypeError, match=told):
        log.execute(Giving(), "purse/a", 1)

    assert (log.head, log.version("purse/a")) == (0, 0)


def test_a_rejected_command_says_why_and_writes_nothing(log):
    purse = Purse()
    log.execute(purse, "purse/a", 5)
    with pytest.raises(CommandRejected, match="purse/a: 6 coins are needed, 5 are") as caught:
        log.execute(purse, "purse/a", -6)

    assert (caught.value.subject, caught.value.command) == ("purse/a", -6)
    assert (log.head, log.state_of(purse, "purse/a")) == (1, 5)


def test_a_live_subject_is_not_folded_again(log):
    purse = Purse()
    for _ in range(100):
        log.execute(purse, "purse/a", 1)

    assert purse.evolved == 100


def test_what_others_append_is_seen(log):
    purse = Purse()
    log.append("purse.changed", "purse/a", {"by": 3})
    log.execute(purse, "purse/a", 4)
    log.append("purse.changed", "purse/a", {"by": 2})

    assert log.execute(purse, "purse/a", -9)[1].name == "purse.emptied"


def test_a_subject_that_changes_meanwhile_is_decided_again(log):
    once = iter([{"by": 1}])

    def interrupt():
        for data in once:
            log.append("purse.changed", "purse/a", data)

    log.execute(Purse(interrupt), "purse/a", -1)

    assert [record.name for record in log][1:] == ["purse.changed", "purse.emptied", "bell.rung"]


def test_a_subject_that_never_rests_is_a_conflict(log):
    purse = Purse(lambda: log.append("purse.changed", "purse/a", {"by": 1}))
    with pytest.raises(LogConflict):
        log.execute(purse, "purse/a", 1, attempts=4)

    assert log.head == 4
    assert {record.data["by"] for record in log} == {1}


def test_a_decider_that_cannot_evolve_its_own_fact_writes_nothing(log):
    class Broken(Purse):
        def evolve(self, state, record):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.execute(Broken(), "purse/a", 1)

    assert log.head == 0


def test_states_come_back_from_the_file(path):
    with Log.open(path) as log:
        for k in range(50):
            log.execute(Purse(), f"purse/{k % 2}", k)
    purse = Purse()
    with Log.open(path) as log:
        assert log.state_of(purse, "purse/1") == sum(range(1, 50, 2))
    with Log.open(path, read_only=True) as log:
        assert log.state_of(purse, "purse/0") == sum(range(0, 50, 2))


def test_a_state_at_hand_outlives_the_cut_and_another_is_refused():
    log, purse = Log.memory(keep=10), Purse()
    for _ in range(100):
        log.execute(purse, "purse/a", 1)

    assert log.cut > 0
    assert log.state_of(purse, "purse/a") == 100
    with pytest.raises(PositionCut):
        log.state_of(Purse(), "purse/a")


class Failing(SqliteStore):
    """A store that fails before, during or after the records are written."""

    at = ""

    def append(self, batches, blobs=(), also=None):
        if self.at == "before":
            raise LogDamaged(self.path, "the disk is gone")
        super().append(batches, blobs, self._lose if self.at == "during" else also)
        if self.at == "after":
            raise LogDamaged(self.path, "the disk is gone")

    def _lose(self, beside):
        raise apsw.IOError("the disk is gone")


@pytest.mark.parametrize("at", ["before", "during", "after"])
def test_s1_the_event_that_was_never_created(path, at):
    """However storing fails, there is the event and its state, or neither; nobody saw otherwise."""
    store, purse, told = Failing(path), Purse(), []
    log = Log(store)
    log.listen(lambda first, batch, derived: told.append(first))
    log.execute(purse, "purse/a", 5)
    store.at = at
    with pytest.raises(LogDamaged):
        log.execute(purse, "purse/a", -5)
    assert log.state_of(purse, "purse/a") == 5
    log.close()
    with Log.open(path) as again:
        names = [record.name for record in again]
        whole = at == "after"

        assert told == [1]
        assert names == ["purse.changed"] * (1 + whole) + ["purse.emptied", "bell.rung"] * whole
        assert again.state_of(purse, "purse/a") == (0 if whole else 5)


def test_a_locked_file_refuses_a_command_and_takes_the_next(path):
    purse, told = Purse(), []
    with Log(SqliteStore(path, busy_ms=1)) as log:
        log.listen(lambda first, batch, derived: told.append(first))
        other = apsw.Connection(path)  # not sqlite3: locks of one process do not hold between two
        other.execute("begin immediate")
        with pytest.raises(LogBusy, match="another program"):
            log.execute(purse, "purse/a", 5)
        other.execute("rollback")
        other.close()

        assert (told, log.head, log.state_of(purse, "purse/a")) == ([], 0, 0)
        log.execute(purse, "purse/a", 5)
        assert log.state_of(purse, "purse/a") == 5
