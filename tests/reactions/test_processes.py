"""Processes, their deadlines and effects: decided on once, done at least once, recorded always."""

import pytest

from wayfold.log import Fact, Log
from wayfold.reactions import (
    CancelDeadline,
    Effect,
    EffectRefused,
    OnFailure,
    Process,
    Retry,
    Runner,
    SetDeadline,
    View,
)

MINUTE_S = 60.0


def raise_fault(world, subject="fault/a"):
    world.log.append("fault.raised", subject)
    world.runner.settle()


def end_fault(world, subject="fault/a"):
    world.log.append("fault.ended", subject)
    world.runner.settle()


def pass_time(world, minutes):
    world.clock.advance(minutes * MINUTE_S)
    world.runner.settle()


def do(world, error=None):
    world.hand.run(error)
    world.runner.settle()


def test_s3_what_stays_open_is_reported_once(world):
    world.start()
    raise_fault(world)
    pass_time(world, 14.9)
    assert world.hand.jobs == []
    pass_time(world, 0.1)
    do(world)
    pass_time(world, 60)

    assert [about for _, about in world.sent] == [{"about": "fault/a"}]
    assert world.names("deadline.", "effect.") == [
        "deadline.set",
        "deadline.expired",
        "effect.required",
        "effect.attempted",
        "effect.done",
    ]
    assert world.runner.pending() == world.runner.deadlines() == []


def test_the_end_of_a_deadline_and_what_follows_are_one_transaction(world):
    world.start()
    raise_fault(world)
    together = []
    world.log.listen(lambda first, batch, derived: together.append((first, len(batch))))
    pass_time(world, 15)

    names = [record.name for record in world.log]
    assert (names.index("deadline.expired") + 1, 2) in together


def test_s3_what_ends_in_time_is_never_reported(world):
    world.start()
    raise_fault(world)
    pass_time(world, 14)
    end_fault(world)
    pass_time(world, 60)

    assert world.hand.jobs == []
    assert world.names("deadline.", "effect.") == ["deadline.set", "deadline.cancelled"]


def test_what_ended_while_nobody_looked_is_not_reported_after_a_restart(world):
    world.start()
    raise_fault(world)
    world.kill()
    with Log.open(world.path, clock=world.clock.wall_ns) as log:
        log.append("fault.ended", "fault/a")
    world.clock.advance(60 * MINUTE_S)
    world.start()

    assert world.hand.jobs == []
    assert "deadline.expired" not in world.names("deadline.")


def test_what_was_overdue_while_nobody_looked_is_done_after_a_restart(world):
    world.start()
    raise_fault(world)
    world.kill()
    world.clock.advance(60 * MINUTE_S)
    world.start()
    do(world)

    assert len(world.sent) == 1


def test_an_effect_is_cancelled_while_it_waits(world):
    world.start()
    raise_fault(world)
    pass_time(world, 15)
    do(world, ConnectionError("no route"))
    assert [effect.attempts for effect in world.runner.pending()] == [1]
    end_fault(world)
    pass_time(world, 600)

    assert world.hand.jobs == world.sent == []
    assert world.names("effect.")[-2:] == ["effect.failed", "effect.cancelled"]


def test_an_effect_that_was_done_after_all_is_recorded(world):
    world.start()
    raise_fault(world)
    pass_time(world, 15)
    end_fault(world)
    do(world)

    assert world.names("effect.")[-2:] == ["effect.cancelled", "effect.done"]
    assert world.runner.pending() == []


def test_failures_are_retried_after_growing_pauses_with_the_same_key(world):
    world.start(chance=lambda: 1.0)
    raise_fault(world)
    pass_time(world, 15)
    for pause_s in (1, 2, 4):
        do(world, ConnectionError("no route"))
        world.clock.advance(pause_s - 0.01)
        world.runner.settle()
        assert world.hand.jobs == []
        world.clock.advance(0.01)
        world.runner.settle()
        assert len(world.hand.jobs) == 1
    keys = {job.call.idempotency_key for job in world.hand.jobs}
    do(world)

    assert keys == {key for key, _ in world.sent}
    failed = [record.data for record in world.log if record.name == "effect.failed"]
    assert [data["attempt"] for data in failed] == [1, 2, 3]
    assert failed[0]["error"] == "ConnectionError: no route"


