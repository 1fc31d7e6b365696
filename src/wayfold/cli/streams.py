"""The command's standard streams, whatever they were started as."""

import fcntl
import os
import stat
import sys

__all__ = ["flush_or_give_up", "give_up_output", "is_pipe", "prepare_streams"]


def prepare_streams() -> None:
    """Have somewhere to write to, and no character that it does not take."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us
            setattr(sys, name, os.fdopen(_null(), "w", encoding="utf-8", closefd=False))
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def is_pipe(descriptor: int) -> bool:
    """Tell whether a descriptor is the end of a pipe that is only written to."""
    access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    return stat.S_ISFIFO(os.fstat(descriptor).st_mode) and access == os.O_WRONLY


def flush_or_give_up() -> None:
    """Write what is waiting; where that fails, nothing more is written."""
    try:
        sys.stdout.flush()
    except OSError:
        give_up_output()


def give_up_output() -> None:
    """Have nothing more written: Python would complain when it flushes at exit."""
    null = _null()
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def _null() -> int:
    return os.open(os.devnull, os.O_WRONLY)
