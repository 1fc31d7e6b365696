"""The watch as an operator runs it, beside real compositors that die, freeze and lose screens."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from wayfold.errors import LogUnusable
from wayfold.log import Log
from wayfold.outage.listing import incidents

COMMAND = [sys.executable, "-W", "error", "-m", "wayfold", "outage"]
DEADLINE_S = 40.0


class Running:
    """`wayfold outage run` on a file; `wait_for` looks at what it writes there."""

    def __init__(self, path, url, *options, environment=None):
        self.path = path
        arguments = ["run", path, "--post", url, "--after", "0.3s", "--silent", "0.5s", *options]
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )

    def wait_for(self, *names):
        """Wait until the story in the file ends with these: who broke, what was told."""
        end_s = time.monotonic() + DEADLINE_S
        while (found := story(self.path))[-len(names) :] != list(names):
            assert self.process.poll() is None, self.process.stderr.read()
            assert time.monotonic() < end_s, f"{found} and not {names}"

    def end(self, number=signal.SIGINT):
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=20)
        assert self.process.returncode == 0, errors
        return errors


def story(path):
    """Give the devices that broke and were mended, and what was reported."""
    try:
        with Log.open(path, read_only=True) as log:
            records = list(log.records(name=("error.*", "effect.done")))
    except LogUnusable:
        return []
    return [
        f"{record.data['effect']} told" if record.name == "effect.done" else _spelled(record)
        for record in records
    ]


def _spelled(record):
    device = record.subject.removeprefix("device/")
    return f"{device} {'broke' if record.name == 'error.occurred' else 'mended'}"


@pytest.fixture
def watch(tmp_path, partner):
    """Start a watch on a file; again on the same file; ended at the end."""
    running = []
    taking = partner()

    def start(display, *options, url=taking.url):
        path = tmp_path / "kiosk.wayfold"
        running.append(Running(path, url, "--display", display, *options))
        running[-1].partner = taking
        return running[-1]

    yield start
    for each in running:
        with each.process:
            each.process.kill()


def told(partner):
    return [body["report"] for body in partner.accepted.values()]


def test_a_compositor_that_dies_is_reported_and_so_is_its_return(watch, weston_named):
    running = watch(weston_named.display)
    running.wait_for()
    wait_until_connected(running)
    weston_named.kill()
    running.wait_for("compositor broke", "outage told")
    weston_named.restart()
    running.wait_for("compositor broke", "outage told", "compositor mended", "resolution told")
    running.end()

    outage, resolution = running.partner.accepted.values()
    assert outage["what"] == "the compositor is gone"
    assert outage["incident"] == resolution["incident"]


def wait_until_connected(running):
    end_s = time.monotonic() + DEADLINE_S
    while time.monotonic() < end_s:
        try:
            with Log.open(running.path, read_only=True) as log:
                if any(log.records(name="connection.ready")):
                    return
        except LogUnusable:
            pass  # not made yet
        assert running.process.poll() is None, running.process.stderr.read()
    raise AssertionError("the watch has not connected")


def test_a_compositor_that_freezes_is_reported_and_mended_when_it_answers(watch, weston_named):
    running = watch(weston_named.display)
    wait_until_connected(running)
    weston_named.freeze()
    running.wait_for("compositor broke", "outage told")
    weston_named.thaw()
    running.wait_for("compositor mended", "resolution told")
    errors = running.end()

    assert "display.silent: no answer within 0.5 s" in errors
    assert "display.answered" in errors


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_compositor_that_is_not_there_yet_is_waited_for(number, watch, weston_named):
    weston_named.kill()
    running = watch(weston_named.display)
    running.wait_for("compositor broke", "outage told")
    weston_named.restart()
    running.wait_for("compositor mended", "resolution told")
    running.end(number)


def test_what_was_mended_while_no_watch_ran_is_not_reported(watch, weston_named):
    first = watch(weston_named.display, "--after", "2s")
    wait_until_connected(first)
    weston_named.kill()
    first.wait_for("compositor broke")
    first.process.kill()
    first.process.wait()
    weston_named.restart()
    overdue_s = time.monotonic() + 2.5
    while time.monotonic() < overdue_s:
        assert weston_named.is_running
    second = watch(weston_named.display, "--after", "2s")
    second.wait_for("compositor broke", "compositor mended")
    second.end()

    assert told(second.partner) == []


def test_a_screen_that_is_not_there_is_reported(watch, weston_named):
    running = watch(weston_named.display, "--expect", "HDMI-A-9")
    running.wait_for("HDMI-A-9 broke", "outage told")
    running.end()

    (body,) = running.partner.accepted.values()
    assert (body["device"], body["what"]) == ("HDMI-A-9", "the screen is gone")


@pytest.mark.wayland(needs=["hotplug"], tier="sway")
def test_a_screen_that_is_plugged_in_on_sway_mends_what_was_missing(watch, sway):
    running = watch(sway.display, "--expect", "HEADLESS-2")
    running.wait_for("HEADLESS-2 broke", "outage told")
    sway.outputs.add()
    running.wait_for("HEADLESS-2 mended", "resolution told")
    running.end()


@pytest.mark.wayland(needs=["display", "output-names"], tier="weston-seat", outputs=2)
def test_a_screen_that_is_unplugged_and_comes_back_on_weston_is_reported(watch, compositor):
    running = watch(compositor.display, "--expect", "HEADLESS-1")
    wait_until_connected(running)
    compositor.outputs.remove("HEADLESS-2")
    running.wait_for("HEADLESS-2 broke", "outage told")
    wait_until_listed(running, "done")  # which comes behind the line
    compositor.outputs.add(name="HEADLESS-2")
    running.wait_for("HEADLESS-2 mended", "resolution told")
    errors = running.end()

    assert story(running.path)[0] == "HEADLESS-2 broke"
    assert "HEADLESS-2: the screen is gone (incident HEADLESS-2@" in errors
    assert "outage of HEADLESS-2@" in errors


def test_why_a_report_was_not_taken_is_told(watch, weston_named):
    options = "--expect", "HDMI-A-9", "--for", "1.5"
    running = watch(weston_named.display, *options, url="http://127.0.0.1:9/in")
    _, errors = running.process.communicate(timeout=20)
    listed = command("list", running.path).stdout.splitlines()
    (row,) = [
        json.loads(one) for one in command("list", running.path, "--json").stdout.split("\n")[:-1]
    ]

    assert running.process.returncode == 0
    assert "not told, again at" in errors
    assert "Connection refused" in errors
    assert listed[-1].startswith("HDMI-A-9: ")
    assert "Connection refused" in row["error"]


def test_where_a_report_was_led_is_told_with_what_to_do(watch, weston_named, partner):
    taking = partner("308 https://elsewhere.example/\x1b[31min")
    running = watch(weston_named.display, "--expect", "HDMI-A-9", url=taking.url)
    running.wait_for("HDMI-A-9 broke")
    wait_until_listed(running, "gave_up")
    listed = command("list", running.path).stdout
    errors = running.end()

    for told in (listed.splitlines()[-1], errors):
        assert f"{taking.url} answered 308 Permanent Redirect: it leads to https://el" in told
        assert "which a POST does not follow; POST to the address that takes it" in told
        assert "\x1b" not in told


def command(*arguments):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False
    )


def wait_until_listed(running, report):
    """Wait until the list, which follows the log, says this of every report."""
    end_s = time.monotonic() + DEADLINE_S
    found = set()
    while found != {report}:
        assert time.monotonic() < end_s, found
        with Log.open(running.path, read_only=True) as log:
            found = {row["report"] for row in incidents(log)}


def test_incidents_and_what_is_pending_are_told(watch, weston_named):
    running = watch(weston_named.display, "--expect", "HDMI-A-9", "--expect", "DP-9")
    running.wait_for("outage told", "outage told")
    wait_until_listed(running, "done")
    running.end()
    listed = command("list", running.path)
    rows = [
        json.loads(line) for line in command("list", running.path, "--json").stdout.splitlines()
    ]
    with Log.open(running.path, read_only=True) as log:
        occurred = next(log.records(name="deadline.set")).position
        required = next(log.records(name="effect.required")).position
    before = command("pending", running.path, "--at", occurred)
    then = command("pending", running.path, "--at", required, "--json")
    now = command("pending", running.path)

    assert {row["device"] for row in rows} == {"HDMI-A-9", "DP-9"}
    assert {row["report"] for row in rows} == {"done"}
    assert "the screen is gone" in listed.stdout
    assert "open" in listed.stdout
    assert "due " in before.stdout
    assert json.loads(then.stdout.splitlines()[0])["arguments"]["json"]["report"] == "outage"
    assert now.stdout == "nothing is to be sent\n"
    assert [listed.returncode, before.returncode, then.returncode, now.returncode] == [0] * 4


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("list", "none"), 1, "there is no such file"),
        (("run", "x"), 2, "--post"),
        (("run", "x", "--post", "ftp://y"), 2, "ftp://y is no address: http:// or https://"),
        (("run", "x", "--post", "http://y:port"), 2, "http://y:port is no address: Port"),
        (("run", "x", "--after", "soon"), 2, "is no span of time, such as 90s"),
        ((), 2, "run"),
    ],
)
def test_wrong_use_is_told(arguments, status, told):
    done = command(*arguments)

    assert done.returncode == status
    assert told in done.stderr


def test_a_file_without_a_watch_is_told(tmp_path):
    Log.open(tmp_path / "x").close()
    done = command("list", tmp_path / "x")

    assert done.returncode == 1
    assert "no outage watch has run on" in done.stderr


def test_a_watch_that_could_not_report_does_not_begin(tmp_path):
    script = (
        "import sys; sys.modules['urllib3'] = None; from wayfold.cli import main;"
        "sys.exit(main(['outage', 'run', 'x', '--post', 'http://localhost/in', '--for', '1']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert done.returncode == 1
    assert done.stderr == "wayfold outage: to POST needs urllib3: pip install 'wayfold[http]'\n"
