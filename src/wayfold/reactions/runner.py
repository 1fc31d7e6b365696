"""The runner: follows the log with views and processes, and acts when it has caught up."""

import random
import select
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import Any, Self

from wayfold.errors import LogUnusable, WaitTimeout
from wayfold.log import Log
from wayfold.log.batch import Batch
from wayfold.reactions.agenda import Agenda, OpenDeadline, PendingEffect, agenda_at
from wayfold.reactions.assignment import Assignment
from wayfold.reactions.clock import Clock, SystemClock
from wayfold.reactions.command import run_command
from wayfold.reactions.executor import Action, Executor, Threads
from wayfold.reactions.followed import AnyView, FollowedView
from wayfold.reactions.http import post
from wayfold.reactions.inbox import Inbox
from wayfold.reactions.outbox import Deed, Outbox
from wayfold.reactions.partitioned import Partitioned
from wayfold.reactions.process import Process
from wayfold.reactions.reacting import Reacting
from wayfold.reactions.reaction import Reaction, check

__all__ = ["Runner"]

_POLL_S = 0.25
_AGENDA = "agenda/1"
_HOLD_EVERY = 1000
_AGAIN_NS = 10**9
"""After which pause to look again where a turn has raised."""


class Runner:
    """Runs views and processes on a log, by the thread that the log belongs to.

    `turn` does what can be done now, `run` waits in between; inside another loop, wait for
    `fileno` to become readable and call `turn`. `poll_s` is how often to look without being told
    that something was appended: by default only where another process appends.
    """

    def __init__(
        self,
        log: Log,
        *,
        executor: Executor | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] = random.random,
        at_once: int = 4,
        poll_s: float | None = None,
    ) -> None:
        self.log = log
        self._clock = clock or SystemClock()
        self._owns_clock = clock is None
        self._executor = executor or Threads()
        self._inbox = Inbox()
        self._views: dict[str, FollowedView] = {}
        self._processes: dict[str, Reacting | Partitioned] = {}
        self._deeds = {"http.post": Deed(post, False), "command": Deed(run_command, False)}
        self._agenda = _recalled(log)
        self._outbox = Outbox(
            log,
            self._agenda,
            self._clock,
            self._executor,
            self._inbox,
            deeds=self._deeds,
            chance=chance,
            at_once=at_once,
        )
        self._poll_s = _POLL_S if poll_s is None and log.is_read_only else poll_s
        self._held = 0
        self._is_stopping = self._is_closed = False
        self._epoll = select.epoll()
        for descriptor in (self._inbox.fileno(), self._clock.fileno()):
            self._epoll.register(descriptor, select.EPOLLIN)
        log.listen(self._hint)

    # -- what runs ----------------------------------------------------------------------------

    def follow(self, view: AnyView, *, inline: bool = False) -> FollowedView:
        """Let a view follow the log, or change in the transaction of every append.

        A view in memory is made from the first record on; raises PositionCut where that has been
        dropped. Inline, an exception of the view's rejects the append. Raises ValueError where
        its name is taken.
        """
        self._check_free(view, self._views)
        made = FollowedView(self.log, view, self._clock, self._wait, is_inline=inline)
        self._views[view.name] = made
        self._inbox.ring()
        return made

    def react(self, process: Process[Any]) -> Reacting:
        """Let a process decide on every record; its states are folded from the log first."""
        made = Reacting(self._assignment(process))
        self._processes[process.name] = made
        self._inbox.ring()
        return made

    def split(self, process: Process[Any], parts: int, workers: Iterable[str]) -> Partitioned:
        """Let a process decide in parts by key, each thought about by one of some workers.

        Workers may join and leave at any time. Without any, nothing of it goes on.
        """
        made = Partitioned(self._assignment(process), parts, self._inbox.ring)
        self._processes[process.name] = made
        for name in workers:
            made.join(name)
        return made

    def _assignment(self, process: Process[Any]) -> Assignment:
        self._check_free(process, self._processes)
        if self.log.is_read_only:
            raise ValueError("a process writes what it decides: open the log for writing")
        self._agenda.catch_up(self.log)
        self._hold()
        return Assignment(process, self.log, self._agenda, self._deeds.keys(), self._clock)

    def perform(self, name: str, action: Action, *, here: bool = False) -> None:
        """Say how effects of a name are done; `here`: by the log's own thread, for all it takes."""
        self._deeds[name] = Deed(action, here)
        self._inbox.ring()

    def _check_free(self, reaction: Reaction, taken: dict[str, Any]) -> None:
        check(reaction)
        if reaction.name in taken:
            raise ValueError(f"{reaction.name} is there already; give each its own name")

    # -- what is to be done -------------------------------------------------------------------

    def pending(self, at: int | None = None) -> list[PendingEffect]:
        """Give the effects that are pending, or were at a position: a dry run, nothing is done.

        Raises IndexError on a position that is not there, PositionCut on one that was dropped; of a
        log that was cut, what had been required before the cut and is over now is not told.
        """
        return list(self._agenda_at(at).effects.values())

    def deadlines(self, at: int | None = None) -> list[OpenDeadline]:
        """Give the deadlines that are open, or were at a position."""
        return list(self._agenda_at(at).deadlines.values())

    def _agenda_at(self, at: int | None) -> Agenda:
        if at is not None:
            return agenda_at(self.log, at)
        self._agenda.catch_up(self.log)
        return self._agenda

    # -- doing it -----------------------------------------------------------------------------

    def turn(self) -> bool:
        """Do what can be done now, a page of records each; True where there is more to do at once.

        First come the answers of actions, then views and processes, and only for those that have
        caught up deadlines and effects. Raises ReactionFailed where one is to stand, LogUnusable.
        """
        self._clock.quiet()
        try:
            return self._turned()
        except BaseException:
            # The alarm may have been what led here. Whoever waits for the descriptor looks again.
            self._clock.arm(self._clock.wall_ns() + _AGAIN_NS)
            raise

    def _turned(self) -> bool:
        self._inbox.empty()
        more, now_ns = self._follow(), self._clock.wall_ns()
        waits = [self._outbox.overdue()]
        alarms: list[int | None] = []
        if self._processes:
            self._agenda.catch_up(self.log)
            more = self._expire(now_ns) or more
            # By the same time: what is due since then must ring, or nobody would look again.
            alarms = [self._outbox.begin(self._may_act), self._agenda.next_due_ns(now_ns)]
            if self._agenda.position - self._held >= _HOLD_EVERY:
                self._hold()
        more = more or any(each.lag and each.due_s == 0.0 for each in self._all())
        if more:
            self._inbox.ring()  # and the next turn sets the alarm
        else:
            self._arm(waits, alarms)
        return more

    def _hold(self) -> None:
        """Keep the records that what is open came from, from being cut."""
        self.log.hold("agenda", self._agenda.needed)
        self._held = self._agenda.position

    def _all(self) -> list[FollowedView | Reacting | Partitioned]:
        return [*self._views.values(), *self._processes.values()]

    def _follow(self) -> bool:
        if self.log.is_read_only:
            try:
                self.log.refresh()
            except LogUnusable as error:
                for view in self._views.values():
                    view.stay(error)
                return False
            for view in self._views.values():
                view.go_on()
        found = [each.step() for each in self._all()]
        return any(found)

    def _expire(self, now_ns: int) -> bool:
        """End what is due, each by a process that has seen everything before it."""
        found = False
        for deadline in self._agenda.due(now_ns):
            process = self._processes.get(deadline.process)
            if process is None:
                continue
            while process.step():
                pass
            # What came before in this loop may have changed or cancelled this one.
            is_same = self._agenda.deadlines.get(deadline.subject) == deadline
            if is_same and process.may_act(deadline.key):
                process.expire(deadline)
                found = True
        return found

    def _may_act(self, process: str, key: str) -> bool:
        found = self._processes.get(process)
        return found is not None and found.may_act(key)

    def _arm(self, waits: list[float | None], alarms: list[int | None]) -> None:
        """Ring when the first of some seconds have passed, or at the first of some times."""
        # Asked for the time before it is asked how long: rather too early than too late.
        now_ns = self._clock.wall_ns()
        waits = [*waits, self._poll_s or None, *(each.due_s for each in self._all())]
        alarms += [now_ns + round(wait * 10**9) for wait in waits if wait is not None]
        self._clock.arm(min((at for at in alarms if at is not None), default=None))

    def settle(self) -> None:
        """Turn until there is nothing more to do at once."""
        while self.turn():
            pass

    # -- waiting ------------------------------------------------------------------------------

    def fileno(self) -> int:
        """Give one descriptor that is readable whenever `turn` has something to do."""
        return self._epoll.fileno()

    def run(self, timeout: float | None = None, until: Callable[[], object] | None = None) -> bool:
        """Turn whenever there is something to do, until `stop`, `until()` or for some seconds.

        Gives False where the time was up. Raises as `turn` does, and KeyboardInterrupt on Ctrl-C.
        """
        try:
            return self._is_stopping or self._turn_until(
                lambda: (until is not None and until()) or self._is_stopping, timeout
            )
        finally:
            self._is_stopping = False

    def _turn_until(self, is_so: Callable[[], object], timeout: float | None) -> bool:
        """Turn at least once, until something is so; False where the time was up."""
        end_s = None if timeout is None else time.monotonic() + timeout
        while True:
            self.turn()
            if is_so():
                return True
            left_s = None if end_s is None else end_s - time.monotonic()
            if left_s is not None and left_s <= 0:
                return False
            self._epoll.poll(left_s)

    def stop(self) -> None:
        """End `run`, or the next one; from any thread and any signal handler."""
        self._is_stopping = True
        self._inbox.ring()

    def call(self, function: Callable[[], object]) -> None:
        """Have the log's thread call a function in its next turn; from any thread."""
        self._inbox.put(function)

    def _wait(self, is_so: Callable[[], bool], timeout: float | None, what: str) -> None:
        """Wait on when told to stop, as `client.wait_until` does: the next `run` ends by that."""
        if not is_so() and not self._turn_until(is_so, timeout):
            raise WaitTimeout(what, timeout or 0.0)

    def _hint(self, first: int, batch: Batch, derived: object) -> None:
        self._inbox.ring()

    # -- the end ------------------------------------------------------------------------------

    def close(self) -> None:
        """Write how far everything has come, and end; what is under way is attempted again.

        The log stays open. Again it does nothing.
        """
        if self._is_closed:
            return
        self._is_closed = True
        self.log.unlisten(self._hint)
        self._executor.close()
        with ExitStack() as closing:  # each of them, whatever another one raises
            if self._owns_clock:
                closing.callback(self._clock.close)
            closing.callback(self._inbox.close)
            closing.callback(self._epoll.close)
            closing.callback(_keep, self.log, self._agenda)
            for each in self._all():
                closing.callback(each.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _recalled(log: Log) -> Agenda:
    found = log.snapshot(_AGENDA)
    try:
        agenda = Agenda.load(*found) if found else Agenda()
    except ValueError:
        agenda = Agenda()
    agenda.catch_up(log)
    return agenda


def _keep(log: Log, agenda: Agenda) -> None:
    """Keep what is open, and the records that it came from."""
    if log.is_writable:
        agenda.catch_up(log)
        log.keep_snapshot(agenda.position, _AGENDA, agenda.dump())
        log.hold("agenda", agenda.needed)
