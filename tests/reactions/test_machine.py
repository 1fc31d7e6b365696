"""The state machine that users are offered, against an oracle that uses none of our folds."""

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from wayfold.errors import CommandRejected
from wayfold.log import Fact
from wayfold.reactions.machine import ReactionMachine

MINUTE_NS = 60 * 10**9
EXAMPLES = int(os.environ.get("WAYFOLD_EXAMPLES", "25"))
RUN = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


class Oracle:
    """Plain variables: which faults are open since when, and what had to be reported."""

    def __init__(self):
        self.due = {}
        self.open = {}
        self.unseen = []
        self.required = []
        self.sent = []

    def see(self):
        """Facts are only acted upon when somebody looks: then all of them, before the clock."""
        for record in self.unseen:
            fault = record.subject
            if record.name == "fault.raised":
                self.open[fault] = record.position
                self.due[fault] = record.time_ns + 15 * MINUTE_NS
            else:
                self.open.pop(fault, None)
                self.due.pop(fault, None)
        self.unseen = []

    def look(self, wall_ns):
        self.see()
        for fault, due_ns in list(self.due.items()):
            if due_ns <= wall_ns:
                self.required.append(fault)
                del self.due[fault]


class Raising:
    """A fault is raised where it is not, and ended where it is."""

    initial = False

    def decide(self, is_open, command):
        if is_open == (command == "fault.raised"):
            raise CommandRejected("it is so")
        return [Fact(command)]

    def evolve(self, is_open, record):
        return {"fault.raised": True, "fault.ended": False}.get(record.name, is_open)


def machine(alarms):
    """Give the machine for a process such as Alarms."""

    class Alarms(ReactionMachine):
        facts = st.builds(
            Fact,
            st.sampled_from(["fault.raised", "fault.raised", "fault.ended", "lamp.lit"]),
            st.sampled_from(["fault/a", "fault/b", "fault/c"]),
        )

        decider = Raising()
        commands = st.tuples(
            st.sampled_from(["fault/a", "fault/d"]),
            st.sampled_from(["fault.raised", "fault.ended"]),
        )

        def __init__(self):
            super().__init__()
            self.oracle = Oracle()

        def make_process(self):
            return alarms()

        def told(self, record):
            if record.name.startswith("fault."):
                self.oracle.unseen.append(record)

        def settled(self, wall_ns):
            self.oracle.look(wall_ns)

        def turn(self):
            """Not here: the oracle looks when all was done, not in between."""

        def done(self, call):
            self.oracle.sent.append((call.idempotency_key, call.arguments["about"]))

        def check(self):
            required = [r.data["key"] for r in self.log if r.name == "effect.required"]
            assert sorted(required) == sorted(self.oracle.required)

        def finish(self):
            cancelled = {r.subject for r in self.log if r.name == "effect.cancelled"}
            keys = dict(self.oracle.sent)
            required = [r for r in self.log if r.name == "effect.required"]
            for record in required:
                was_sent = record.data["idempotency_key"] in keys
                assert was_sent or record.subject in cancelled
            assert keys.keys() <= {r.data["idempotency_key"] for r in required}

    return Alarms


def test_the_alarms_withstand_everything(shapes):
    run_state_machine_as_test(machine(shapes.Alarms), settings=RUN)


def test_it_finds_a_process_that_does_not_ask_again(shapes):
    class Hasty(shapes.Alarms):
        def fold(self, state, record):
            return "open" if record.name == "fault.ended" else super().fold(state, record)

        def decide(self, state, record):
            for outcome in super().decide(state, record):
                if type(outcome).__name__ != "CancelDeadline":
                    yield outcome

    assert is_found(machine(Hasty))


def is_found(broken):
    try:
        run_state_machine_as_test(
            broken, settings=settings(RUN, max_examples=200, phases=[Phase.generate])
        )
    except Exception:
        return True
    return False
