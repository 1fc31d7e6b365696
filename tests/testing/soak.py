"""300 tests with a weston each under xdist, many times over, and what is left: scripts/soak."""

import argparse
import ctypes
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from test_cleanup import processes_below, shared_memory, traces_of

_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 10.0
_LEFT = ("processes", "directories", "sockets and mounts", "shared memory")
_TESTS = """
import os
from pathlib import Path

import pytest

import wayfold

@pytest.mark.wayland(tier="weston")
@pytest.mark.parametrize("number", range({tests}))
def test_it(number, compositor, client_socket):
    Path("roots", str(os.getpid())).write_text(str(compositor.runtime_directory.parent))
    with wayfold.connect(client_socket) as client:
        assert len(client.state.outputs) == 1
"""


class Run(NamedTuple):
    """What one run came to; `left` in the order of _LEFT."""

    passed: int
    failed: int
    took_s: float
    left: tuple[int, ...]
    output: str

    @property
    def is_clean(self) -> bool:
        """True where every test passed and nothing is left."""
        return not self.failed and not any(self.left)


def run_tests(folder: Path, tests: int) -> Run:
    """Run them once in a folder of their own."""
    (folder / "roots").mkdir()
    (folder / "test_it.py").write_text(_TESTS.format(tests=tests))
    shared, start = shared_memory(), time.monotonic()
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", ".", "test_it.py"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    took_s = time.monotonic() - start
    passed = sum(map(int, re.findall(r"(\d+) passed", done.stdout)))
    orphans = await_orphans()
    roots = {path.read_text() for path in (folder / "roots").iterdir()}
    left = (orphans, *left_of(roots), len(shared_memory() - shared))
    return Run(passed, max(tests - passed, int(done.returncode != 0)), took_s, left, done.stdout)


def await_orphans() -> int:
    """Wait for what the run has left to us, and tell how many do not end."""
    end_s, lasting = time.monotonic() + _GRACE_S, set[int]()
    while waited := set(children()) - lasting:  # what ends may leave children of its own
        for process in waited:
            if has_ended(process, max(0.0, end_s - time.monotonic())):
                os.waitpid(process, 0)
            else:
                lasting.add(process)
    return len(lasting)


def has_ended(process: int, timeout_s: float) -> bool:
    """Wait for the end of a child."""
    poll, descriptor = select.poll(), os.pidfd_open(process)
    poll.register(descriptor, select.POLLIN)
    try:
        return bool(poll.poll(timeout_s * 1000))
    finally:
        os.close(descriptor)


def children() -> Iterator[int]:
    """Give our children's numbers."""
    for task in Path("/proc/self/task").iterdir():
        yield from map(int, (task / "children").read_text().split())


def left_of(roots: set[str]) -> tuple[int, int]:
    """Count directories, sockets and mounts of runtime directories; processes are ours by now."""
    for root in roots:
        assert not processes_below(root), f"a process of {root} is nobody's child"
    return sum(Path(root).exists() for root in roots), sum(len(traces_of(root)) for root in roots)


def main(arguments: list[str]) -> int:
    """Run, tell, and run again."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__)
    parser.add_argument("times", nargs="?", type=int, default=20, help="default: 20")
    parser.add_argument("--tests", type=int, default=300, help="in each run (default: 300)")
    options = parser.parse_args(arguments)
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    print(f"{'run':>5}{'passed':>8}{'failed':>8}{'seconds':>9}  left: {', '.join(_LEFT)}")
    runs = []
    for number in range(options.times):
        with tempfile.TemporaryDirectory() as folder:
            runs.append(run_tests(Path(folder), options.tests))
        tell(str(number + 1), runs[-1:])
    tell("all", runs)
    return int(not all(run.is_clean for run in runs))


def tell(name: str, runs: list[Run]) -> None:
    """Print a line, and what a run said that was not clean."""
    passed, failed = sum(run.passed for run in runs), sum(run.failed for run in runs)
    took_s = sum(run.took_s for run in runs)
    left = ", ".join(str(sum(counts)) for counts in zip(*(run.left for run in runs), strict=True))
    print(f"{name:>5}{passed:>8}{failed:>8}{took_s:>9.1f}  {left}", flush=True)
    if len(runs) == 1 and runs[0].failed:
        print(runs[0].output)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
