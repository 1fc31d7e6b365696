"""A recording answers what was true, what changed it and whether it is whole, by its file."""

import json
import os
import signal
import sqlite3
import sys
from contextlib import closing
from datetime import datetime

import pytest

from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import moment
from wayfold.errors import NotALog
from wayfold.log import Log


def lines(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_program_is_recorded_by_its_environment(recording, wayfold):
    told = lines(wayfold("log", recording))
    (commits,) = lines(wayfold("state", recording, "surfaces", "--at", "150"))[1:2] or [""]

    assert [int(line.split()[0]) for line in told] == list(range(1, len(told) + 1))
    assert "log.masking" in told[0] or "connection.opened" in told[0]
    assert any("xdg_toplevel#" in line and "window.added" in line for line in told)
    assert "connection.closed" in "".join(told[-4:])
    assert "surfaces" in commits


def test_its_log_is_chosen_from_like_a_live_one(recording, wayfold):
    outputs = lines(wayfold("log", recording, "output.*", "--json"))
    early = lines(wayfold("log", recording, "--until", "10"))
    late = lines(wayfold("log", recording, "--since", "10", "wl_surface.attach"))

    assert {json.loads(line)["name"] for line in outputs} == {
        "output.added",
        "output.changed",
        "output.removed",
    }
    assert len(early) == 10
    assert len(late) == 20


def test_the_state_at_a_moment_is_told_by_path(recording, wayfold):
    (added,) = lines(wayfold("log", recording, "window.added", "--json"))
    position = json.loads(added)["position"]
    subject = json.loads(added)["subject"]
    where, title = lines(wayfold("state", recording, f"windows.{subject}.title", "--at", position))
    end, *_ = lines(wayfold("state", recording))
    whole = json.loads(wayfold("state", recording, "--at", position, "--json").stdout)
    nothing = wayfold("state", recording, "outputs.none", "--at", position)

    assert where.startswith(f"at position {position} of ")
    assert title == f'windows.{subject}.title = "wayfold demo"'
    assert end.endswith(": the session was over by then")
    assert whole["windows"][subject]["title"] == "wayfold demo"
    assert "pending" not in whole
    assert nothing.returncode == 1
    assert f"at position {position} there is nothing at 'outputs.none'" in nothing.stderr


def test_a_difference_and_its_cause_are_told(recording, wayfold):
    (added,) = lines(wayfold("log", recording, "window.added", "--json"))
    position, subject = json.loads(added)["position"], json.loads(added)["subject"]
    changes = lines(wayfold("diff", recording, position - 3, position))
    as_json = json.loads(wayfold("diff", recording, position - 3, position, "--json").stdout)
    cause = lines(wayfold("why", recording, f"windows.{subject}.title", "--at", position))

    assert f"windows.{subject}" in "".join(changes)
    assert {"path", "before", "after"} == set(as_json[0])
    assert cause[0] == '"wayfold demo"'
    assert cause[1].startswith("  brought by ")
    assert 'set_title(title="wayfold demo")' in cause[1]
    assert cause[2].startswith("  counted by ")
    assert "configure" in cause[2]
    assert lines(wayfold("diff", recording, 5, 5)) == ["from position 5 to 5: no changes"]
    assert wayfold("why", recording, "outputs.none").returncode == 1


def test_plain_sql_answers_the_same(recording):
    with closing(sqlite3.connect(recording)) as plain, plain:
        query = "select name, json_extract(data, '$.width') from record where name='wl_output.mode'"
        assert plain.execute(query).fetchall() == [("wl_output.mode", 1024)]
        assert plain.execute("select what from output_history").fetchall()[0] == ("added",)
        assert len(plain.execute("select * from session").fetchall()) == 2
        assert plain.execute("select count(*) from request").fetchone()[0] > 100
    plain.close()


def test_a_recording_that_was_changed_is_found_out(recording, wayfold):
    whole = wayfold("verify", recording)
    with closing(sqlite3.connect(recording)) as plain, plain:
        plain.execute("update record set time_ns = 1 where position = 30")
    plain.close()
    changed = wayfold("verify", recording)
    as_json = wayfold("verify", recording, "--json")

    assert (whole.returncode, whole.stderr) == (0, "")
    assert "records are what was written" in whole.stdout
    assert changed.returncode == as_json.returncode == 1
    assert "position 30 is not what was written" in changed.stderr
    assert json.loads(as_json.stdout)["position"] == 30


def test_a_compositor_is_recorded_until_it_is_enough(wayfold, weston_named, tmp_path):
    done = wayfold("record", "-o", "x.wayfold", "--until", "output.added", compositor=weston_named)
    timed = wayfold("record", "-o", "x.wayfold", "--for", "0.1", compositor=weston_named)

    assert (done.returncode, timed.returncode) == (0, 0), done.stderr
    assert lines(wayfold("log", "x.wayfold"))
    assert os.listdir(tmp_path) == ["x.wayfold"]
    with Log.open(tmp_path / "x.wayfold", read_only=True) as log:
        assert len(list(log.records(name="connection.opened"))) == 2
        assert f"{log.head} records in x.wayfold" in timed.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_recording_well(number, started, weston_named, tmp_path):
    running = started("record", "-o", "x.wayfold", "--mark-on-enter", compositor=weston_named)
    running.stdin.write("the cable was pulled\n")
    running.stdin.flush()
    wait_for(tmp_path / "x.wayfold", lambda log: any(log.records(name="mark")))
    running.send_signal(number)
    _, errors = running.communicate(timeout=20)

    assert running.returncode == 0
    assert "records in x.wayfold" in errors
    with Log.open(tmp_path / "x.wayfold", read_only=True) as log:
        (mark,) = log.records(name="mark")
        assert moment(log, "the cable was pulled") == mark.position
        assert log[-1].name in ("connection.closed", "output.removed")


def test_a_recording_is_followed_while_it_grows(started, weston_named, tmp_path):
    recorder = started("record", "-o", "x.wayfold", "--mark-on-enter", compositor=weston_named)
    wait_for(tmp_path / "x.wayfold", lambda log: any(log.records(name="output.added")))
    follower = started("log", "x.wayfold", "mark", "--follow", "--json")
    for text in ("first", "second"):
        recorder.stdin.write(f"{text}\n")
        recorder.stdin.flush()
        assert json.loads(follower.stdout.readline())["data"] == {"text": text}
    recorder.send_signal(signal.SIGINT)
    assert recorder.wait(timeout=20) == 0
    follower.send_signal(signal.SIGINT)

    assert follower.wait(timeout=20) == 130
    assert os.listdir(tmp_path) == ["x.wayfold"]


def test_a_recording_is_bounded(wayfold, weston_named, tmp_path):
    demo = [sys.executable, "-m", "wayfold", "demo", "--headless", "--frames", "60"]
    done = wayfold("record", "-o", "x.wayfold", "--keep", "100", "--", *demo)
    wrong = wayfold("record", "--keep", "7 lightyears", "--", *demo)

    assert done.returncode == 0, done.stderr
    assert wrong.returncode == 2
    assert "give a number of records (500000), an age" in wrong.stderr
    with Log.open(tmp_path / "x.wayfold", read_only=True) as log:
        assert log.cut
        assert len(log) < 120
        assert log.verify() == len(log)
    assert lines(wayfold("log", "x.wayfold", "log.cut"))
    assert "outputs" in "".join(lines(wayfold("state", "x.wayfold", "--at", log.cut)))


def wait_for(path, condition):
    """Open the file again and again as it grows; the test's time-out is the deadline."""
    while True:
        try:
            with Log.open(path, read_only=True) as log:
                if condition(log):
                    return
        except NotALog:
            pass  # not made yet


def test_a_recording_killed_at_any_moment_is_whole_up_to_there(started, tmp_path, wayfold):
    path = tmp_path / "x.wayfold"
    for after in (60, 120, 200):
        running = started(
            "demo", "--headless", "--frames", "500", "--output", "x.png", WAYFOLD_LOG=str(path)
        )
        wait_for(path, lambda log, after=after: log.head >= after)
        running.kill()
        running.wait()
        done = wayfold("verify", path)
        assert done.returncode == 0, done.stderr
        with Log.open(path, read_only=True) as log:
            assert log.head >= after
        for name in tmp_path.glob("x.wayfold*"):
            name.unlink()


@pytest.fixture
def clocked(tmp_path):
    """A log of ten records, a quarter of a second apart, from 12:03:04 local time on."""
    start = int(datetime(2026, 3, 4, 12, 3, 4).timestamp() * 1e9)
    ticks = iter(range(start, start + 10**12, 250_000_000))
    log = Log.open(tmp_path / "clocked.wayfold", clock=lambda: next(ticks))
    for number in range(10):
        log.append("mark", "marks", {"text": f"mark {number}"})
    yield log
    log.close()


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("0", 0),
        ("7", 7),
        ("+0s", 1),
        ("+0.5s", 3),
        ("+0.6", 3),
        ("+99s", 10),
        ("12:03:04", 1),
        ("12:03:05.25", 6),
        ("12:04", 10),
        ("12:03:03.9", 0),
        ("00:00:01", 10),
        ("2026-03-04T12:03:04.6", 3),
        ("2026-03-04", 0),
        ("mark 4", 5),
    ],
)
def test_a_moment_is_what_a_person_types(clocked, text, position):
    assert moment(clocked, text) == position


