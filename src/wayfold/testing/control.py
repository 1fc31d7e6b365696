"""The line to wayfold's weston module: one command at a time, and an answer to each.

`native/module.c` tells what the commands are.
"""

import select
import socket
import struct
import threading
from array import array
from collections.abc import Sequence

from wayfold.testing.failures import CommandRefused
from wayfold.testing.readiness import HungUp, TimedOut

__all__ = ["ControlLine"]

_LONGEST_ANSWER = 1 << 18
_GRACE_S = 1.0
# Each takes about a microsecond. Who sleeps is woken later than weston answers, where weston runs
# on another core; where it runs on this one, the kernel lets it go first.
_LOOKS_BEFORE_SLEEP = 50


class ControlLine:
    """One end of a SEQPACKET socket pair; threads may share it."""

    def __init__(self, timeout: float) -> None:
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._timeout = timeout
        # The kernel keeps the time: an answer is one call, and input is told in microseconds.
        self._ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _as_timeval(timeout))
        self._room = bytearray(_LONGEST_ANSWER)
        self._lock = threading.Lock()
        self._owed = 0  # answers to commands that nobody waits for any more

    def ask(self, command: str, *, timeout: float | None = None, descriptor: int = -1) -> str:
        """Give the answer to a command, without its "ok".

        Raises CommandRefused, TimedOut where no answer comes in time (the command is taken back
        then), and HungUp where weston is gone.
        """
        limit = self._timeout if timeout is None else timeout
        with self._lock:
            self._send(command, descriptor)
            answer = self._answer(limit) or self._late_answer(command, limit)
        return _result(command, answer)

    def tell(self, commands: Sequence[tuple[str, int]]) -> None:
        """Send commands with their descriptors, -1 for none; nobody has to read them yet.

        `hear` reads the answers. Raises HungUp.
        """
        with self._lock:
            for command, descriptor in commands:
                self._send(command, descriptor)

    def hear(self, commands: Sequence[tuple[str, int]]) -> None:
        """Read the answers to what was told; raises as `ask` does, at the first one refused."""
        with self._lock:
            for command, _ in commands:
                answer = self._is_readable(self._timeout) and self._answer(self._timeout)
                if not answer:
                    raise TimedOut(f"nothing came of {command!r} in {self._timeout:g} s")
                _result(command, answer)

    def _send(self, command: str, descriptor: int) -> None:
        try:
            if descriptor < 0:
                self._ours.send(command.encode(), socket.MSG_NOSIGNAL)
            else:
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [descriptor]))
                self._ours.sendmsg([command.encode()], [rights], socket.MSG_NOSIGNAL)
        except OSError as error:
            raise HungUp from error

    def _answer(self, timeout: float) -> str:
        """Give what came within this time, behind what is owed; empty where nothing did."""
        while answer := self._received(timeout):
            if not self._owed:
                break
            self._owed -= 1
        return answer

    def _received(self, timeout: float) -> str:
        for _ in range(_LOOKS_BEFORE_SLEEP):
            if answer := self._read(socket.MSG_DONTWAIT):
                return answer
        if timeout != self._timeout and not self._is_readable(timeout):
            return ""
        return self._read(0)

    def _read(self, flags: int) -> str:
        try:
            length = self._ours.recv_into(self._room, 0, flags)
        except BlockingIOError:
            return ""
        except OSError as error:
            raise HungUp from error
        if not length:
            raise HungUp
        return self._room[:length].decode(errors="replace")

    def _is_readable(self, timeout: float) -> bool:
        poll = select.poll()
        poll.register(self._ours, select.POLLIN)
        return bool(poll.poll(timeout * 1000))

    def _late_answer(self, command: str, waited: float) -> str:
        """Take a command back by another one; it may have been answered in this very moment."""
        self._send("ping", -1)
        answer = self._answer(_GRACE_S)
        pong = answer and self._answer(_GRACE_S)
        # A frozen weston may answer once it is thawed, when something else is asked.
        self._owed += (not answer) + (not pong)
        if not pong or answer.startswith("error cancelled"):
            raise TimedOut(f"nothing came of {command!r} in {waited:g} s")
        return answer

    def close(self) -> None:
        """Hang up, which ends weston; safe to repeat."""
        self.theirs.close()
        self._ours.close()


def _as_timeval(seconds: float) -> bytes:
    whole = int(seconds)
    return struct.pack("@ll", whole, int((seconds - whole) * 1e6))


def _result(command: str, answer: str) -> str:
    word, _, rest = answer.partition(" ")
    if word.startswith("ok"):
        return answer[2:].lstrip()
    kind, _, reason = rest.partition(" ")
    raise CommandRefused(command, reason, kind)
