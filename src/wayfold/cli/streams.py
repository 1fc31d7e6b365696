"""The command's standard streams, whatever they were started as."""

import errno
import fcntl
import io
import os
import stat
import sys
from typing import Any

from wayfold.cli.failures import CommandFailed

__all__ = ["flush_or_give_up", "give_up_output", "is_pipe", "prepare_streams"]

_CLOSED = (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY))
_HINTS = {
    errno.EBADF: "it is closed: send it somewhere, be it to /dev/null",
    errno.ENOSPC: "the disk is full: make room, or send it elsewhere",
    errno.EDQUOT: "the quota is used up: make room, or send it elsewhere",
}


class _Output(io.FileIO):
    """The descriptor behind the output, which says what it refuses as no other file's."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            raise  # whoever read us had enough
        except OSError as error:
            hint = _HINTS.get(error.errno or 0, f"{error.strerror}: send it elsewhere")
            raise CommandFailed(f"the output cannot be written; {hint}") from error


def prepare_streams() -> None:
    """Have no other file where a stream was closed, and no character that a stream does not take.

    What is written to an output that was closed is refused; complaints go nowhere then.
    """
    for name, mode, flags in _CLOSED:
        if getattr(sys, name) is None:  # closed by whoever started us: the lowest number is free
            null = os.open(os.devnull, flags)
            setattr(sys, name, os.fdopen(null, mode, encoding="utf-8", closefd=False))
    if type(sys.stdout) is io.TextIOWrapper:  # and nobody put something of theirs in its place
        sys.stdout = _telling(sys.stdout)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _telling(stream: io.TextIOWrapper) -> io.TextIOWrapper:
    return io.TextIOWrapper(
        io.BufferedWriter(_Output(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def is_pipe(descriptor: int) -> bool:
    """Tell whether a descriptor is the end of a pipe that is only written to."""
    access = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    return stat.S_ISFIFO(os.fstat(descriptor).st_mode) and access == os.O_WRONLY


def flush_or_give_up() -> None:
    """Write what is waiting; where that fails, nothing more is written."""
    try:
        sys.stdout.flush()
    except (OSError, CommandFailed):
        give_up_output()


def give_up_output() -> None:
    """Have nothing more written: Python would complain when it flushes at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)
