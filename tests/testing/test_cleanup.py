"""Nothing is left when the test process is killed: no process, no socket, no directory."""

import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from wayfold.testing import Weston
from wayfold.testing.sweep import sweep

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


def has_died(pid):
    """Tell of a child whether it is dead, which it stays until it is waited for."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


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


def test_a_program_is_ended_also_between_two_programs(tmp_path):
    # It is hardly ever anything else; without an eye on that, one in ten slipped through.
    restless, root = tmp_path / "restless", tmp_path / "root"
    restless.write_text(f'exec /bin/sh "{restless}"')
    environment = os.environ | {"XDG_RUNTIME_DIR": str(root / "1")}
    for _ in range(100):
        root.mkdir()
        with subprocess.Popen(["/bin/sh", restless], env=environment) as program:
            sweep(root)
            is_ended = has_died(program.pid)
            program.kill()

        assert is_ended
        assert not root.exists()


def test_a_program_without_any_environment_is_somebody_elses(tmp_path):
    with subprocess.Popen(["/bin/cat"], env={}, stdin=subprocess.PIPE) as program:
        sweep(tmp_path)

        assert not has_died(program.pid)


def test_a_process_that_simply_ends_leaves_nothing(victim):
    process, pid, directory = victim
    compositor = os.pidfd_open(pid)
    process.stdin.close()

    assert process.wait(TIMEOUT_MS / 1000) == 0
    assert not directory.parent.exists()
    assert ended(compositor)
    os.close(compositor)


def test_an_interrupt_while_the_end_is_waited_for_is_no_error():
    program = """
from wayfold.testing import Weston
with Weston() as weston:
    root = weston.runtime_directory.parent
print(root, flush=True)
input()
"""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", program], text=True, **pipes) as process:
        guardian = guardian_of(Path(process.stdout.readline().strip()))
        signal.pidfd_send_signal(guardian, signal.SIGSTOP)
        process.stdin.write("\n")
        process.stdin.close()
        try:
            while Path(f"/proc/{process.pid}/wchan").read_text() != "do_wait":
                os.sched_yield()
            process.send_signal(signal.SIGINT)

            assert (process.wait(TIMEOUT_MS / 1000), process.stderr.read()) == (0, "")
        finally:
            signal.pidfd_send_signal(guardian, signal.SIGCONT)
    assert ended(guardian)
    os.close(guardian)


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


TWENTY = """
import os
from contextlib import ExitStack
from wayfold.testing import open_compositor

TIERS = ["weston-named"] * 8 + ["weston-seat"] * 5 + ["sway"] * 4 + ["cage"] * 2 + ["mutter"]

def test_it():
    with ExitStack() as stack:
        running = [stack.enter_context(open_compositor(tier=tier)) for tier in TIERS]
        root = running[0].runtime_directory.parent
        with open(os.environ["TELL"], "w") as told:
            print(root, *(each.pid for each in running), file=told)
        running[0].client_socket.recv(1)  # nothing ever comes
"""


def processes_below(root):
    """Give descriptors of the processes whose runtime directory is below this one."""
    wanted = b"XDG_RUNTIME_DIR=" + os.fsencode(root) + b"/"
    found = {}
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            is_below = any(line.startswith(wanted) for line in entry.read_bytes().split(b"\0"))
            if is_below:
                found[int(entry.parent.name)] = os.pidfd_open(int(entry.parent.name))
        except OSError:
            continue
    return found


def traces_of(root):
    """Give whatever else of a directory can be seen: mounts, sockets and their abstract names."""
    tables = [Path("/proc/self/mountinfo"), Path("/proc/net/unix")]
    return [line for table in tables for line in table.read_text().splitlines() if root in line]


def x_locks_of(pids):
    """Name the locks of X displays that these processes took, in the /tmp that we see."""
    locks = Path("/tmp").glob(".X*-lock")
    return [lock for lock in locks if lock.read_text().strip() in map(str, pids)]


def shared_memory():
    """Give the memory that has a name; folders there are those of other tests."""
    return {path for path in Path("/dev/shm").iterdir() if not path.is_dir()}


def test_killing_a_pytest_with_20_compositors_leaves_nothing(tmp_path):
    os.mkfifo(tmp_path / "told")
    (tmp_path / "test_twenty.py").write_text(TWENTY)
    before = shared_memory()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_twenty.py"]
    environment = os.environ | {"TELL": str(tmp_path / "told")}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE
    ) as pytest_:
        root, *pids = (tmp_path / "told").read_text().split()
        guardian, running = guardian_of(Path(root)), processes_below(root)
        assert len(pids) == 20
        assert set(map(int, pids)) <= set(running)
        assert traces_of(root)
        pytest_.kill()

        assert ended(guardian)
        assert all(map(ended, running.values()))
        assert not Path(root).exists()
        assert not processes_below(root)
        assert not traces_of(root)
        assert not x_locks_of(running)
        assert shared_memory() <= before
    for descriptor in (guardian, *running.values()):
        os.close(descriptor)


def test_two_threads_that_end_a_compositor_close_nothing_twice(open_descriptors):
    with Weston():
        pass  # from the first one on there is a guardian of all
    before = open_descriptors()
    for _ in range(10):
        with Weston(named=True) as weston:
            ending = threading.Thread(target=weston.kill)
            ending.start()
        ending.join()

    assert open_descriptors() == before
