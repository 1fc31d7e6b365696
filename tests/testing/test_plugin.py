"""The pytest plugin, in runs of its own."""

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture
def run(pytester):
    """Run a test file in a pytest of its own, with ini lines."""

    def run_it(source, *ini):
        pytester.makeini("\n".join(["[pytest]", *ini]))
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess("-p", "no:cacheprovider")

    return run_it


def test_every_fixture_gives_what_it_says(run):
    result = run(
        """
        def test_scripted(scripted_server):
            assert scripted_server.client_socket.fileno() >= 0

        def test_weston(weston):
            assert weston.is_running

        def test_named(weston_named, sway):
            assert weston_named.display != sway.display
        """
    )

    result.assert_outcomes(passed=3)


def test_a_client_is_connected_and_has_its_first_state(run):
    result = run(
        """
        def test_client(wayland_client, weston):
            assert len(wayland_client.state.outputs) == 1
        """
    )

    result.assert_outcomes(passed=1)


def test_a_failing_test_shows_the_compositors_log(run):
    result = run(
        """
        def test_it(weston):
            assert False

        def test_fine(weston):
            pass
        """
    )

    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["*--- weston log ---*", "*weston 1*"])
    assert result.stdout.str().count("--- weston log ---") == 1


def test_the_marker_carries_options(run):
    result = run(
        """
        import pytest

        @pytest.mark.compositor(outputs=3)
        def test_it(sway):
            assert len(sway.outputs) == 3
        """,
        "addopts = --strict-markers",
    )

    result.assert_outcomes(passed=1)


def test_without_the_compositor_a_test_is_skipped_with_the_package_named(run, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("def test_it(weston): pass", "addopts = -rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*weston is not installed; install the package weston*"])


def test_without_the_compositor_a_test_fails_where_that_is_wanted(run, monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    result = run("def test_it(sway): pass", "wayfold_missing = fail")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*sway is not installed; install the package sway*"])
    result.stdout.no_fnmatch_line("During handling of the above exception*")


def test_another_word_in_the_ini_file_is_refused(run):
    result = run("def test_it(): pass", "wayfold_missing = maybe")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*wayfold_missing must be one of fail, skip*"])


def test_nothing_of_the_package_is_imported_without_need(run):
    result = run(
        """
        import sys

        def test_it():
            assert "wayfold" not in sys.modules
        """
    )

    result.assert_outcomes(passed=1)
