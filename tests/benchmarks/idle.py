"""Counts how often an idle client is woken; as a program, it is that client: idle.py SOCKET"""

import subprocess
import sys
from pathlib import Path

import wayfold

__all__ = ["wakeups"]

_LEAD_S = 0.5


def wakeups(path: str, seconds: float) -> int:
    """Context switches, as the kernel counts them, of a client that waits in `run`."""
    command = [sys.executable, __file__, path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            if process.stdout.readline() != "waiting\n":
                raise RuntimeError("the idle client ended before it was idle; see above")
            _still_runs(process, _LEAD_S)
            before = _switches(process.pid)
            _still_runs(process, seconds)
            return _switches(process.pid) - before
        finally:
            process.kill()


def _still_runs(process: subprocess.Popen[str], seconds: float) -> None:
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    raise RuntimeError(f"the idle client ended with status {status}; see above")


def _switches(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    counts = dict(line.split(":", 1) for line in lines)
    return int(counts["voluntary_ctxt_switches"]) + int(counts["nonvoluntary_ctxt_switches"])


def main() -> None:
    """Connect, say so from within `run`, and go on waiting there."""
    with wayfold.connect(sys.argv[1]) as client:
        client.loop.call_later(0.0, lambda: print("waiting", flush=True))
        client.run()


if __name__ == "__main__":
    main()