class Once(Process):
    """Sends a letter for every stamp, three times at most."""

    name = "letters"
    hears = "stamp.*"
    initial = 0

    def key(self, record):
        return record.data.get("to", "nobody")

    def fold(self, state, record):
        return state + 1

    def decide(self, state, record):
        if record.name == "stamp.bought":
            retry = Retry(attempts=3, timeout_s=5.0)
            yield Effect("post", {"to": self.key(record), "nth": state}, retry=retry)


def buy(world, *to):
    for each in to:
        world.log.append("stamp.bought", "shop", {"to": each})
    world.runner.settle()


def test_an_effect_is_given_up_after_its_last_attempt(world):
    world.start(Once())
    buy(world, "anna")
    for _ in range(3):
        do(world, TimeoutError("slow"))
        pass_time(world, 10)

    assert world.hand.jobs == []
    assert world.names("effect.")[-1] == "effect.gave_up"
    assert world.log[-1].data["error"] == "TimeoutError: slow"


def test_an_effect_that_is_refused_is_given_up_at_once(world):
    world.start(Once())
    buy(world, "anna")
    do(world, EffectRefused("there is no anna"))

    assert world.names("effect.") == ["effect.required", "effect.attempted", "effect.gave_up"]


class Untold(Exception):
    def __str__(self):
        raise RuntimeError("nothing can be said")


@pytest.mark.parametrize("error", [Untold(), ValueError("caf\udce9")], ids=["untold", "no text"])
def test_an_error_that_cannot_be_told_is_recorded_all_the_same(world, error):
    world.start(Once())
    buy(world, "anna")
    do(world, error)

    assert world.names("effect.")[-1] == "effect.failed"
    assert type(error).__name__ in world.log[-1].data["error"]


@pytest.mark.parametrize(
    "answer", ["ok", 200, {"at": object()}, {"n": float("nan")}, {1: 2}, {"name": "caf\udce9"}]
)
def test_what_was_done_is_recorded_whatever_was_answered(world, answer):
    world.start(Once())
    buy(world, "anna")
    world.hand.jobs.pop().deliver(answer, None)
    world.runner.settle()

    assert world.names("effect.")[-1] == "effect.done"
    assert world.log[-1].data["result"] == {}
    assert "Error" in world.log[-1].data["unrecorded"]
    assert not world.runner.pending()


def test_effects_of_a_key_are_done_in_order_and_keys_side_by_side(world):
    world.start(Once())
    buy(world, "anna", "anna", "ben")
    assert [job.call.arguments["to"] for job in world.hand.jobs] == ["anna", "ben"]
    do(world, ConnectionError("no route"))
    do(world)
    assert world.hand.jobs == []
    pass_time(world, 1)
    do(world)
    do(world)

    assert [(about["to"], about["nth"]) for _, about in world.sent] == [
        ("ben", 1),
        ("anna", 1),
        ("anna", 2),
    ]


def test_only_so_many_are_done_at_once(world):
    world.start(Once(), at_once=2)
    buy(world, *"abcde")
    assert len(world.hand.jobs) == 2
    do(world)

    assert len(world.hand.jobs) == 2
    assert world.names("effect.attempted") == ["effect.attempted"] * 3


def test_one_that_does_not_come_back_is_tried_again_and_may_still_be_done(world):
    world.start(Once())
    buy(world, "anna")
    late = world.hand.jobs.pop()
    world.clock.advance(6.0)
    world.runner.settle()
    assert world.log[-1].data["error"] == "TimeoutError: no answer within 5 s"
    world.hand.jobs.append(late)
    do(world)
    pass_time(world, 60)

    assert world.names("effect.")[-2:] == ["effect.failed", "effect.done"]
    assert world.hand.jobs == []


