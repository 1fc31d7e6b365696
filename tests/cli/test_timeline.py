"""`wayfold timeline` writes a page and a trace, whole or not at all."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest
from perfetto.protos.perfetto.trace.perfetto_trace_pb2 import Trace

from wayfold.log import Log, Origin


@pytest.fixture
def recorded(tmp_path):
    """A recording of sixty commits."""
    path = tmp_path / "demo.wayfold"
    with Log.open(path) as log:
        for _ in range(60):
            log.append("wl_surface.commit", "wl_surface#11", origin=Origin.CLIENT)
    return path


def test_a_page_is_named_for_the_recording(recorded, wayfold, tmp_path):
    done = wayfold("timeline", recorded)

    assert done.returncode == 0, done.stderr
    assert done.stdout == "demo.html: 60 records, 0 chains, 0 findings\n"
    assert (tmp_path / "demo.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_and_a_trace_hold_what_was_chosen(recording, wayfold, tmp_path):
    done = wayfold(
        *("timeline", recording, "wl_surface.*", "--since", "60", "--until", "+10s"),
        *("-o", "x.html", "--perfetto", "x.pftrace"),
    )
    with Log.open(recording, read_only=True) as log:
        chosen = list(log.records(after=60, name="wl_surface.*"))
    trace = Trace()
    trace.ParseFromString((tmp_path / "x.pftrace").read_bytes())
    instants = [each for each in trace.packet if each.track_event.type == 3]

    assert done.returncode == 0, done.stderr
    assert f"x.html: {len(chosen)} records, 2" in done.stdout
    assert len(instants) == len(chosen)


def test_a_trace_alone_writes_no_page(recorded, wayfold, tmp_path):
    done = wayfold("timeline", recorded, "--perfetto", "x.pftrace")

    assert done.returncode == 0, done.stderr
    assert not list(tmp_path.glob("*.html"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("-o", "demo.wayfold"), "demo.wayfold is the recording itself"),
        (("--perfetto", "demo.wayfold"), "demo.wayfold is the recording itself"),
        (("-o", "x", "--perfetto", "x"), "name two files"),
        (("-o", "none/x.html"), "none/x.html cannot be written: No such file or directory"),
        (("-o", "."), ". is a directory; name a file in it"),
        (("nothing.like.this",), "no record fits; `wayfold log demo.wayfold`"),
        (("--subject", "wl_output#999"), "no record fits"),
        (("--since", "yesterday"), "'yesterday' is no moment"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_lost(
    recorded, wayfold, tmp_path, arguments, told
):
    before = recorded.read_bytes()
    done = wayfold("timeline", "demo.wayfold", *arguments)

    assert done.returncode == 1
    assert done.stderr.startswith("wayfold timeline: ")
    assert told in done.stderr
    assert recorded.read_bytes() == before
    assert not [
        each for each in tmp_path.iterdir() if each.suffix in (".html", ".part", ".pftrace")
    ]


@pytest.mark.parametrize("kind", ["--output", "--perfetto"])
def test_a_damaged_recording_is_told_with_its_place_and_leaves_no_file(
    recorded, wayfold, tmp_path, kind
):
    with closing(sqlite3.connect(recorded)) as plain, plain:
        plain.execute("delete from record where position = 30")
    plain.close()
    done = wayfold("timeline", recorded, kind, "x.out")

    assert done.returncode == 1
    assert "position 30 is missing" in done.stderr
    assert not list(tmp_path.glob("*x.out*"))


def test_a_page_that_was_there_stays_where_the_new_one_fails(recorded, wayfold, tmp_path):
    (tmp_path / "x.html").write_text("the old one")
    done = wayfold("timeline", recorded, "nothing.like.this", "-o", "x.html")

    assert done.returncode == 1
    assert (tmp_path / "x.html").read_text() == "the old one"


def test_progress_is_shown_on_a_terminal_only(recorded, wayfold, on_terminal, tmp_path):
    quiet = wayfold("timeline", recorded, "-o", "x.html")
    status, written = on_terminal("timeline", str(recorded), "-o", "x.html")

    assert quiet.stderr == ""
    assert status == 0
    assert "x.html: " in written


def test_a_pipe_is_written_into_and_not_replaced(recorded, started, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    running = started("timeline", recorded, "-o", pipe)
    with open(pipe, encoding="utf-8") as reader:
        page = reader.read()

    assert running.wait(20) == 0
    assert page.startswith("<!doctype html>")
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)
