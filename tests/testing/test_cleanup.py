"""Nothing is left when the test process is killed: no process, no socket, no directory."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

TIMEOUT_MS = 10_000
STARTS = {
    "weston": "from wayfold.testing import Weston\nc = Weston()",
    "weston named": "from wayfold.testing import Weston\nc = Weston(named=True)",
    "weston frozen": "from wayfold.testing import Weston\nc = Weston(named=True)",
    "sway": "from wayfold.testing import Sway\nc = Sway()",
}
TELL = """
import os, sys, threading
t = threading.Thread(target=c.start)
t.start()
t.join()
if {frozen}: c.freeze()
print(c.pid, c.runtime_directory, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=sorted(STARTS))
def victim(request):
    """A process with a compositor, which was started in a thread that has ended."""
    program = STARTS[request.param] + TELL.format(frozen="frozen" in request.param)
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        pid, directory = process.stdout.readline().split()
        yield process, int(pid), Path(directory)
        process.kill()


def ended(descriptor):
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(TIMEOUT_MS))


def guardian_of(root):
    """Find the watcher by the directory on its command line."""
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[3:5] == [b"wayfold-guardian", os.fsencode(root)]:
            return os.pidfd_open(int(entry.parent.name))
    raise LookupError(f"no guardian watches over {root}")


def test_killing_the_test_process_ends_everything(victim):
    process, pid, directory = victim
    compositor, guardian = os.pidfd_open(pid), guardian_of(directory.parent)
    process.send_signal(signal.SIGKILL)

    assert ended(compositor)
    assert ended(guardian)
    assert not directory.parent.exists()
    os.close(compositor)
    os.close(guardian)


def test_a_process_that_simply_ends_leaves_nothing(victim):
    process, pid, directory = victim
    compositor = os.pidfd_open(pid)
    process.stdin.close()

    assert process.wait(TIMEOUT_MS / 1000) == 0
    assert not directory.parent.exists()
    assert ended(compositor)
    os.close(compositor)


def test_a_fork_does_not_hold_what_its_parent_had():
    program = """
import os, sys
from wayfold.testing import Weston
with Weston() as outer:
    child = os.fork()
    if child == 0:
        with Weston() as inner:
            assert inner.runtime_directory.parent != outer.runtime_directory.parent
        sys.exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert outer.is_running
print(outer.runtime_directory.parent)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()


def test_without_a_usable_path_nothing_is_left_either():
    program = """
import os
os.environ["PATH"] = "/nowhere"
from wayfold.testing import CompositorMissing, Weston
weston = Weston()
try:
    weston.start()
except CompositorMissing:
    print(weston.runtime_directory.parent)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (0, "")
    assert not Path(done.stdout.strip()).exists()