@pytest.mark.parametrize("text", ["11", "yesterday", "mark 99", "", "12:99:99"])
def test_what_is_no_moment_is_told_with_what_is_one(clocked, text):
    with pytest.raises(CommandFailed, match=r"is no moment|there is no position"):
        moment(clocked, text)


def test_files_that_are_no_recordings_are_told(wayfold, tmp_path):
    (tmp_path / "text").write_text("hello")
    for command in (("log",), ("state",), ("verify",)):
        for name in ("text", "none", os.curdir):
            done = wayfold(*command, name)
            assert done.returncode == 1
            assert done.stderr.startswith(f"wayfold {command[0]}: {name}: ")
    done = wayfold("record", "-o", "x.wayfold", "--", "true")
    assert done.returncode == 1
    assert "is not written with wayfold: --any records any program" in done.stderr
    assert wayfold("record", "--", "no-such-program").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--any",), "--any needs a COMMAND"),
        (("--for", "5", "--", "true"), "--for is for a recording without a COMMAND"),
        (("--until", "a", "--", "true"), "--until is for a recording without a COMMAND"),
        (("--mark-on-enter", "--any", "--", "true"), "--mark-on-enter is for a recording without"),
        (("--until", ""), "a pattern must not be empty"),
        (("--output", "", "--", "true"), "--output needs a file's name"),
    ],
)
def test_an_option_that_would_do_nothing_is_wrong_use(arguments, told, wayfold, tmp_path):
    done = wayfold("record", *arguments)

    assert (done.returncode, os.listdir(tmp_path)) == (2, [])
    assert told in done.stderr


