"""Parts of a process over workers that come, go and die: order per key, no late write."""

import random
import threading

import pytest

from wayfold.errors import PositionMoved
from wayfold.log import Fact, Log
from wayfold.reactions import Effect, OnFailure, Process, Runner
from wayfold.reactions.agenda import Agenda
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.home import Busy
from wayfold.reactions.part_home import PartHome
from wayfold.reactions.partition import Lease, Part
from wayfold.reactions.worker import Worker

KEYS = [f"device/{number}" for number in range(24)]


class Counting(Process):
    """Notes for every record of a device what came before it; tells when a device is full."""

    name, hears, initial = "counting", "device.*", ()
    on_failure = OnFailure(retries=0)

    def __init__(self, wait=lambda record: None):
        self._wait = wait

    def fold(self, state, record):
        return (*state, record.data["n"]) if record.name == "device.told" else state

    def decide(self, state, record):
        self._wait(record)
        if record.name == "device.told":
            yield Fact(
                "device.noted", record.subject, {"n": record.data["n"], "so_far": len(state)}
            )
            if len(state) == 10:
                yield Effect("post", {"full": record.subject})


def tell(log, numbers, keys=KEYS):
    log.append_facts(Fact("device.told", key, {"n": number}) for number in numbers for key in keys)


def catch_up(runner, split):
    assert runner.run(timeout=30, until=lambda: split.lag == 0 and not runner.pending())


def notes(log):
    found = {key: [] for key in KEYS}
    for record in log.records(name="device.noted"):
        found[record.subject].append((record.data["n"], record.data["so_far"]))
    return found


@pytest.fixture(params=["memory", "file"])
def log(request, path):
    with Log.memory() if request.param == "memory" else Log.open(path) as made:
        yield made


def test_every_key_is_decided_on_in_order_by_one_worker_at_a_time(log):
    sent = []
    with Runner(log) as runner:
        runner.perform("post", lambda call: sent.append(call.arguments["full"]), here=True)
        split = runner.split(Counting(), 8, ["w1", "w2", "w3"])
        tell(log, range(12))
        catch_up(runner, split)

        assert set(split.owners) == set(range(8))
        assert all(noted == [(n, n + 1) for n in range(12)] for noted in notes(log).values())
        assert sorted(sent) == sorted(KEYS)
        assert split.states == {key: tuple(range(12)) for key in KEYS}


@pytest.mark.parametrize("seed", range(6))
def test_order_holds_while_workers_join_leave_and_die(log, seed):
    chance, alive = random.Random(seed), ["w0"]
    with Runner(log) as runner:
        runner.perform("post", lambda call: None, here=True)
        split = runner.split(Counting(), 5, alive)
        for round_number in range(15):
            tell(log, [round_number])
            for _ in range(chance.randint(0, 3)):
                runner.turn()
            if chance.random() < 0.4:
                alive.append(f"w{round_number + 1}")
                split.join(alive[-1])
            if len(alive) > 1 and chance.random() < 0.4:
                split.leave(alive.pop(chance.randrange(len(alive))))
        catch_up(runner, split)

    assert all(noted == [(n, n + 1) for n in range(15)] for noted in notes(log).values())
    full = [r.data["arguments"]["full"] for r in log.records(name="effect.required")]
    assert sorted(full) == sorted(KEYS)


def test_a_worker_that_hangs_is_left_behind_and_its_late_answer_counts_for_nothing(log):
    hangs, goes_on = threading.Event(), threading.Event()

    def wait(record):
        if threading.current_thread().name == "worker slow":
            hangs.set()
            goes_on.wait(30)

    with Runner(log) as runner:
        runner.perform("post", lambda call: None, here=True)
        split = runner.split(Counting(wait), 4, ["slow"])
        tell(log, [0])
        runner.turn()
        assert hangs.wait(30)
        split.join("quick")
        split.leave("slow")
        catch_up(runner, split)
        goes_on.set()
        tell(log, [1])
        catch_up(runner, split)

    assert all(noted == [(0, 1), (1, 2)] for noted in notes(log).values())


