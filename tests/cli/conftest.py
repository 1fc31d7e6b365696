"""Runs the command as a person or a script would."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.log import Log, Origin
from wayfold.model import SessionModel

COMMAND = [sys.executable, "-W", "error", "-m", "wayfold"]
SESSION = ("WAYLAND_DISPLAY", "WAYLAND_SOCKET", "WAYFOLD_LOG", "NO_COLOR")


def environment_of(compositor, **more):
    """Give an environment that names this compositor, or none."""
    base = {name: value for name, value in os.environ.items() if name not in SESSION}
    named = compositor.environment if compositor is not None else {}
    return {**base, **named, "COLUMNS": "80", "LINES": "24", **more}


@pytest.fixture
def wayfold(tmp_path):
    """Run it with its output in pipes, in a directory of its own."""

    def run(*arguments, compositor=None, **environment):
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env=environment_of(compositor, **environment),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return run


@pytest.fixture
def redirected():
    """Run it by a shell that sends its streams elsewhere, as `>&-` says."""

    def run(where, command, compositor, cwd=None, **environment):
        return subprocess.run(
            ["sh", "-c", f'"$@" {where}', "sh", *COMMAND, *command],
            env=environment_of(compositor, **environment),
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=50,
            check=False,
        )

    return run


@pytest.fixture
def started(tmp_path):
    """Start it with its output in a pipe; killed at the end."""
    running = []

    def start(*arguments, compositor=None, **environment):
        running.append(
            subprocess.Popen(
                [*COMMAND, *map(str, arguments)],
                env=environment_of(compositor, **environment),
                cwd=tmp_path,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield start
    for each in running:
        with each:
            each.kill()


@pytest.fixture
def on_terminal(tmp_path):
    """Run it on a terminal of 80 columns; give its exit code and everything it wrote there."""

    def run(*arguments, compositor=None, **environment):
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [*COMMAND, *map(str, arguments)],
            env={**environment_of(compositor), "TERM": "xterm", **environment},
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=theirs,
        ) as process:
            os.close(theirs)
            written = b""
            while piece := _read(ours):
                written += piece
        os.close(ours)
        return process.returncode, written.decode()

    return run


def _read(descriptor):
    try:
        return os.read(descriptor, 65536)
    except OSError:  # EIO: nobody has the other end any more
        return b""


@pytest.fixture
def recording(wayfold, tmp_path) -> Path:
    """What `wayfold record` wrote of a demo of 20 frames."""
    path = tmp_path / "demo.wayfold"
    demo = [*COMMAND, "demo", "--headless", "--frames", "20", "--output", str(tmp_path / "x.png")]
    done = wayfold("record", "-o", path, "--", *demo)
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A recording of a little, and a log of an outage watch that has something to report."""
    place = tmp_path_factory.mktemp("files")
    with Log.open(place / "lamps", model=SessionModel()) as log:
        log.append("connection.opened", "connection", {"display": "x"}, origin=Origin.WAYFOLD)
        for number in range(300):
            log.append("lamp.lit", "lamp/1", {"level": number, "by": "hand" * 20})
    url = "http://127.0.0.1:9/"
    watch = ["outage", "run", "kiosk", "--display", "none", "--post", url, "--for", "0.3"]
    subprocess.run(
        [*COMMAND, *watch], cwd=place, env=environment_of(None), check=True, capture_output=True
    )
    return place
