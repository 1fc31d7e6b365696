"""The fixture API over tiers, in pytest runs of their own."""

import re
import shutil
from pathlib import Path

import pytest

from wayfold.testing import CapabilityMissing, SeatWeston, Weston, open_compositor
from wayfold.testing.opening import Wish

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester):
    """Run a test file in a pytest of its own, with ini lines and options."""

    def run_it(source, *ini, options=()):
        pytester.makeini("\n".join(["[pytest]", "addopts = --strict-markers -rs", *ini]))
        pytester.makepyfile(source)
        start = pytester.runpytest_subprocess if options else pytester.runpytest_inprocess
        return start("-p", "no:cacheprovider", *options)

    return run_it


def test_the_marker_and_the_fixtures_choose_the_tier(run):
    result = run(
        """
        import pytest
        from wayfold.testing import ScriptedServer, SeatWeston, Sway, Weston

        def test_plain(compositor):
            assert type(compositor) is SeatWeston

        @pytest.mark.wayland(needs=["scripting"])
        def test_scripting(compositor):
            assert type(compositor) is ScriptedServer

        @pytest.mark.wayland(needs=["screencopy"])
        def test_more_needs_take_nothing_away(compositor):
            assert type(compositor) is SeatWeston and compositor.display

        @pytest.mark.wayland(tier="weston-named")
        def test_named(compositor):
            assert type(compositor) is Weston and compositor.display

        def test_a_client_in_the_test(request, client_socket):
            assert type(request.getfixturevalue("compositor")) is Weston

        def test_seat(compositor, seat):
            assert type(compositor) is SeatWeston
            assert seat.devices == {"pointer", "keyboard"}

        @pytest.mark.wayland(needs=["touch"])
        def test_touch(seat):
            assert "touch" in seat.devices

        @pytest.mark.wayland(needs=["toplevels"])
        def test_sway(compositor):
            assert type(compositor) is Sway

        @pytest.mark.wayland(needs=["windows"], outputs=2, size=(800, 600), scale=2)
        def test_outputs(outputs):
            assert [(o.size, o.scale) for o in outputs] == [((800, 600), 2)] * 2

        @pytest.mark.wayland(scale=1.5)
        def test_fractional(compositor):
            assert type(compositor) is Sway

        def test_clock(frame_clock, compositor):
            assert frame_clock.tick_now is not None

        def test_picture(screenshot):
            assert screenshot().width == 1024
        """
    )

    result.assert_outcomes(passed=12)


@pytest.mark.parametrize("fixture", ["compositor", "compositor_session"])
def test_a_plain_compositor_serves_programs_and_tells_their_windows(run, fixture):
    result = run(
        f"""
        import subprocess

        def test_globals({fixture}):
            told = subprocess.run(
                ["wayland-info"], env={fixture}.environment, capture_output=True, check=True
            )
            assert b"'wl_seat'" in told.stdout

        def test_windows({fixture}):
            assert {fixture}.windows == []
            with subprocess.Popen(["foot", "cat"], env={fixture}.environment) as foot:
                (window,) = {fixture}.wait_for_windows()
                foot.terminate()
            assert window.app_id == "foot"
        """
    )

    result.assert_outcomes(passed=2)


def test_without_the_weston_module_a_plain_compositor_is_one_with_a_seat_all_the_same(
    run, monkeypatch
):
    monkeypatch.setattr("wayfold.testing.here.module_path", lambda version: None)
    result = run("def test_it(compositor): assert compositor.name == 'sway'")

    result.assert_outcomes(passed=1)


def test_where_nothing_has_a_seat_a_plain_compositor_serves_programs(run, monkeypatch):
    monkeypatch.setattr("wayfold.testing.here.module_path", lambda version: None)
    monkeypatch.setattr(
        "shutil.which", lambda name, found=shutil.which: None if name == "sway" else found(name)
    )
    result = run(
        """
        import pytest
        from wayfold.testing import CapabilityMissing

        def test_it(compositor):
            assert compositor.environment["WAYLAND_DISPLAY"] == compositor.display
            with pytest.raises(CapabilityMissing, match=r'needs=\\[.window-list.\\] chooses'):
                compositor.wait_for_windows()
        """
    )

    result.assert_outcomes(passed=1)


