"""What a failing test shows: the compositor's log, and the last records of every session."""

import re

import pytest

from wayfold.testing import Image

pytest_plugins = ["pytester"]


@pytest.fixture
def told(pytester):
    """Run one failing test in a pytest of its own, and give its sections by title."""

    def run(source, *options):
        pytester.makepyfile(f"import asyncio, unittest, pytest, wayfold\n{source}")
        result = pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
        text = f"{result.stdout.str()}\n{result.stderr.str()}"
        parts = re.split(r"^-{4,} (.+?) -{4,}$", text, flags=re.MULTILINE)
        return dict(zip(parts[1::2], parts[2::2], strict=True)), text

    return run


FIXTURES = """
def test_it(wayland_client, scripted_server):
    wayland_client.roundtrip()
    assert False
"""
LOCAL = """
from wayfold.testing import Tap

def helper(client):
    client.roundtrip()
    raise RuntimeError("in a helper")

def test_it(weston_named):
    with Tap(weston_named) as tap, wayfold.connect(tap.new_client()) as mine:
        helper(mine)
"""
CLASS = """
class TestIt(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def serve(self, scripted_server):
        self.server = scripted_server
        self.client = wayfold.connect(self.server.client_socket)

    def tearDown(self):
        self.client.close()

    def test_it(self):
        self.fail("in a class")
"""
ASYNC = """
def test_it(scripted_server):
    async def main():
        async with wayfold.aio.connect(scripted_server.client_socket) as inner:
            await inner.roundtrip()
            assert False

    asyncio.run(main())
"""
HANG = """
@pytest.mark.timeout(5, method="{method}")
def test_it(weston):
    with wayfold.connect(weston.client_socket) as hanging:
        hanging.run()
"""
ASYNC_HANG = """
@pytest.mark.timeout(5)
def test_it(scripted_server):
    async def main():
        async with wayfold.aio.connect(scripted_server.client_socket) as inner:
            await inner.run()

    asyncio.run(main())
"""
SETUP = """
@pytest.fixture
def broken(wayland_client):
    raise RuntimeError("in a fixture")

def test_it(broken):
    pass
"""


def names(sections):
    return {title.partition(":")[0] for title in sections}


@pytest.mark.parametrize("options", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_what_the_fixtures_gave_is_shown(options, told):
    sections, _ = told(FIXTURES, *options)

    assert {"weston log", "wayland_client"} <= names(sections)
    (records,) = (text for title, text in sections.items() if title.startswith("wayland_client:"))
    assert "wl_callback.done" in records
    assert "weston 1" in sections["weston log"]


def test_a_session_without_records_makes_no_section(told):
    assert "scripted_server transcript" not in names(told(FIXTURES)[0])


def test_what_the_test_made_itself_is_shown_by_its_own_names(told):
    sections, text = told(LOCAL)

    assert {"weston log", "tap transcript", "mine"} <= names(sections)
    assert "client" not in names(sections)
    assert len(re.findall(r"^-+ mine: last 30 of \d+ records -+$", text, re.MULTILINE)) == 1


def test_an_error_in_hand_hides_nothing(told):
    source = """
from wayfold.testing import CompositorFailed

def test_it(weston):
    error = CompositorFailed("it crashed", "its own log", 1)
    assert not error
"""
    sections, text = told(source)

    assert "weston log" in sections
    assert "wayfold could not tell more" not in text


def test_what_a_class_holds_is_shown(told):
    assert {"client", "scripted_server transcript"} <= names(told(CLASS)[0])


def test_what_a_coroutine_has_in_hand_is_shown(told):
    assert {"inner", "scripted_server transcript"} <= names(told(ASYNC)[0])


def test_a_failing_fixture_shows_what_it_was_given(told):
    assert {"weston log", "wayland_client"} <= names(told(SETUP)[0])


@pytest.mark.parametrize("method", ["signal", "thread"])
def test_a_hang_shows_the_compositors_log_and_the_last_records(method, told):
    sections, text = told(HANG.format(method=method))

    assert {"weston log", "hanging"} <= names(sections)
    assert "output.added" in text
    (records,) = (text for title, text in sections.items() if title.startswith("hanging:"))
    assert "connection.closed" not in records


def test_a_hang_under_asyncio_shows_what_was_awaited_with(told):
    sections, _ = told(ASYNC_HANG)
    (records,) = (text for title, text in sections.items() if title.startswith("inner:"))

    assert "wl_seat.capabilities" in records
    assert "connection.closed" not in records


def test_without_the_plugin_nothing_is_added(told):
    sections, text = told(
        "def test_it():\n    wayfold.Log.memory()\n    assert False", "-p", "no:wayfold"
    )

    assert sections == {}
    assert "1 failed" in text


def test_a_log_that_is_closed_is_told_as_such(told):
    source = """
def test_it(tmp_path):
    log = wayfold.Log.open(tmp_path / "a.wayfold")
    log.append("lamp.lit", "lamp/1")
    log.close()
    assert False
"""
    (section,) = told(source)[0].items()

    assert section[0] == "log"
    assert "its records cannot be read: " in section[1]


def test_a_passing_test_shows_nothing(told):
    assert told("def test_it(wayland_client):\n    assert wayland_client.is_open")[0] == {}


def test_faults_are_those_of_the_tests_compositor(told):
    _, text = told(
        """
def test_named(faults, weston_named):
    faults.restart()
    assert faults.compositor is weston_named

def test_scripted(scripted_server, faults):
    with faults.frozen():
        assert faults.compositor is scripted_server
"""
    )

    assert "2 passed" in text


def test_faults_bring_a_compositor_that_can_start_again(told):
    _, text = told(
        "def test_it(faults, compositor):\n    faults.restart()\n    assert compositor.display"
    )

    assert "1 passed" in text


def test_a_picture_of_what_was_shown_is_saved(told, pytester):
    sections, _ = told(
        """
@pytest.mark.wayland(needs=["screencopy"], size=(320, 200))
def test_it(compositor):
    assert False
"""
    )
    path = sections["weston picture"].strip().splitlines()[0]

    assert path.endswith(
        "wayfold-pictures/test_a_picture_of_what_was_shown_is_saved.py--test_it/weston.png"
    )
    assert repr(Image.load(path)) == "Image(320x200)"


def test_of_a_frozen_compositor_no_picture_is_waited_for(told):
    sections, text = told(
        """
@pytest.mark.wayland(needs=["screencopy"])
@pytest.mark.timeout(5)
def test_it(compositor):
    compositor.freeze()
    assert False
"""
    )

    assert "weston log" in sections
    assert "weston picture" not in sections
    assert "AssertionError" in text or "assert False" in text
