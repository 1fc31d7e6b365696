"""Fixtures for tests of Wayland clients: a fresh compositor each, gone without a trace."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

if TYPE_CHECKING:
    from wayfold.client import Client
    from wayfold.testing import CompositorMissing, ScriptedServer, Sway, Weston
    from wayfold.testing.compositor import Compositor

# Nothing of the package is imported up here: a run whose tests use no compositor pays nothing, and
# a run that measures the package's coverage sees its modules being loaded.

__all__ = ["scripted_server", "sway", "wayland_client", "weston", "weston_named"]

_MISSING = "wayfold_missing"
_CHOICES = ("fail", "skip")
_COMPOSITORS = pytest.StashKey[list["Compositor"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option that says what becomes of a test without its compositor."""
    parser.addini(
        _MISSING,
        "What becomes of a test whose compositor is not installed: skip (default) or fail.",
        default="skip",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and check the ini option."""
    config.addinivalue_line(
        "markers",
        "compositor(**options): options for the weston, weston_named or sway of this test, as for "
        "wayfold.testing.Weston and wayfold.testing.Sway.",
    )
    if config.getini(_MISSING) not in _CHOICES:
        raise pytest.UsageError(f"{_MISSING} must be one of {', '.join(_CHOICES)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the log of every compositor that a failed test had."""
    report = yield
    if report.failed:
        for compositor in item.stash.get(_COMPOSITORS, []):
            report.sections.append((f"{compositor.name} log", compositor.log))
    return report


@pytest.fixture
def scripted_server() -> Iterator["ScriptedServer"]:
    """A server that the test writes; its client's end is `scripted_server.client_socket`."""
    from wayfold.testing import ScriptedServer

    with ScriptedServer() as server:
        yield server


@pytest.fixture
def weston(request: pytest.FixtureRequest) -> Iterator["Weston"]:
    """A headless weston for one client, over `weston.client_socket`."""
    from wayfold.testing import Weston

    with _running(request, Weston) as compositor:
        yield compositor


@pytest.fixture
def weston_named(request: pytest.FixtureRequest) -> Iterator["Weston"]:
    """A headless weston for any number of clients, at `weston_named.display`."""
    from wayfold.testing import Weston

    with _running(request, Weston, named=True) as compositor:
        yield compositor


@pytest.fixture
def sway(request: pytest.FixtureRequest) -> Iterator["Sway"]:
    """A headless sway for any number of clients, at `sway.display`."""
    from wayfold.testing import Sway

    with _running(request, Sway) as compositor:
        yield compositor


@pytest.fixture
def wayland_client(weston: "Weston") -> Iterator["Client"]:
    """A client of `weston`, connected, with its first state complete."""
    from wayfold import connect

    with connect(weston.client_socket) as client:
        yield client


@contextmanager
def _running(request: pytest.FixtureRequest, kind: type[Any], **options: Any) -> Iterator[Any]:
    from wayfold.testing import CompositorMissing

    for marker in reversed(list(request.node.iter_markers("compositor"))):
        options |= marker.kwargs
    compositor = kind(**options)
    request.node.stash.setdefault(_COMPOSITORS, []).append(compositor)
    try:
        compositor.start()
    except CompositorMissing as missing:
        _give_up(request, missing)
    try:
        yield compositor
    finally:
        compositor.stop()


def _give_up(request: pytest.FixtureRequest, missing: "CompositorMissing") -> NoReturn:
    if request.config.getini(_MISSING) == "skip":
        pytest.skip(str(missing))
    pytest.fail(str(missing), pytrace=False)
