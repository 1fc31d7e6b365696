"""A hypothesis state machine for processes of your own; hypothesis must be installed.

    class Alarms(ReactionMachine):
        facts = st.builds(Fact, st.sampled_from(["fault.raised", "fault.ended"]), ...)

        def make_process(self):
            return MyAlarms()

    TestAlarms = Alarms.TestCase

It appends, executes commands where there is a `decider`, kills, restarts, rebuilds, turns the clock
both ways, sleeps, loses hints, lets effects be done, fail, and be done without being recorded, and
parks and releases. After each step it checks what must hold for every decider, process and view.
The hooks `told`, `settled` and `done` tell what happened, in order, so that an oracle of your own,
which uses none of our folds, can say what should have been done: override `check` and `finish`.
"""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from wayfold.errors import CommandRejected
from wayfold.log import Decider, Fact, Log, Record
from wayfold.reactions.clock import VirtualClock
from wayfold.reactions.executor import Action, Call, Job
from wayfold.reactions.followed import FollowedView
from wayfold.reactions.process import Process
from wayfold.reactions.reacting import Reacting
from wayfold.reactions.reaction import OnFailure
from wayfold.reactions.runner import Runner
from wayfold.reactions.tables import Tables
from wayfold.reactions.view import TableView

__all__ = ["Ledger", "ReactionMachine"]


class Ledger(TableView):
    """Every record that it took, once each or not at all; refuses some subjects while told to."""

    name = "ledger"
    tables = ("ledger",)
    schema = "CREATE TABLE {ledger} (position INTEGER PRIMARY KEY, subject TEXT NOT NULL)"
    on_failure = OnFailure(retries=0)

    def __init__(self, refused: set[str]) -> None:
        self._refused = refused

    def apply(self, tables: Tables, record: Record) -> None:
        """Note a record; a second time breaks the table's key."""
        if record.subject in self._refused:
            raise ValueError(f"{record.subject} is refused")
        tables.execute("INSERT INTO {ledger} VALUES (?, ?)", (record.position, record.subject))