def test_the_former_owner_cannot_write(log, clock):
    worker, part, agenda = Worker("w"), Part("counting", 0, 1), Agenda()

    def owner(name):
        return PartHome(
            Assignment(Counting(), log, agenda, ("post",), clock),
            lease=Lease(log, part, name),
            worker=worker,
            ring=thought.release,
        )

    thought = threading.Semaphore(0)
    former = owner("w1")
    (record,) = log.append_facts([Fact("device.told", KEYS[0], {"n": 0})])
    with pytest.raises(Busy):
        former.advance(record.position, (record,))
    assert thought.acquire(timeout=30)
    later = owner("w2")
    with pytest.raises(PositionMoved, match="partition/counting/0of1 was expected at position 1"):
        former.advance(record.position, (record,))
    assert notes(log)[KEYS[0]] == []
    with pytest.raises(Busy):
        later.advance(record.position, (record,))
    assert thought.acquire(timeout=30)
    later.advance(record.position, (record,))
    worker.close()

    assert notes(log)[KEYS[0]] == [(0, 1)]


def test_leases_are_records_with_growing_epochs(log):
    with Runner(log) as runner:
        split = runner.split(Counting(), 2, ["w1"])
        split.join("w2")
        split.leave("w1")

    leases = [(r.subject, r.version, r.data) for r in log.records(name="partition.leased")]
    assert all(version == data["epoch"] for _, version, data in leases)
    assert leases[-1][2]["worker"] == "w2"


def test_without_workers_nothing_goes_on_and_nothing_is_lost(log):
    with Runner(log) as runner:
        runner.perform("post", lambda call: None, here=True)
        split = runner.split(Counting(), 2, [])
        tell(log, [0])
        runner.settle()
        assert notes(log)[KEYS[0]] == []
        split.join("w1")
        catch_up(runner, split)

        assert notes(log)[KEYS[0]] == [(0, 1)]


def test_a_key_that_fails_is_parked_in_its_part_and_others_go_on(log):
    def wait(record):
        if record.subject == KEYS[3] and not fixed:
            raise ValueError("not this one")

    fixed = []
    with Runner(log) as runner:
        runner.perform("post", lambda call: None, here=True)
        split = runner.split(Counting(wait), 2, ["w1", "w2"])
        tell(log, [0, 1])
        catch_up(runner, split)
        assert [parked.key for parked in split.parked] == [KEYS[3]] * 2
        fixed.append(True)
        assert split.release(KEYS[3]) == 2
        catch_up(runner, split)

    assert all(noted == [(0, 1), (1, 2)] for noted in notes(log).values())


def test_what_ends_the_program_ends_it_from_a_worker_too(log):
    def end(record):
        raise SystemExit(3)

    with Runner(log) as runner:
        runner.split(Counting(end), 2, ["w1"])
        tell(log, [0])
        with pytest.raises(SystemExit):
            runner.run(timeout=30)


class Interrupted(BaseException):
    """Raised by a signal's handler, wherever it comes."""


class Stumbling(Worker):
    """Is interrupted before it has been given its first task."""

    has_stumbled = False

    def submit(self, task):
        if not self.has_stumbled:
            self.has_stumbled = True
            raise Interrupted
        super().submit(task)


def test_a_part_asks_again_when_it_was_interrupted_in_asking(log, clock):
    worker, thought = Stumbling("w"), threading.Semaphore(0)
    home = PartHome(
        Assignment(Counting(), log, Agenda(), ("post",), clock),
        lease=Lease(log, Part("counting", 0, 1), "w"),
        worker=worker,
        ring=thought.release,
    )
    (record,) = log.append_facts([Fact("device.told", KEYS[0], {"n": 0})])
    with pytest.raises(Interrupted):
        home.advance(record.position, (record,))
    assert not home.is_busy
    with pytest.raises(Busy):
        home.advance(record.position, (record,))
    assert thought.acquire(timeout=30)
    home.advance(record.position, (record,))
    worker.close()

    assert notes(log)[KEYS[0]] == [(0, 1)]