def test_cancelling_a_deadline_that_is_gone_is_nothing(world):
    class Careful(Once):
        def decide(self, state, record):
            if record.name.startswith("stamp."):
                yield CancelDeadline("answer")
                yield SetDeadline("answer", record.time_ns + 1)
                yield CancelDeadline("answer")
                yield CancelDeadline("answer")

    world.start(Careful())
    buy(world, "anna")

    assert world.names("deadline.") == ["deadline.set", "deadline.cancelled"]
    assert world.reacting.parked == []


def test_a_deadline_that_is_set_again_is_due_at_the_later_time(world):
    world.start()
    raise_fault(world)
    pass_time(world, 10)
    raise_fault(world)
    pass_time(world, 10)
    assert world.hand.jobs == []
    pass_time(world, 5)

    assert len(world.hand.jobs) == 1


@pytest.mark.parametrize("jump_minutes", [-120, -16, -1, 1, 20])
def test_a_clock_that_jumps_fires_none_twice_and_loses_none(world, jump_minutes):
    world.start()
    raise_fault(world)
    pass_time(world, 5)
    world.clock.set_wall(jump_minutes * MINUTE_S)
    world.runner.settle()
    pass_time(world, 130)
    world.clock.set_wall(-60 * MINUTE_S)
    world.start()
    do(world)
    pass_time(world, 120)

    assert len(world.sent) == 1
    assert world.names("deadline.expired") == ["deadline.expired"]
    assert world.hand.jobs == []


def test_nobody_wakes_up_before_the_first_of_many_deadlines(world):
    world.start()
    for number in range(1000):
        world.log.append("fault.raised", f"fault/{number}")
        world.clock.advance(0.001)
    world.runner.settle()
    first = min(deadline.due_ns for deadline in world.runner.deadlines())

    assert world.clock.armed == first
    assert not world.runner.turn()


def test_no_effect_is_done_before_what_it_follows_from_is_on_disk(world):
    world.start()
    raise_fault(world)
    pass_time(world, 15)
    assert world.log.durable < world.log.head
    do(world)

    required = next(r for r in world.log if r.name == "effect.required")
    assert world.log.durable >= required.position


def test_replay_a_new_version_and_a_dry_run_do_nothing(world):
    class Newer(type(world.start() or world.reacting.process)):
        version = 2

        def fold(self, state, record):
            return super().fold(state, record)

    raise_fault(world)
    pass_time(world, 15)
    do(world)
    head = world.log.head
    world.start(Newer())
    pass_time(world, 600)

    assert world.hand.jobs == []
    assert world.log.head == head
    assert world.reacting.state("fault/a") == "reported"
    would = world.runner.pending(at=4)
    assert [(effect.name, effect.arguments) for effect in would] == [
        ("report", {"about": "fault/a"})
    ]
    assert would[0].idempotency_key == world.sent[0][0]


def test_an_effect_that_was_required_in_another_life_is_not_required_again(world):
    world.start()
    raise_fault(world)
    pass_time(world, 15)
    do(world)
    world.log.write(lambda beside: beside.hold("process/alarms", 0))
    world.start()
    world.clock.advance(0)

    assert world.names("effect.required") == ["effect.required"]
    assert len(world.sent) == 1


def test_a_process_may_begin_at_the_head(world):
    class Late(Once):
        since = "head"

    with Log.open(world.path) as log:
        log.append("stamp.bought", "shop", {"to": "anna"})
    world.start(Late())
    assert world.hand.jobs == []
    buy(world, "anna")
    world.start(Late())

    assert [job.call.arguments["nth"] for job in world.hand.jobs] == [2]


def test_a_process_decides_on_what_was_there_before_its_first_start(world):
    with Log.open(world.path) as log:
        log.append("stamp.bought", "shop", {"to": "anna"})
    world.start(Once())

    assert len(world.hand.jobs) == 1


