"""What the pytest plugin's fixtures do; loaded by the first test that uses one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from wayfold.testing.compositor import Compositor
from wayfold.testing.failures import CapabilityMissing, CompositorMissing
from wayfold.testing.goldens import Goldens
from wayfold.testing.image import Image
from wayfold.testing.launching import Launcher
from wayfold.testing.looking import Looks
from wayfold.testing.opening import DEFAULT_NEEDS, KEYWORDS, Wish, for_programs, open_wish
from wayfold.testing.scripted import ScriptedServer

__all__ = [
    "RUNNING",
    "Pool",
    "Screenshots",
    "compositor_of",
    "folder_of",
    "goldens_of",
    "launching",
    "opened",
    "pooled",
    "running",
    "wish_of",
]

Server = Compositor | ScriptedServer
RUNNING = pytest.StashKey[list[Any]]()
"""Compositors and programs that a test has or had, the oldest first: what a report can tell of."""

_NEEDED_BY_FIXTURE = {
    "seat": "seat",
    "outputs": "outputs",
    "frame_clock": "frame-clock",
    "screenshot": "screencopy",
    "faults": "display",
}
# Who takes one of these may run programs; the other fixtures serve a client in the test itself.
_FOR_PROGRAMS = {"compositor", "compositor_session", "launch"}


def wish_of(request: pytest.FixtureRequest) -> Wish:
    """Read what a test wants: its `wayland` markers, the nearest first, and its fixtures."""
    given: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("wayland"))):
        if marker.args:
            raise pytest.UsageError(f"{request.node.nodeid}: `wayland` takes keywords only")
        given |= marker.kwargs
    needs = given.pop("needs", () if "tier" in given else DEFAULT_NEEDS)
    if isinstance(needs, str):
        raise pytest.UsageError(f"{request.node.nodeid}: needs must be a list of names")
    taken = _fixtures(request)
    implied = {_NEEDED_BY_FIXTURE[name] for name in taken & set(_NEEDED_BY_FIXTURE)}
    if "scripting" in needs:
        implied.discard("display")  # a scripted server freezes too, and listens where it is told to
    known = {name: given.pop(name) for name in KEYWORDS if name in given}
    wish = Wish(frozenset({*needs, *implied}), options=given, **known)
    return for_programs(wish) if taken & _FOR_PROGRAMS else wish


def _fixtures(request: pytest.FixtureRequest) -> set[str]:
    return set(request.node.fixturenames)


@contextmanager
def opened(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Run the compositor that this test wants."""
    with _given_up_or(request):
        made = open_wish(wish_of(request))
    with running(request, made):
        yield made


@contextmanager
def running(request: pytest.FixtureRequest, made: Any) -> Iterator[Any]:
    """Run a compositor for one test."""
    request.node.stash.setdefault(RUNNING, []).append(made)
    with ExitStack() as stack:
        with _given_up_or(request):
            stack.enter_context(made)
        yield made


@contextmanager
def launching(request: pytest.FixtureRequest, host: Any) -> Iterator[Launcher]:
    """Run programs for one test."""
    known = request.node.stash.setdefault(RUNNING, [])
    with Launcher(host, known.append) as launcher:
        yield launcher


class Pool:
    """Compositors that a whole run shares, one for each wish."""

    def __init__(self) -> None:
        self._running: dict[str, Compositor] = {}

    def get(self, wish: Wish) -> Compositor:
        """Give the one for a wish, started where there is none that runs."""
        key = repr((sorted(wish.all_needs), wish.tier, wish.outputs, wish.size, wish.scale))
        key += repr(sorted(wish.options.items()))
        found = self._running.get(key)
        if found is not None and not found.is_running:
            found.kill()
            found.stop()
            found = None
        if found is None:
            made = open_wish(wish)
            assert isinstance(made, Compositor), "what has a display is a compositor"
            made.start()
            self._running[key] = found = made
        return found

    def close(self) -> None:
        """Stop them all; raises the first failure, once all are stopped."""
        with ExitStack() as stack:
            for made in self._running.values():
                stack.callback(made.stop)
            self._running.clear()


def pooled(request: pytest.FixtureRequest, pool: Pool) -> Compositor:
    """Give the shared compositor that this test wants."""
    wish = wish_of(request)
    with _given_up_or(request):
        found = pool.get(wish._replace(needs=wish.needs | {"display"}))
    request.node.stash.setdefault(RUNNING, []).append(found)
    return found


def compositor_of(request: pytest.FixtureRequest) -> Any:
    """Give the compositor that a test's other fixtures are about."""
    is_shared = "compositor_session" in _fixtures(request)
    return request.getfixturevalue("compositor_session" if is_shared else "compositor")


class Screenshots:
    """Takes pictures of a test's compositor, and compares them with golden ones.

    Paths of golden pictures start from the folder of the test's file.
    """

    def __init__(self, compositor: Compositor, goldens: Goldens) -> None:
        self._compositor = compositor
        self._goldens = goldens

    def __call__(self, output: str | None = None) -> Image:
        """Give what an output shows, the first one without a name."""
        return self._compositor.screenshot(output)

    def assert_matches(
        self,
        golden: str,
        *,
        tolerance: int = 0,
        allowed: int = 0,
        output: str | None = None,
        timeout: float = 5.0,
    ) -> None:
        """Take pictures until one matches a golden picture; raises AssertionError of the last one.

        `allowed` pixels may differ by more than `tolerance`, 0 to 255, in a channel. It looks for
        `timeout` seconds, and dispatches no client of the test's own meanwhile; once where that is
        0, and where the frame clock is manual, since each picture would be a frame. With
        --wayfold-update-goldens a golden picture is written once nothing has changed for 0.2 s.
        """
        looks = Looks(lambda: self(output), 0 if self._compositor.is_held else timeout)
        self._goldens.assert_shown(looks, golden, tolerance=tolerance, allowed=allowed)


def goldens_of(request: pytest.FixtureRequest) -> Goldens:
    """Tell where a test's golden pictures are, and where what differs goes."""
    is_updating = request.config.getoption("wayfold_update_goldens")
    return Goldens(request.path.parent, folder_of(request.node), is_updating)


def folder_of(item: pytest.Item) -> Path:
    """Give the folder for the pictures of a failing test."""
    allowed = "".join(c if c.isalnum() or c in "._-" else "-" for c in item.nodeid)
    return Path(item.config.rootpath, item.config.getini("wayfold_pictures"), allowed.strip("-."))


@contextmanager
def _given_up_or(request: pytest.FixtureRequest) -> Iterator[None]:
    """Skip the test, or fail it, where what it needs is not here."""
    try:
        yield
    except (CapabilityMissing, CompositorMissing) as missing:
        _give_up(request, missing)


def _give_up(request: pytest.FixtureRequest, missing: Exception) -> NoReturn:
    if request.config.getini("wayfold_missing") == "skip":
        pytest.skip(str(missing))
    raise pytest.fail.Exception(str(missing), pytrace=False) from None
