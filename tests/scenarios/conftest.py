"""The examples as modules, and lives of them that end where a test says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

# Modules beside this one and elsewhere; tests are no package.
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
try:
    import lives
finally:
    sys.path.remove(str(HERE))


@pytest.fixture
def example():
    """Give the module of an example."""
    return lives.example


@pytest.fixture
def failing_disk():
    """A disk whose operation of a given number fails."""
    return lives.FailingDisk


@pytest.fixture
def live():
    """Have a life of an example lived in a process of its own; give how it ended and what it told.

    `live("bank", path=…)` calls the function of that name in lives.py.
    """
    command = [sys.executable, "-W", "error", HERE / "lives.py"]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def live(name, /, **arguments):
        print(json.dumps([name, arguments]), file=program.stdin, flush=True)
        *told, ended = iter(lambda: program.stdout.readline().rstrip("\n"), "over")
        return ended, told

    with program:
        yield live
        program.stdin.close()


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "log.wayfold")