@pytest.mark.parametrize("where", ["</dev/null", "<text", "<&-"])
def test_marks_are_read_from_what_cannot_be_waited_for(where, redirected, weston_named, tmp_path):
    (tmp_path / "text").write_bytes(b"first\nsecond \xff\n")
    command = ("record", "-o", "x.wayfold", "--mark-on-enter", "--for", "0.1")
    done = redirected(where, command, weston_named, cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    with Log.open(tmp_path / "x.wayfold", read_only=True) as log:
        marks = [record.data["text"] for record in log.records(name="mark")]
        assert marks == (["first", "second \ufffd"] if where == "<text" else [])


EMPTY = [
    ("log", "x", "--since", ""),
    ("log", "x", "--until", ""),
    ("state", "x", "--at", ""),
    ("state", "x", ""),
    ("why", "x", "connection", "--at", ""),
    ("timeline", "x", "--since", ""),
    ("timeline", "x", "-o", ""),
    ("timeline", "x", "--perfetto", ""),
    ("parked", "x", "--release", ""),
    ("parked", "x", "--drop", ""),
    ("outage", "pending", "x", "--at", ""),
    ("log", ""),
    ("verify", ""),
]


@pytest.mark.parametrize("arguments", EMPTY)
def test_an_empty_argument_is_not_taken_for_none(arguments, wayfold, tmp_path):
    with Log.open(tmp_path / "x") as log:
        log.append("a.b", "c")
    done = wayfold(*arguments)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"wayfold {arguments[0]}: ")
    assert os.listdir(tmp_path) == ["x"]


