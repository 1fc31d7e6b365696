"""A process that is forked while a log is open leaves it to its parent."""

import os
import signal
import subprocess
import sys

import pytest

from wayfold.errors import LogInUse
from wayfold.log import Log

PROGRAM = """
import os, sys
from wayfold import Log

log = Log.open(sys.argv[1])
log.append("lamp.lit", "lamp/1", {"level": 1})
child = os.fork()
if not child:
    refused, told = 0, f"opened by process {os.getppid()}, of which this one is a fork"
    for use in (log.refresh, log.sync, lambda: log.append("lamp.lit", "lamp/1"), log.verify):
        try:
            use()
        except ValueError as error:
            refused += told in str(error)
    assert len(log) == 1
    log.close()
    sys.exit(refused)
_, status = os.waitpid(child, 0)
print("refused", os.waitstatus_to_exitcode(status))
log.append("lamp.lit", "lamp/1", {"level": 2})
print("durable", log.sync(), open(sys.argv[1] + ".lock").read().strip() == str(os.getpid()))
"""


def test_a_fork_is_refused_and_its_end_harms_nothing(path, opened):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM, path], capture_output=True, text=True
    )

    assert done.stderr == ""
    assert done.stdout.splitlines() == ["refused 4", "durable 2 True"]
    assert opened(read_only=True).verify() == 2


def test_a_log_whose_writers_fork_lives_on_is_still_in_use(path):
    program = (
        "import os, sys, wayfold; log = wayfold.Log.open(sys.argv[1]);"
        "child = os.fork() or sys.stdin.read(); print(child, flush=True); os._exit(0)"
    )
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        child = int(writer.stdout.readline())
        writer.wait()
        with pytest.raises(LogInUse) as caught:
            Log.open(path)
        os.kill(child, signal.SIGKILL)

    assert caught.value.pid == writer.pid
