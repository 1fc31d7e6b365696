"""Logs with a virtual clock, runners on them, and an executor that does what a test says."""

from types import SimpleNamespace

import pytest

from wayfold.errors import PositionMoved
from wayfold.log import Log
from wayfold.log.sqlite import SqliteStore
from wayfold.reactions import (
    CancelDeadline,
    CancelEffect,
    Effect,
    ElsewhereView,
    OnFailure,
    Process,
    Runner,
    SetDeadline,
    TableView,
    View,
    VirtualClock,
)

MINUTE_NS = 60 * 10**9


class Deaf(Log):
    """A log whose hints all get lost."""

    def listen(self, listener):
        """Tell nobody."""


class ByHand:
    """An executor whose jobs wait until a test lets them be done, fail or be forgotten."""

    def __init__(self):
        self.jobs = []
        self.sent = []

    def submit(self, job):
        self.jobs.append(job)

    def run(self, error=None):
        """Do the oldest job, or let it fail."""
        job = self.jobs.pop(0)
        job.durable()
        if error is None:
            self.sent.append((job.call.idempotency_key, dict(job.call.arguments)))
        job.deliver(None if error else {"status": 200}, error)

    def close(self):
        self.jobs.clear()


class Alarms(Process):
    """A fault that stays open for 15 minutes is reported; one that ends before is not."""

    name = "alarms"
    hears = "fault.*"
    initial = "fine"

    def fold(self, state, record):
        match record.name:
            case "fault.raised":
                return "open"
            case "fault.ended":
                return "fine"
            case "deadline.expired":
                return "reported"
        return state

    def decide(self, state, record):
        match record.name:
            case "fault.raised":
                yield SetDeadline("report", record.time_ns + 15 * MINUTE_NS)
            case "fault.ended":
                yield CancelDeadline("report")
                yield CancelEffect("report")
            case "deadline.expired":
                yield Effect("post", {"about": record.data["key"]}, name="report")

    def holds(self, state, record):
        return state == "open"


class World:
    """A file, a clock and an outside that outlive what runs on them."""

    def __init__(self, path):
        self.path = path
        self.clock = VirtualClock()
        self.sent = []
        self.hand = ByHand()
        self._stores = []

    def start(self, process=None, **options):
        """Start a runner on the log; what ran before is gone without a word."""
        self.kill()
        self.hand = ByHand()
        self.hand.sent = self.sent
        store = SqliteStore(self.path)
        self._stores.append(store)
        self.log = Log(store, clock=self.clock.wall_ns)
        self.runner = Runner(self.log, clock=self.clock, executor=self.hand, **options)
        self.runner.perform("post", lambda call: None)
        self.reacting = self.runner.react(process or Alarms())
        self.runner.settle()

    def kill(self):
        """End as SIGKILL does: whatever was not written is not."""
        while self._stores:
            store = self._stores.pop()
            store.close()
            self.hand.jobs.clear()

    def stop(self):
        """End in good order."""
        self.runner.close()
        self.log.close()
        self._stores.clear()

    def names(self, *prefixes):
        """Give the names of the records that start so."""
        return [record.name for record in self.log if record.name.startswith(prefixes)]


class Totals(View):
    """The sum of what was put into each jar."""

    name = "totals"
    hears = "jar.*"
    initial = {}  # noqa: RUF012
    on_failure = OnFailure(retries=1, first_s=1.0)

    def __init__(self):
        self.is_fixed = False
        self.seen = []

    def fold(self, state, record):
        self.seen.append(record.position)
        if record.data.get("bad") and not self.is_fixed:
            raise ValueError("a bad coin")
        return {**state, record.subject: state.get(record.subject, 0) + record.data.get("put", 0)}


class Jars(TableView):
    """The same in a table."""

    name = "jars"
    hears = "jar.*"
    tables = ("jar",)
    schema = """
    CREATE TABLE {jar} (name TEXT PRIMARY KEY, total INTEGER NOT NULL CHECK (total < 1000));
    CREATE INDEX {jar}_by_total ON {jar} (total);
    """
    on_failure = OnFailure(retries=0)

    def __init__(self):
        self.is_fixed = False

    def apply(self, tables, record):
        if record.data.get("bad") and not self.is_fixed:
            raise ValueError("a bad coin")
        put = "INSERT INTO {jar} VALUES (?, ?) ON CONFLICT DO UPDATE SET total = total + ?"
        amount = record.data.get("put", 0)
        tables.execute(put, (record.subject, amount, amount))


class Doubled(Jars):
    """Another version, that counts everything twice."""

    version = 2

    def apply(self, tables, record):
        for _ in range(2):
            super().apply(tables, record)


class Abroad(ElsewhereView):
    """The same in a store of its own, which can be out of reach, or vanish once it has written."""

    name = "abroad"
    hears = "jar.*"
    on_failure = OnFailure(retries=0)

    def __init__(self):
        self.data, self.at, self.fault = {}, None, None

    def position(self):
        if self.fault:
            raise OSError(self.fault)
        return self.at

    def store(self, before, after, records):
        if self.fault == "gone":
            raise OSError("gone")
        if before != self.at:
            raise PositionMoved(self.name, expected=before, actual=self.at)
        data = dict(self.data)
        for record in records:
            data[record.subject] = data.get(record.subject, 0) + record.data["put"]
        self.data, self.at = data, after
        if self.fault == "gone afterwards":
            raise OSError("gone afterwards")

    def read(self, subject):
        return self.data.get(subject)


def put(log, *amounts, jar="jar/a"):
    """Put coins into a jar, one record each; None is a bad one."""
    for amount in amounts:
        data = {"bad": True, "put": 1} if amount is None else {"put": amount}
        log.append("jar.filled", jar, data)


def answer(view):
    """Give what is in each jar."""
    if isinstance(view.view, View):
        return view.state
    return dict(view.read("SELECT name, total FROM {jar}"))


@pytest.fixture
def clock():
    made = VirtualClock()
    yield made
    made.close()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "log.wayfold")


@pytest.fixture(params=["memory", "file"])
def log(request, path, clock):
    if request.param == "memory":
        made = Log.memory(clock=clock.wall_ns)
    else:
        made = Log(SqliteStore(path, busy_ms=1), clock=clock.wall_ns)
    with made:
        yield made


@pytest.fixture
def runner(log, clock):
    with Runner(log, clock=clock) as made:
        yield made


@pytest.fixture
def world(path):
    made = World(path)
    yield made
    made.kill()
    made.clock.close()


@pytest.fixture
def shapes():
    """The classes, for those who vary them."""
    return SimpleNamespace(Alarms=Alarms, ByHand=ByHand, Deaf=Deaf, World=World)


@pytest.fixture
def jars():
    """Views of jars with coins, and what fills them."""
    return SimpleNamespace(
        Totals=Totals, Jars=Jars, Doubled=Doubled, Abroad=Abroad, put=put, answer=answer
    )