def test_what_there_is_instead_is_told(recording, wayfold):
    (added,) = lines(wayfold("log", recording, "window.added", "--json"))
    at = ("--at", json.loads(added)["position"])
    subject = json.loads(added)["subject"]

    for path, told in {
        "nope": "in the state there is: connection, globals, outputs, seats, surfaces, windows",
        "windows.nope": f"in windows there is: {subject}\n",
        f"windows.{subject}.nope": f"in windows.{subject} there is: subject, xdg_surface, surface,",
        "connection.status.x": "in connection.status there is: nothing\n",
    }.items():
        done = wayfold("state", recording, path, *at)
        assert done.returncode == 1
        assert f"there is nothing at '{path}'; {told}" in done.stderr


def test_a_recording_needs_a_folder_that_is_there(wayfold):
    done = wayfold("record", "-o", "none/x.wayfold", "--", "true")

    assert done.returncode == 1
    assert done.stderr == "wayfold record: none/x.wayfold cannot be made: there is no such folder\n"


def test_a_program_that_is_killed_ends_as_in_a_shell(tmp_path, wayfold):
    path = tmp_path / "killed.wayfold"
    program = (
        f"import os, wayfold; log = wayfold.Log.open({str(path)!r}); log.append('x', 'y');"
        "os.kill(os.getpid(), 9)"
    )
    done = wayfold("record", "-o", path, "--", sys.executable, "-c", program)

    assert done.returncode == 128 + signal.SIGKILL
    assert f"1 record in {path}" in done.stderr
    assert os.listdir(tmp_path) == ["killed.wayfold"]
    assert "the 1 record is what was written" in wayfold("verify", path).stdout


ODD_MOMENTS = ["1" * 5000, "+" + "9" * 400 + "s", "0001-01-01", "9999-12-31T23:59:59-14:00"]
ODD_MOMENTS += [
    "0001-01-01T00:00:00+14:00",
    "99:99",
    "24:00",
    "",
    "nan",
    "\u00b2",
    "-1",
    "x" * 9000,
]


@pytest.mark.parametrize("text", ODD_MOMENTS)
def test_no_moment_however_odd_breaks_out(recording, text):
    with Log.open(recording, read_only=True) as log:
        try:
            assert 0 <= moment(log, text) <= log.head
        except CommandFailed as error:
            told = str(error)
            assert "is no moment of this recording" in told or "there is no position" in told


@pytest.mark.parametrize("question", [("state",), ("diff", "0", "1"), ("why", "outputs")])
def test_a_log_without_a_session_is_told_whose_state_it_has(question, wayfold, tmp_path):
    with Log.open(tmp_path / "own.wayfold") as log:
        log.append("lamp.lit", "lamp/1")
    command, *more = question
    done = wayfold(command, tmp_path / "own.wayfold", *more)

    assert done.returncode == 1
    assert "has facts of an application and no session with a compositor" in done.stderr
