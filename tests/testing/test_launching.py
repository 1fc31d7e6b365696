"""Programs that a test runs under its compositor end with it, and are told of."""

import os
import select
import signal
import subprocess

import pytest

from wayfold.testing import CapabilityMissing, Launcher, Tap, Weston

TIMEOUT_S = 10
WITH_CHILD = "sleep 1000 & echo $!; exec sleep 1001"

pytest_plugins = ["pytester"]


class NoHost:
    environment = os.environ


def ends(pid):
    """Tell whether a process, which is not ours, ends within the time."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(descriptor, "rb") as ending:
        return bool(select.select([ending], [], [], TIMEOUT_S)[0])


@pytest.fixture
def run(pytester):
    """Run a test file in a pytest of its own."""

    def run_it(source, *options):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)

    return run_it


def child_of(program):
    """Give the number that WITH_CHILD writes, once it has."""
    while "\n" not in program.output:
        assert program.poll() is None
    return int(program.output)


def test_a_program_finds_the_compositor(compositor, launch):
    told = launch("wayland-info", "-i", "wl_seat")

    assert told.wait(TIMEOUT_S) == 0
    assert "name: seat0" in told.output
    assert told.error_output == ""


def test_a_list_instead_of_words_is_told():
    with pytest.raises(TypeError, match=r"\['foot'\] is none; of a list, launch\(\*words\)"):
        Launcher(NoHost())(["foot"])


def test_a_window_is_shown_and_typed_into(compositor, seat, launch):
    foot = launch("foot", "sh", "-c", "read word && test $word = hello")
    compositor.wait_for_windows()
    seat.keyboard.type("hello\n")

    assert foot.wait(TIMEOUT_S) == 0


def test_it_is_under_the_compositor_that_the_test_names(sway, launch):
    launched = launch("printenv", "WAYLAND_DISPLAY")

    assert launched.wait(TIMEOUT_S) == 0
    assert launched.output.strip() == sway.display


def test_a_program_can_be_put_behind_a_tap(compositor, launch):
    with Tap(compositor) as tap:
        foot = launch("foot", "true", env=tap.environment)

        assert foot.wait(TIMEOUT_S) == 0
        tap.expect("xdg_toplevel.set_app_id", data={"app_id": "foot"})


def test_it_ends_with_what_it_has_started(compositor):
    with Launcher(compositor) as launch:
        program = launch("sh", "-c", WITH_CHILD)
        child = child_of(program)

    assert program.returncode == -signal.SIGTERM
    assert ends(child)


def test_what_a_program_leaves_running_ends_too(compositor):
    with Launcher(compositor) as launch:
        program = launch("sh", "-c", "sleep 1000 & echo $!")
        assert program.wait(TIMEOUT_S) == 0

    assert ends(int(program.output))


def test_what_does_not_want_to_end_is_killed(compositor):
    with Launcher(compositor) as launch:
        program = launch("sh", "-c", "trap '' TERM; echo 0; while :; do sleep 1; done")
        child_of(program)
        program.end(grace=0.05)

    assert program.returncode == -signal.SIGKILL


def test_leaving_its_own_with_ends_it_instead_of_waiting(compositor, launch):
    with pytest.raises(ZeroDivisionError), launch("sleep", "1000") as program:
        _ = 1 / 0

    assert program.returncode == -signal.SIGTERM


def test_input_directory_and_variables_are_given_as_to_popen(compositor, launch, tmp_path):
    options = {"env": {"WORD": "yes"}, "cwd": tmp_path, "stdin": subprocess.PIPE}
    program = launch("sh", "-c", "cat; pwd; echo $WORD", **options)
    program.stdin.write(b"said\n")
    program.stdin.close()

    assert program.wait(TIMEOUT_S) == 0
    assert program.output.split() == ["said", str(tmp_path), "yes"]


def test_no_descriptor_is_left(compositor, open_descriptors):
    before = open_descriptors()
    with Launcher(compositor) as launch:
        launch("true")
        with pytest.raises(FileNotFoundError):
            launch("no such program")
        with pytest.raises(ValueError, match="a program is needed"):
            launch()

    assert open_descriptors() == before


def test_a_failing_test_does_not_hang_and_shows_what_its_programs_wrote(run):
    result = run(
        """
        def test_it(compositor, launch):
            launch("sh", "-c", "echo told >&2; exec sleep 1000")
            ended = launch("sh", "-c", "echo said; exit 7")
            with launch("sleep", "1000"):
                assert ended.wait(5) == 0
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*--- sh log ---*", "still running", "told", "*--- sh log ---*", "exit status 7", "said"]
    )


def test_a_program_that_ends_for_want_of_a_seat_is_explained(run):
    result = run(
        """
        import pytest

        @pytest.mark.wayland(tier="weston-named")
        def test_it(launch):
            assert launch("foot", "true").wait(10) == 0
        """
    )

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*--- foot log ---*",
            "exit status 230",
            '*has no seat*needs=?"seat"?',
            "*no seats available*",
        ]
    )


def test_unittest_classes_launch_too_and_a_hang_is_ended(run):
    result = run(
        """
        import unittest
        import pytest

        class TestProgram(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def _take(self, launch):
                self.launch = launch

            def test_it(self):
                assert self.launch("wayland-info").wait(5) == 0

            def test_hang(self):
                self.launch("sh", "-c", "echo here; exec sleep 1000").wait()
        """,
        "--timeout=2",
        "--timeout-method=signal",
    )

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*--- sh log ---*", "still running", "here"])


def test_programs_end_with_a_pytest_that_is_killed(run, pytester):
    result = run(
        """
        import os, signal

        def test_it(compositor, launch):
            with open("pid", "w") as file:
                file.write(str(launch("sleep", "1000").pid))
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )

    assert result.ret == -signal.SIGKILL
    assert ends(int((pytester.path / "pid").read_text()))


def test_a_weston_for_one_client_runs_no_programs():
    with Weston() as weston, pytest.raises(CapabilityMissing, match="no display here"):
        Launcher(weston)("true")