def test_several_facts_of_several_subjects_meet_in_one_key(world):
    class Dispatch(Process):
        name, hears, initial = "dispatch", ("order.*", "parcel.*"), ()

        def key(self, record):
            return record.data["order"]

        def fold(self, state, record):
            return state if record.name.startswith("effect.") else (*state, record.name)

        def decide(self, state, record):
            if set(state) == {"order.paid", "parcel.packed"} and "effect" not in record.name:
                yield Effect("post", {"send": self.key(record)})

    world.start(Dispatch())
    world.log.append("parcel.packed", "parcel/9", {"order": "o1"})
    world.log.append("order.paid", "order/o2", {"order": "o2"})
    world.runner.settle()
    assert world.hand.jobs == []
    world.log.append("order.paid", "order/o1", {"order": "o1"})
    world.runner.settle()

    assert [job.call.arguments for job in world.hand.jobs] == [{"send": "o1"}]


# -- failing ----------------------------------------------------------------------------------


class Clumsy(Once):
    """Falls over the name of Bert, as long as nobody picks him up."""

    on_failure = OnFailure(retries=0)
    is_fixed = False

    def decide(self, state, record):
        if self.key(record) == "bert" and not self.is_fixed:
            raise ValueError("bert?")
        yield from super().decide(state, record)


def test_a_key_that_fails_is_parked_and_others_go_on(world):
    clumsy = Clumsy()
    world.start(clumsy)
    buy(world, "anna", "bert", "carl", "bert")

    assert [job.call.arguments["to"] for job in world.hand.jobs] == ["anna", "carl"]
    assert [(p.position, p.key) for p in world.reacting.parked] == [(2, "bert"), (4, "bert")]
    world.start(clumsy)
    assert world.reacting.state("bert") == 0
    clumsy.is_fixed = True
    assert world.reacting.release("bert") == 2
    world.runner.settle()
    assert [(j.call.arguments["to"], j.call.arguments["nth"]) for j in world.hand.jobs] == [
        ("anna", 1),
        ("carl", 1),
        ("bert", 1),
    ]
    world.stop()
    world.start(clumsy)
    assert world.reacting.state("bert") >= 2


def test_a_release_moves_no_position(world):
    clumsy = Clumsy()
    world.start(clumsy)
    buy(world, "bert")
    world.log.append("lamp.lit", "lamp/1")
    world.runner.settle()
    clumsy.is_fixed = True
    world.reacting.release("bert")
    buy(world, "anna")

    assert world.reacting.lag == 0
    assert world.reacting.failure is None


def test_states_that_are_kept_by_a_release_are_those_of_the_next_start(world):
    clumsy = Clumsy()
    world.start(clumsy)
    buy(world, "bert")
    world.log.append("lamp.lit", "lamp/1")
    world.runner.settle()
    clumsy.is_fixed = True
    world.reacting.release("bert")
    state, position = world.reacting.state("bert"), world.log.head
    kept = world.log.read("SELECT position FROM snapshot WHERE model LIKE 'process/%'")
    held = world.log.read("SELECT position FROM hold WHERE name = 'process/letters'")
    world.start(clumsy)

    assert kept == held
    assert world.reacting.state("bert") >= state == 1
    assert world.log.head >= position


def test_what_was_dropped_stays_out_of_the_state(world):
    clumsy = Clumsy()
    world.start(clumsy)
    buy(world, "bert", "bert")
    assert world.reacting.drop("bert") == 2
    clumsy.is_fixed = True
    buy(world, "bert")
    world.start(clumsy)

    assert [job.call.arguments["nth"] for job in world.hand.jobs] == [1]


def test_an_expiry_that_cannot_be_decided_is_parked_and_released(world, shapes):
    class Shaky(shapes.Alarms):
        on_failure = OnFailure(retries=0)
        is_fixed = False

        def decide(self, state, record):
            if record.name == "deadline.expired" and not self.is_fixed:
                raise ValueError("what now?")
            yield from super().decide(state, record)

    shaky = Shaky()
    world.start(shaky)
    raise_fault(world)
    pass_time(world, 15)
    assert [parked.error for parked in world.reacting.parked] == ["ValueError: what now?"]
    shaky.is_fixed = True
    world.reacting.release("fault/a")
    world.runner.settle()
    do(world)

    assert len(world.sent) == 1
    assert world.names("deadline.expired") == ["deadline.expired"]


