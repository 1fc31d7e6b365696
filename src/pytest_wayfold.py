"""Fixtures for tests of Wayland programs: a compositor each, gone without a trace."""

import socket
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from wayfold.client import Client
    from wayfold.testing import (
        Faults,
        FrameClock,
        Launcher,
        Outputs,
        ScriptedServer,
        Seat,
        Sway,
        Weston,
    )
    from wayfold.testing.compositor import Compositor
    from wayfold.testing.fixtures import Pool, Screenshots

# Nothing of the package is imported up here: a run whose tests use no compositor pays nothing, and
# a run that measures the package's coverage sees its modules being loaded. What the fixtures do is
# in wayfold.testing.fixtures.

_MISSING = "wayfold_missing"
_HOSTS = ("weston", "weston_named", "sway")
_BEFALLEN = (*_HOSTS, "scripted_server")
_CHOICES = ("fail", "skip")
_HUNG = pytest.StashKey[list[tuple[str, str]]]()
_TIMER = pytest.StashKey[threading.Timer]()
_LEAD_S, _LEAD_SHARE = 0.5, 0.1


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addini(
        _MISSING,
        "What becomes of a test whose compositor is not to be had: skip (default) or fail.",
        default="skip",
    )
    parser.addini(
        "wayfold_pictures",
        "Folder for what was shown where it differs from a golden picture (wayfold-pictures).",
        default="wayfold-pictures",
    )
    parser.getgroup("wayfold").addoption(
        "--wayfold-update-goldens",
        action="store_true",
        help="Write golden pictures instead of comparing with them.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers and check the ini option."""
    config.addinivalue_line(
        "markers",
        "wayland(needs=['windows'], tier=None, outputs=1, size=(1024, 640), scale=1, **options): "
        "what this test's compositor must have; the cheapest tier that has it is taken.",
    )
    config.addinivalue_line(
        "markers",
        "compositor(**options): options for the weston, weston_named or sway of this test, as for "
        "wayfold.testing.Weston and wayfold.testing.Sway.",
    )
    if config.getini(_MISSING) not in _CHOICES:
        raise pytest.UsageError(f"{_MISSING} must be one of {', '.join(_CHOICES)}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what a failed test had in hand: compositors' logs, the last records of each session."""
    report = yield
    if report.failed and "wayfold" in sys.modules:
        try:
            report.sections += _sections(item, call)
        except Exception as error:  # a report without them is better than a run without reports
            report.sections.append(("wayfold could not tell more", repr(error)))
    return report


def _sections(item: pytest.Item, call: pytest.CallInfo[None]) -> list[tuple[str, str]]:
    from wayfold.testing.evidence import held, sections

    traceback = call.excinfo.tb if call.excinfo is not None else None
    # Of a test that hung, what it had in hand then tells more than what it left behind.
    hung = item.stash.get(_HUNG, [])
    told = {title.partition(":")[0] for title, _ in hung}
    found = sections(chain(_given(item), held(traceback)))
    left = [each for each in found if each[0].partition(":")[0] not in told]
    return [*left, *hung, *_pictures(item)]


def _given(item: pytest.Item) -> Iterator[tuple[str, object]]:
    yield from (getattr(item, "funcargs", None) or {}).items()
    yield from ((type(made).__name__, made) for made in _compositors(item))


def _compositors(item: pytest.Item) -> list[Any]:
    if "wayfold.testing.fixtures" not in sys.modules:
        return []  # a test that had a compositor has loaded it; no other one has to
    from wayfold.testing.fixtures import RUNNING

    return item.stash.get(RUNNING, [])


def _pictures(item: pytest.Item) -> list[tuple[str, str]]:
    if not (made := _compositors(item)):
        return []
    from wayfold.testing.evidence import pictures
    from wayfold.testing.fixtures import folder_of

    return pictures(made, folder_of(item))


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: Any) -> Generator[None, Any, Any]:
    """Look at what a test has in hand shortly before pytest-timeout ends it."""
    if settings.timeout and "wayfold" in sys.modules:
        lead_s = min(_LEAD_S, settings.timeout * _LEAD_SHARE)
        timer = threading.Timer(settings.timeout - lead_s, _hung, (item, settings))
        timer.daemon = True
        item.stash[_TIMER] = timer
        timer.start()
    return (yield)


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_timeout_cancel_timer(item: pytest.Item) -> Generator[None, Any, Any]:
    """Look no more: the test has ended in time."""
    if (timer := item.stash.get(_TIMER, None)) is not None:
        timer.cancel()
        timer.join()
    return (yield)


def _hung(item: pytest.Item, settings: Any) -> None:
    from wayfold.testing.evidence import held_by_main_thread, sections

    item.stash[_HUNG] = sections(chain(_given(item), held_by_main_thread()))
    if settings.method == "thread":
        # It makes no report of the test, but prints what was captured, and ends the process.
        for title, text in item.stash[_HUNG]:
            sys.stderr.write(f"---- {title} ----\n{text}\n")


@pytest.fixture
def compositor(request: pytest.FixtureRequest) -> "Iterator[Compositor | ScriptedServer]":
    """The cheapest compositor with what the test's `wayland` marker and fixtures need."""
    from wayfold.testing.fixtures import opened

    with opened(request) as made:
        yield made


@pytest.fixture(scope="session")
def wayfold_pool() -> "Iterator[Pool]":
    """The compositors that tests share by `compositor_session`."""
    from wayfold.testing.fixtures import Pool

    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture
def compositor_session(request: pytest.FixtureRequest, wayfold_pool: "Pool") -> "Compositor":
    """A compositor as for `compositor`, shared by all tests of this run that need the same."""
    from wayfold.testing.fixtures import pooled

    return pooled(request, wayfold_pool)


@pytest.fixture
def client_socket(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    """A connection to the test's compositor that nobody has used yet."""
    from wayfold.testing.fixtures import compositor_of

    sock = _socket_of(request, compositor_of(request))
    yield sock
    sock.close()


@pytest.fixture
def seat(request: pytest.FixtureRequest) -> "Seat":
    """The seat of the test's compositor: pointer, keyboard and touch screen."""
    from wayfold.testing.fixtures import compositor_of

    found: Seat = compositor_of(request).seat
    return found


@pytest.fixture
def outputs(request: pytest.FixtureRequest) -> "Outputs":
    """The outputs of the test's compositor."""
    from wayfold.testing.fixtures import compositor_of

    found: Outputs = compositor_of(request).outputs
    return found


@pytest.fixture
def frame_clock(request: pytest.FixtureRequest) -> "FrameClock":
    """The clock by which the test's compositor paints."""
    from wayfold.testing.fixtures import compositor_of

    found: FrameClock = compositor_of(request).frame_clock
    return found


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> "Screenshots":
    """Takes pictures of the test's compositor, and compares them with golden ones."""
    from wayfold.testing.fixtures import Screenshots, compositor_of, goldens_of

    return Screenshots(compositor_of(request), goldens_of(request))


@pytest.fixture
def scripted_server() -> "Iterator[ScriptedServer]":
    """A server that the test writes; its client's end is `scripted_server.client_socket`."""
    from wayfold.testing import ScriptedServer

    with ScriptedServer() as server:
        yield server


@pytest.fixture
def weston(request: pytest.FixtureRequest) -> "Iterator[Weston]":
    """A headless weston for one client, over `weston.client_socket`."""
    from wayfold.testing import Weston

    yield from _running(request, Weston)


@pytest.fixture
def weston_named(request: pytest.FixtureRequest) -> "Iterator[Weston]":
    """A headless weston for any number of clients, at `weston_named.display`."""
    from wayfold.testing import Weston

    yield from _running(request, Weston, named=True)


@pytest.fixture
def sway(request: pytest.FixtureRequest) -> "Iterator[Sway]":
    """A headless sway for any number of clients, at `sway.display`."""
    from wayfold.testing import Sway

    yield from _running(request, Sway)


@pytest.fixture
def faults(request: pytest.FixtureRequest) -> "Faults":
    """Faults of the test's compositor, or of the last one that it names as a fixture."""
    from wayfold.testing import Faults

    return Faults(_last_of(request, _BEFALLEN))


@pytest.fixture
def launch(request: pytest.FixtureRequest) -> "Iterator[Launcher]":
    """Runs programs under the test's compositor, or the last one that it names, and ends them.

    `foot = launch("foot", "-e", "true")` is a Popen. It ends with the test, also with one that
    fails, whose report shows what it wrote.
    """
    from wayfold.testing.fixtures import launching

    with launching(request, _last_of(request, _HOSTS)) as launcher:
        yield launcher


@pytest.fixture
def wayland_client(request: pytest.FixtureRequest) -> "Iterator[Client]":
    """A client of the test's compositor, or of the last one that it names, connected.

    Its first state is complete.
    """
    from wayfold import connect

    with connect(_socket_of(request, _last_of(request, _HOSTS))) as client:
        yield client


def _socket_of(request: pytest.FixtureRequest, made: Any) -> socket.socket:
    is_shared = "compositor_session" in request.fixturenames
    found: socket.socket = made.connect() if is_shared else made.client_socket
    return found


def _last_of(request: pytest.FixtureRequest, names: Sequence[str]) -> Any:
    from wayfold.testing.fixtures import compositor_of

    named = [name for name in request.fixturenames if name in names]
    return request.getfixturevalue(named[-1]) if named else compositor_of(request)


def _running(request: pytest.FixtureRequest, kind: type[Any], **options: Any) -> Iterator[Any]:
    from wayfold.testing.fixtures import running

    for marker in reversed(list(request.node.iter_markers("compositor"))):
        options |= marker.kwargs
    with running(request, kind(**options)) as made:
        yield made