class _Hand:
    """An executor whose jobs wait for the machine."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def submit(self, job: Job) -> None:
        self.jobs.append(job)

    def close(self) -> None:
        self.jobs.clear()


class ReactionMachine(RuleBasedStateMachine):
    """Subclass it, say what is appended and which process is meant, and add an oracle."""

    facts: st.SearchStrategy[Fact] = st.builds(Fact, st.just("thing.happened"), st.just("thing/1"))
    decider: Decider[Any, Any] | None = None
    commands: st.SearchStrategy[tuple[str, Any]] = st.nothing()
    """Subjects and commands for the `decider`, if there is one."""
    actions: Sequence[str] = ("post",)
    longest_s: float = 1800.0
    """How far the clock is moved at once, in seconds."""

    def make_process(self) -> Process[Any]:
        """Give the process, as a program would at its start."""
        raise NotImplementedError

    def told(self, record: Record) -> None:
        """Hear of a fact that was appended."""

    def settled(self, wall_ns: int) -> None:
        """Hear that everything was done that could be done at a time of the wall clock."""

    def done(self, call: Call) -> None:
        """Hear that an effect reached the outside; whether it is recorded is another matter."""

    def check(self) -> None:
        """Compare with an oracle of yours, after each step."""

    def finish(self) -> None:
        """Compare with an oracle of yours, when time has passed and all was done."""

    # -- lives --------------------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Make a file, a clock and an outside that outlive every life."""
        self.folder = Path(tempfile.mkdtemp(prefix="wayfold-machine-"))
        self.clock = VirtualClock()
        self.refused: set[str] = set()
        self.bodies: dict[str, set[str]] = {}
        self._start()

    def _start(self) -> None:
        self.hand = _Hand()
        self.log = Log.open(self.folder / "log.wayfold", clock=self.clock.wall_ns)
        self.runner = Runner(
            self.log, executor=self.hand, clock=self.clock, chance=lambda: 1.0, at_once=2
        )
        nothing: Action = lambda call: None  # noqa: E731
        for action in self.actions:
            self.runner.perform(action, nothing)
        self.view: FollowedView = self.runner.follow(Ledger(self.refused))
        self.reacting: Reacting = self.runner.react(self.make_process())

    @rule(facts=st.data(), count=st.integers(1, 4))
    def append(self, facts: Any, count: int) -> None:
        """Append facts, and lose the hint."""
        for record in self.log.append_facts([facts.draw(self.facts) for _ in range(count)]):
            self.told(record)

    @precondition(lambda self: self.decider is not None)
    @rule(commands=st.data())
    def execute(self, commands: Any) -> None:
        """Execute a command, and lose the hint; to be rejected is an answer like any other."""
        subject, command = commands.draw(self.commands)
        try:
            records = self.log.execute(self._decider, subject, command)
        except CommandRejected:
            return
        for record in records:
            self.told(record)

    @property
    def _decider(self) -> Decider[Any, Any]:
        assert self.decider is not None
        return self.decider

    @rule()
    def turn(self) -> None:
        """Do one slice of what can be done."""
        self.runner.turn()

    @rule()
    def settle(self) -> None:
        """Do all that can be done."""
        self.runner.settle()
        self.settled(self.clock.wall_ns())

    @rule()
    def kill(self) -> None:
        """End without a word, and start again."""
        self.log.close()
        self._start()

    @rule()
    def restart(self) -> None:
        """End in good order, and start again."""
        self.runner.close()
        self.log.close()
        self._start()

    @rule()
    def rebuild(self) -> None:
        """Make the view anew, beside the one that answers."""
        if not self.view.is_rebuilding:
            self.view.rebuild()

    @rule(fraction=st.floats(0, 1), back=st.booleans(), sleeps=st.booleans())
    def move_clock(self, fraction: float, back: bool, sleeps: bool) -> None:
        """Let time pass, awake or asleep, or set the wall clock."""
        seconds = fraction * self.longest_s
        if back:
            self.clock.set_wall(-seconds)
        elif sleeps:
            self.clock.advance(seconds)
        else:
            self.clock.set_wall(seconds)

    # -- the outside --------------------------------------------------------------------------

    def _take(self) -> Job:
        job = self.hand.jobs.pop(0)
        job.durable()
        return job

    def _do(self, job: Job) -> None:
        self.bodies.setdefault(job.call.idempotency_key, set()).add(repr(job.call.arguments))
        self.done(job.call)

    @precondition(lambda self: self.hand.jobs)
    @rule()
    def do_effect(self) -> None:
        """Let an effect be done and recorded."""
        job = self._take()
        self._do(job)
        job.deliver({}, None)

    @precondition(lambda self: self.hand.jobs)
    @rule()
    def fail_effect(self) -> None:
        """Let an effect fail."""
        self._take().deliver(None, ConnectionError("no route"))

    @precondition(lambda self: self.hand.jobs)
    @rule()
    def do_effect_and_die(self) -> None:
        """Let an effect be done, and the program be killed before it is recorded."""
        self._do(self._take())
        self.kill()

    # -- failing ------------------------------------------------------------------------------

    @rule(facts=st.data())
    def refuse(self, facts: Any) -> None:
        """Let the view fail at a subject."""
        self.refused.add(facts.draw(self.facts).subject)

    @rule()
    def release(self) -> None:
        """Mend the view, and release what is parked."""
        self.refused.clear()
        for key in {parked.key for parked in self.view.parked}:
            self.view.release(key)

    # -- what always holds --------------------------------------------------------------------

    @invariant()
    def holds(self) -> None:
        """Check the log, the view, the process and the outside against what they promise."""
        if not hasattr(self, "log"):
            return
        positions = [record.position for record in self.log]
        assert positions == list(range(1, self.log.head + 1)), "positions have a gap"
        self._check_ledger()
        self._check_states()
        if self.decider is not None:
            self._check_decided()
        assert all(len(bodies) == 1 for bodies in self.bodies.values()), "one key, two bodies"
        self.check()

    def _check_ledger(self) -> None:
        taken = self.view.read("SELECT position, subject FROM {ledger} ORDER BY position")
        waiting = {parked.position for parked in self.view.parked}
        expected = [
            (record.position, record.subject)
            for record in self.log.records(until=self.view.position)
            if record.position not in waiting
        ]
        assert taken == expected, "the view has not seen every record exactly once"

    def _check_states(self) -> None:
        process = self.make_process()
        states: dict[str, Any] = {}
        for record in self.log.records(until=self.reacting.position):
            key = self.reacting.key(record)
            if key is not None:
                states[key] = process.fold(states.get(key, process.initial), record)
        live = {key: state for key, state in states.items() if state != process.initial}
        assert live == self.reacting.states, "the live states are not the fold of the log"

    def _check_decided(self) -> None:
        subjects: dict[str, Any] = {}
        for record in self.log:
            state = subjects.get(record.subject, self._decider.initial)
            subjects[record.subject] = self._decider.evolve(state, record)
        for subject, state in subjects.items():
            warm = self.log.state_of(self._decider, subject)
            assert warm == state, f"{subject} is decided by another state than its records make"

    def teardown(self) -> None:
        """Let time pass until nothing is left to do, and check for the last time."""
        if not hasattr(self, "log"):
            return
        try:
            self.release()
            for _ in range(200):
                self.settle()
                while self.hand.jobs:
                    self.do_effect()
                    self.settle()
                if not self.runner.pending() and not self.runner.deadlines():
                    break
                self.clock.advance(self.longest_s)
            assert not self.runner.pending(), "effects stay pending for ever"
            assert not self.runner.deadlines(), "deadlines stay open for ever"
            assert self.log.verify() == len(self.log)
            self.holds()
            self.finish()
        finally:
            self.log.close()
            self.clock.close()
            shutil.rmtree(self.folder)