class Full(View):
    """Has no room for what is noted."""

    name, hears, initial = "full", "fault.noted", 0

    def fold(self, state, record):
        raise ValueError("no room")


def test_an_expiry_whose_outcome_is_rejected_is_parked_and_others_go_on(world, shapes):
    class Noting(shapes.Alarms):
        on_failure = OnFailure(retries=0)

        def decide(self, state, record):
            yield from super().decide(state, record)
            if record.name == "deadline.expired" and record.data["key"] == "fault/a":
                yield Fact("fault.noted", "note")

    world.start(Noting())
    world.runner.follow(Full(), inline=True)
    raise_fault(world)
    raise_fault(world, "fault/b")
    pass_time(world, 15)
    do(world)

    assert [parked.key for parked in world.reacting.parked] == ["fault/a"]
    assert [arguments for _, arguments in world.sent] == [{"about": "fault/b"}]


def test_what_a_listener_raises_ends_a_deadline_once(world):
    armed = []

    def listen(first, batch, derived):
        if armed and world.log[-1].name.startswith(("deadline.expired", "effect.required")):
            armed.clear()
            raise OverflowError("a listener's own")

    world.start()
    raise_fault(world)
    world.log.listen(listen)
    armed.append(True)
    with pytest.raises(OverflowError):
        pass_time(world, 15)
    world.runner.settle()

    assert world.names("deadline.", "effect.required") == [
        "deadline.set",
        "deadline.expired",
        "effect.required",
    ]


def test_a_parked_key_holds_its_deadlines_and_effects_back(world):
    clumsy = Clumsy()
    world.start(clumsy)
    buy(world, "anna")
    do(world, ConnectionError("no route"))
    clumsy.key = lambda record: "anna"
    clumsy.decide = lambda state, record: 1 / 0
    buy(world, "anna")
    pass_time(world, 60)

    assert world.hand.jobs == []
    world.reacting.drop("anna")
    world.runner.settle()
    assert len(world.hand.jobs) == 1


def test_an_action_nobody_can_do_is_told(world):
    class Strange(Once):
        on_failure = OnFailure(retries=0)

        def decide(self, state, record):
            yield Effect("fly")

    world.start(Strange())
    buy(world, "anna")

    assert "no action 'fly' is known here, there are: command, http.post, post" in (
        world.reacting.parked[0].error
    )


def test_an_effect_that_follows_from_itself_is_parked_before_it_goes_on_without_end(world):
    class Endless(Once):
        on_failure = OnFailure(retries=0)

        def decide(self, state, record):
            yield Effect("post", {"to": "anna"})

    world.start(Endless())
    buy(world, "anna")

    (parked,) = world.reacting.parked[:1]
    assert "requires 'post' about the effect.required of it, and so without end" in parked.error
    assert world.names("effect.") == ["effect.required"]


def test_a_process_needs_a_log_that_it_can_write_to(path):
    Log.open(path).close()
    refused = pytest.raises(ValueError, match="open the log for writing")
    with Log.open(path, read_only=True) as log, Runner(log) as runner, refused:
        runner.react(Once())


def test_states_are_kept_for_the_next_start_and_folded_where_the_code_changed(world):
    world.start(Once())
    buy(world, *["anna"] * 20)
    for _ in range(20):
        do(world)
    expected = world.reacting.states
    world.stop()
    folded = []

    class Watched(Once):
        def fold(self, state, record):
            folded.append(record.position)
            return super().fold(state, record)

    for _ in range(2):
        world.start(Watched())
        assert world.reacting.states == expected
        world.stop()

    assert folded == sorted(set(folded)) != []
