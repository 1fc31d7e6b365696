"""A view as its readers have it: what it answers, how old that is, and how it is mended."""

from collections.abc import Callable
from typing import Any

from wayfold.errors import PositionCut
from wayfold.log import Log
from wayfold.reactions.clock import Clock
from wayfold.reactions.elsewhere_home import ElsewhereHome
from wayfold.reactions.follower import AsOf, Follower
from wayfold.reactions.home import MemoryHome
from wayfold.reactions.inline import Inline, bring_up
from wayfold.reactions.parking import Parked
from wayfold.reactions.table_home import TableHome, begin_build, builds, discard_build, end_build
from wayfold.reactions.view import ElsewhereView, TableView, View

__all__ = ["AnyView", "FollowedView"]

AnyView = View[Any] | TableView | ElsewhereView
Wait = Callable[[Callable[[], bool], float | None, str], None]


class FollowedView:
    """A view that follows the log, or changes with it where it is inline.

    While it is made anew, the old one answers; the new one takes its place in one transaction
    when it has caught up. Tables of another version of the view are made anew by themselves, and a
    making that was cut short goes on after the next start.
    """

    def __init__(
        self, log: Log, view: AnyView, clock: Clock, wait: Wait, *, is_inline: bool = False
    ) -> None:
        self.view = view
        self._log = log
        self._clock = clock
        self._wait = wait
        self._inline: Inline | None = None
        self._shadow: Follower | None = None
        self._made = 0
        self._live = self._opened()
        if is_inline:
            self._attach()

    # -- opening ------------------------------------------------------------------------------

    def _opened(self) -> Follower:
        if isinstance(self.view, ElsewhereView):
            return self._follower(ElsewhereHome(self._log, self.view))
        if isinstance(self.view, TableView):
            return self._open_tables(self.view)
        return self._follower(MemoryHome(self._log, self.view))

    def _open_tables(self, view: TableView) -> Follower:
        known = builds(self._log, view)
        if not known:
            return self._follower(begin_build(self._log, view))
        live, (version, _) = next(item for item in known.items() if item[1][1])
        for generation, (version_of, is_live) in known.items():
            if not is_live and version_of == view.version:
                self._shadow = self._follower(TableHome(self._log, view, generation))
            elif not is_live:
                discard_build(self._log, view, generation)
        if version != view.version and self._shadow is None:
            self._shadow = self._follower(begin_build(self._log, view))
        return self._follower(TableHome(self._log, view, live))

    def _follower(self, home: MemoryHome | TableHome | ElsewhereHome) -> Follower:
        return Follower(self._log, self.view, home, self._clock)

    def _attach(self) -> None:
        home = (self._shadow or self._live).home
        if not isinstance(home, MemoryHome | TableHome):
            raise TypeError(f"{self.view.name} is kept elsewhere: only the log's own can be inline")
        bring_up(self._log, self.view.name, self.view.hears, home)
        home.flush()  # never behind from here on, it needs no records kept
        if self._shadow is not None:
            self._swap(self._shadow)
        self._inline = Inline(self.view.name, self.view.hears, home)
        self._log.attach(self._inline)

    # -- reading ------------------------------------------------------------------------------

    @property
    def state(self) -> Any:
        """What a view in memory has come to."""
        if not isinstance(self._live.home, MemoryHome):
            raise TypeError(f"{self.view.name} is no view in memory: read it instead")
        return self._live.home.state

    def read(self, *question: Any) -> Any:
        """Give the rows of a query on a view's tables: a statement that spells them as
        `{balance}`, and its arguments. A view elsewhere is asked as it is.
        """
        if isinstance(self.view, ElsewhereView):
            return self.view.read(*question)
        if not isinstance(self._live.home, TableHome):
            raise TypeError(f"{self.view.name} has no tables: its state is at hand")
        statement, *arguments = question
        return self._live.home.read(statement, arguments)

    @property
    def position(self) -> int:
        """The last record taken, parked, or found to be of no interest."""
        return self._live.position

    @property
    def lag(self) -> int:
        """How many records it is behind the log."""
        return self._live.lag

    @property
    def as_of(self) -> AsOf:
        """How old its answers are."""
        return self._live.as_of

    def replicated_up_to(self, position: int) -> bool:
        """Tell whether a record has been taken, and none up to it waits."""
        return self._live.replicated_up_to(position)

    def wait_for(self, position: int, timeout: float | None = 10.0) -> None:
        """Go on with everything until a position has been taken.

        Raises WaitTimeout, and what made the view stand.
        """
        self._wait(
            lambda: self._checked().position >= position,
            timeout,
            f"position {position} in view {self.view.name}",
        )

    def _checked(self) -> Follower:
        if self._live.failure is not None:
            raise self._live.failure
        return self._live

    @property
    def failure(self) -> Exception | None:
        """What made it stand, or what is made anew; None while both go on."""
        return next((f.failure for f in self._followers if f.failure is not None), None)

    @property
    def unreachable(self) -> Exception | None:
        """Why it cannot go on for now; None while it can."""
        return self._live.unreachable

    # -- mending ------------------------------------------------------------------------------

    @property
    def parked(self) -> list[Parked]:
        """The records that wait, in order."""
        return self._live.parked

    def release(self, key: str) -> int:
        """Take what is parked of a key, in order; give how many. Raises what one raises again."""
        return self._live.release(key)

    def drop(self, key: str) -> int:
        """Let what is parked of a key never be taken; give how many."""
        return self._live.drop(key)

    def resume(self) -> None:
        """Go on at once, where it stands or pauses."""
        for follower in self._followers:
            follower.resume()

    def rebuild(self) -> None:
        """Make it anew from the first record on, beside the one that answers meanwhile.

        Raises PositionCut where the first records were dropped.
        """
        if isinstance(self.view, ElsewhereView):
            raise TypeError(f"{self.view.name} is kept elsewhere: follow it under another name")
        if self._shadow is not None:
            raise ValueError(f"{self.view.name} is being made anew already")
        if self._log.cut:
            raise PositionCut(1, self._log.cut + 1)
        if isinstance(self.view, TableView):
            self._shadow = self._follower(begin_build(self._log, self.view))
        else:
            self._made += 1
            self._shadow = self._follower(MemoryHome(self._log, self.view, self._made))

    @property
    def is_rebuilding(self) -> bool:
        """True until what is made anew has taken its place."""
        return self._shadow is not None

    # -- going on -----------------------------------------------------------------------------

    def step(self) -> bool:
        """Take a page of records; True where there may be more at once."""
        more = False
        if self._inline is None and self._is_of_this_version():
            more = self._live.step()
        if self._shadow is not None:
            more = self._shadow.step() or more
            if not self._shadow.lag:
                self._swap(self._shadow)
        return more

    def _is_of_this_version(self) -> bool:
        home = self._live.home
        if not isinstance(self.view, TableView) or not isinstance(home, TableHome):
            return True
        return self._shadow is None or home.version == self.view.version

    def _swap(self, made: Follower) -> None:
        home = made.home
        if isinstance(home, TableHome) and isinstance(self.view, TableView):
            home.flush()
            end_build(self._log, self.view, home.generation)
        former, self._live, self._shadow = self._live, made, None
        if isinstance(former.home, MemoryHome):
            former.home.flush()
        if self._inline is not None and isinstance(home, MemoryHome | TableHome):
            self._inline.home = home
            home.flush()

    @property
    def _followers(self) -> list[Follower]:
        return [self._live] if self._shadow is None else [self._live, self._shadow]

    @property
    def due_s(self) -> float | None:
        """Seconds until it wants to go on; None for when something is appended."""
        followers = [self._shadow] if self._shadow else []
        if self._inline is None and self._is_of_this_version():
            followers.append(self._live)
        return min((s for f in followers if (s := f.due_s) is not None), default=None)

    def stay(self, error: Exception) -> None:
        """Answer from what there is: the log cannot be reached now."""
        for follower in self._followers:
            follower.stay(error)

    def go_on(self) -> None:
        """Wait no longer where it was the log that could not be reached."""
        for follower in self._followers:
            follower.go_on()

    def close(self) -> None:
        """Write where it is; change with the log no longer."""
        if self._inline is not None:
            self._log.detach(self._inline)
            self._inline = None
        for follower in self._followers:
            follower.close()
