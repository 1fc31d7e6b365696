"""`wayfold watch` prints records as they come."""

import json
import re

from wayfold.testing import ScriptedServer

LINE = re.compile(r"\d\d:\d\d:\d\d\.\d{3} (<-|->|==|\*\*) \w+(#\d+)?[. ][\w.]+\(.*\)$")


def until(running, wanted):
    """Read lines until one contains what is wanted; the test's time-out is the deadline."""
    lines = []
    for line in running.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError(f"no {wanted!r} in {lines}: {running.stderr.read()}")


def test_everything_is_a_line_of_one_form(wayfold, weston_named):
    done = wayfold("watch", "--for", "0.1", compositor=weston_named)
    lines = done.stdout.splitlines()

    assert done.returncode == 0
    assert len(lines) > 40
    assert [line for line in lines if not LINE.match(line)] == []
    (mode,) = (line for line in lines if ".mode(" in line)
    assert mode.endswith("mode(flags=current|preferred, width=1024, height=640, refresh=60000)")


def test_patterns_and_a_subject_choose(wayfold, weston_named):
    done = wayfold("watch", "wl_output.*", "output.*", "--for", "0.1", compositor=weston_named)
    names = {line.split()[2].split(".")[0] for line in done.stdout.splitlines()}
    subject = next(name for name in names if name.startswith("wl_output#"))
    about = wayfold("watch", "--subject", subject, "--for", "0.1", compositor=weston_named)

    assert names == {subject}
    assert all(subject in line for line in about.stdout.splitlines())


def test_json_is_one_object_a_line(wayfold, weston_named):
    done = wayfold("watch", "--json", "--for", "0.1", compositor=weston_named)
    records = [json.loads(line) for line in done.stdout.splitlines()]

    assert [record["position"] for record in records] == list(range(1, len(records) + 1))
    assert records[0]["name"] == "connection.opened"
    assert {"position", "time_ns", "origin", "subject", "version", "name", "data"} <= set(
        records[0]
    )


def test_another_interface_is_bound_when_asked_for(wayfold, weston_named):
    arguments = ("watch", "wp_presentation.*", "--for", "0.1")
    without = wayfold(*arguments, compositor=weston_named)
    bound = wayfold(*arguments, "--bind", "wp_presentation", compositor=weston_named)

    assert without.stdout == ""
    assert "clock_id(clk_id=" in bound.stdout


def test_changes_are_printed_as_they_happen(started, sway):
    running = started("watch", "output.*", compositor=sway)
    until(running, "output.added")
    created = sway.create_output()
    line = until(running, f'name="{created}"')[-1]
    sway.command(f"output {created} scale 3")

    assert " == wl_output#" in line
    until(running, "scale={before=1, after=3}")


def test_it_ends_with_its_reader_though_nothing_happens(started, weston_named):
    running = started("watch", compositor=weston_named)
    until(running, "output.changed")
    running.stdout.close()

    assert running.wait(20) == 0
    assert running.stderr.read() == ""


def test_a_compositor_that_goes_is_told_behind_the_last_records(started, weston_named):
    running = started("watch", "--subject", "connection", compositor=weston_named)
    until(running, "connection.ready")
    weston_named.kill()
    output, errors = running.communicate(timeout=20)

    assert running.returncode == 1
    assert output.count("\n") == 1
    assert "connection.lost" in output
    assert errors.startswith("wayfold watch: the connection to the compositor is lost")
    assert "Traceback" not in errors


def test_values_are_spelled_on_one_line(wayfold, tmp_path):
    def greet(resource):
        resource.event("name", 'a "b"\n\t\\')
        resource.event("mode", 99, -1, 0, 1)

    with ScriptedServer(standard=False) as server:
        server.add_global("wl_output", 4, greeting=greet)
        server.listen(str(tmp_path / "wayland-0"))
        done = wayfold("watch", "wl_output.*", "--for", "0.1", "--display", tmp_path / "wayland-0")

    assert r'.name(name="a \"b\"\n\t\\")' in done.stdout
    assert "mode(flags=99, width=-1, height=0, refresh=1)" in done.stdout
