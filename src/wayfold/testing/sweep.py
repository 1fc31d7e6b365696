"""Ends whatever runs in the runtime directories below a path, and removes them.

It is run as a program, too, after a process that could not do it, and imports nothing of wayfold.
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from io import FileIO
from pathlib import Path

__all__ = ["sweep"]

_PAUSE_S = 0.001
_KERNEL_THREAD = 0x0020_0000  # PF_KTHREAD
# Fields 3, 9, 27, 50 and 51 of /proc/PID/stat, counted from behind the name; proc_pid_stat(5).
_STATE, _FLAGS, _CODE_END, _ENVIRONMENT_START, _ENVIRONMENT_END = 0, 6, 24, 47, 48


def sweep(root: Path) -> None:
    """Kill every process whose $XDG_RUNTIME_DIR is below `root`, wait for its end, remove `root`.

    They are known by their environment and not by a recorded number, which might be somebody
    else's by now, and which helpers that a compositor starts never had.
    """
    mark = b"\0XDG_RUNTIME_DIR=" + os.fsencode(root) + b"/"
    strangers = set[int]()
    while unknown := _processes() - strangers:
        found = {pid for pid in sorted(unknown) if _is_stranger(pid, mark)}
        strangers |= found
        if found != unknown:
            time.sleep(_PAUSE_S)
    shutil.rmtree(root, ignore_errors=True)


def _processes() -> set[int]:
    return {int(name) for name in os.listdir("/proc") if name.isdecimal()}


def _is_stranger(pid: int, mark: bytes) -> bool:
    # Once a stranger, always: its children are, too. What is killed here is looked at again, since
    # it may have had children that were not there when the processes were listed.
    try:
        environment = _environment(pid)
        if environment is not None and mark in environment:
            os.kill(pid, signal.SIGKILL)
            return False
        return environment is not None
    except OSError:  # ended, or another user's, who hides it
        return True


def _environment(pid: int) -> bytes | None:
    environment = b""
    with suppress(ProcessLookupError):  # newer kernels say this of what older ones call empty
        environment = _read(f"/proc/{pid}/environ")
    if not environment and _is_between_programs(pid):
        return None
    return b"\0" + environment


def _is_between_programs(pid: int) -> bool:
    # In execve(2) there is a moment with the old environment gone and the new one not yet there.
    # The end of the code is set last, so that where it is known a program without any shows too.
    fields = _read(f"/proc/{pid}/stat").rpartition(b") ")[2].split()
    if fields[_STATE] in b"ZX" or int(fields[_FLAGS]) & _KERNEL_THREAD:
        return False
    is_complete = int(fields[_CODE_END]) > 0
    return not (is_complete and fields[_ENVIRONMENT_START] == fields[_ENVIRONMENT_END])


def _read(path: str) -> bytes:
    with FileIO(path) as file:
        return file.readall()


if __name__ == "__main__":
    sweep(Path(sys.argv[1]))