def test_a_weston_for_one_client_says_what_serves_programs():
    weston = Weston()
    with pytest.raises(ValueError, match="weston has not been started"):
        _ = weston.environment
    with weston, pytest.raises(CapabilityMissing, match=r"needs=\['display'\] chooses") as missing:
        _ = weston.environment

    assert missing.value.needs == ("display",)


def test_nearer_markers_win(run):
    result = run(
        """
        import pytest
        pytestmark = pytest.mark.wayland(needs=["seat"], size=(300, 200))

        @pytest.mark.wayland(size=(640, 480))
        def test_it(outputs):
            (output,) = outputs
            assert output.size == (640, 480)
        """
    )

    result.assert_outcomes(passed=1)


def test_what_is_missing_is_named_with_its_package(run, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    source = """
        def test_it(seat): pass
        """
    skipped, failed = run(source), run(source, "wayfold_missing = fail")

    skipped.assert_outcomes(skipped=1)
    failed.assert_outcomes(errors=1)
    for result in (skipped, failed):
        result.stdout.fnmatch_lines(
            ["*no seat, windows here: *weston is not installed: install the package weston*"]
        )


@pytest.mark.parametrize(
    ("marker", "told"),
    [
        ('needs=["sea"]', "no tier knows the need sea"),
        ('needs="seat"', "needs must be a list of names"),
        ('tier="mir"', "no tier is called 'mir'"),
        ('"seat"', "`wayland` takes keywords only"),
        ("size=(0, 1)", "impossible"),
        ('size="800x600"', "such as (800, 600), not '800x600'"),
        ('tier="weston", need=["seat"]', "'need' is no option of a compositor of tier weston"),
        ('tier="weston", needs=["touch"]', "weston has no touch"),
    ],
)
def test_markers_that_cannot_be_are_told(run, marker, told):
    result = run(
        f"""
        import pytest

        @pytest.mark.wayland({marker})
        def test_it(compositor): pass
        """,
        "wayfold_missing = fail",
    )

    result.assert_outcomes(errors=1)
    assert told in result.stdout.str()


def test_a_shared_compositor_stays_for_all_that_need_the_same(run):
    result = run(
        """
        import os, pytest, signal
        seen = []

        @pytest.mark.parametrize("number", range(3))
        def test_shared(number, compositor_session, client_socket):
            seen.append(compositor_session.pid)
            assert len(set(seen)) == 1
            assert client_socket.fileno() >= 0

        @pytest.mark.wayland(needs=["seat"])
        def test_other(compositor_session, seat):
            assert compositor_session.pid not in seen

        def test_dies(compositor_session):
            compositor_session.kill()

        def test_another_takes_its_place(compositor_session):
            assert compositor_session.pid not in seen
            assert compositor_session.is_running
        """
    )

    result.assert_outcomes(passed=6)


def test_a_client_socket_is_fresh_each_time(run):
    result = run(
        """
        import pytest
        import wayfold

        @pytest.mark.parametrize("tier", [
            pytest.param(name, marks=pytest.mark.wayland(tier=name))
            for name in ("scripted", "weston", "weston-named", "weston-seat", "sway")
        ])
        def test_it(tier, client_socket):
            with wayfold.connect(client_socket) as client:
                assert client.state.outputs
        """
    )

    result.assert_outcomes(passed=5)


def test_unittest_classes_and_asyncio_have_it_too(run):
    result = run(
        """
        import asyncio, unittest
        import pytest, wayfold

        class TestWindow(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _take(self, compositor, seat):
                self.compositor, self.seat = compositor, seat

            def test_it(self):
                self.seat.pointer.move(1, 1)
                assert self.compositor.is_running

        class TestAsync(unittest.IsolatedAsyncioTestCase):
            @pytest.fixture(autouse=True)
            def _take(self, client_socket):
                self.socket = client_socket

            async def test_it(self):
                async with wayfold.aio.connect(self.socket) as client:
                    assert client.state.outputs

        def test_asyncio(client_socket):
            async def main():
                async with wayfold.aio.connect(client_socket) as client:
                    return len(client.state.outputs)

            assert asyncio.run(main()) == 1
        """
    )

    result.assert_outcomes(passed=3)


def test_workers_of_xdist_each_have_their_own(run):
    result = run(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_it(number, compositor, seat):
            seat.pointer.move(number, number)
        """,
        options=("-n", "2"),
    )

    result.assert_outcomes(passed=8)


def test_a_hang_is_ended_by_pytest_timeout_with_the_log_shown(run):
    result = run(
        """
        def test_it(client_socket):
            client_socket.settimeout(30)
            client_socket.recv(1)
        """,
        options=("--timeout", "1", "--timeout-method", "signal"),
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Timeout*", "*--- weston log ---*", "*weston 1*"])


def test_without_the_plugin_the_rest_runs(run):
    result = run("def test_it(): pass", options=("-p", "no:wayfold"))

    result.assert_outcomes(passed=1)


def test_golden_pictures_are_made_compared_and_told(run, pytester):
    source = """
        import pytest

        @pytest.mark.wayland(tier="weston-seat", size=(64, 48))
        def test_it(screenshot):
            screenshot.assert_matches("goldens/empty.png")
        """
    missing = run(source)
    made = run(source, options=("--wayfold-update-goldens",))
    golden = pytester.path / "goldens" / "empty.png"
    matching = run(source)
    at_once = source.replace('empty.png"', 'empty.png", timeout=0')
    other = run(at_once.replace("64, 48", "80, 48"))

    missing.assert_outcomes(failed=1)
    made.assert_outcomes(passed=1)
    matching.assert_outcomes(passed=1)
    other.assert_outcomes(failed=1)
    (shown,) = re.findall(r"(\S+\.actual\.png) is Image\(80x48\)", other.stdout.str())
    assert Path(shown).is_relative_to(pytester.path / "wayfold-pictures")
    assert golden.read_bytes() != Path(shown).read_bytes()


def test_a_compositor_is_opened_by_needs_without_pytest():
    with open_compositor(["seat"], size=(300, 200)) as made:
        assert made.outputs["HEADLESS-1"].size == (300, 200)


def test_what_is_opened_without_pytest_serves_programs_too():
    with open_compositor() as made:
        assert type(made) is SeatWeston
        assert made.environment["WAYLAND_DISPLAY"] == made.display


def test_a_named_tier_that_lacks_something_says_so():
    with pytest.raises(CapabilityMissing, match="no toplevels here: weston has no toplevels"):
        open_compositor(["toplevels"], tier="weston")


def test_a_size_that_weston_cannot_divide_is_refused():
    with pytest.raises(ValueError, match="cannot be divided by scale 2"):
        open_compositor(size=(101, 100), scale=2)


def test_outputs_and_scale_are_needs_too():
    assert Wish(outputs=2, scale=1.5).all_needs == {"windows", "multi-output", "fractional-scale"}


@pytest.mark.wayland(outputs=2)
def test_the_client_is_one_of_the_compositor_that_the_other_fixtures_move(wayland_client, outputs):
    outputs.remove("HEADLESS-2")
    wayland_client.wait_until(lambda state: len(state.outputs) == 1)

    assert [output.name for output in wayland_client.state.outputs.values()] == ["HEADLESS-1"]


def test_the_client_is_one_of_the_shared_compositor_too(run):
    result = run(
        """
        import pytest, wayfold

        def test_shared(compositor_session, wayland_client):
            assert wayland_client.state.outputs
            compositor_session.kill()
            with pytest.raises(wayfold.ConnectionLost):
                wayland_client.run(timeout=10)
        """
    )

    result.assert_outcomes(passed=1)
