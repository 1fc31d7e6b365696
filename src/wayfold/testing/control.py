"""The line to wayfold's weston module: one command at a time, and an answer to each.

`native/module.c` tells what the commands are.
"""

import select
import socket
import threading
from array import array

from wayfold.testing.failures import CommandRefused
from wayfold.testing.readiness import HungUp, TimedOut

__all__ = ["ControlLine"]

_LONGEST_ANSWER = 1 << 18


class ControlLine:
    """One end of a SEQPACKET socket pair; threads may share it."""

    def __init__(self, timeout: float) -> None:
        self._ours, self.theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._timeout = timeout
        self._lock = threading.Lock()

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

    def _send(self, command: str, descriptor: int) -> None:
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [descriptor]))
        try:
            self._ours.sendmsg(
                [command.encode()], [rights] if descriptor >= 0 else [], socket.MSG_NOSIGNAL
            )
        except OSError as error:
            raise HungUp from error

    def _answer(self, timeout: float) -> str:
        """Give what came within this time; empty where nothing did."""
        poll = select.poll()
        poll.register(self._ours, select.POLLIN)
        if not poll.poll(timeout * 1000):
            return ""
        try:
            answer = self._ours.recv(_LONGEST_ANSWER)
        except OSError as error:
            raise HungUp from error
        if not answer:
            raise HungUp
        return answer.decode(errors="replace")

    def _late_answer(self, command: str, waited: float) -> str:
        """Take a command back by another one; it may have been answered in this very moment."""
        self._send("ping", -1)
        answer, pong = self._answer(self._timeout), self._answer(self._timeout)
        if not pong or answer.startswith("error cancelled"):
            raise TimedOut(f"nothing came of {command!r} in {waited:g} s")
        return answer

    def close(self) -> None:
        """Hang up, which ends weston; safe to repeat."""
        self.theirs.close()
        self._ours.close()


def _result(command: str, answer: str) -> str:
    word, _, rest = answer.partition(" ")
    if word.startswith("ok"):
        return answer[2:].lstrip()
    kind, _, reason = rest.partition(" ")
    raise CommandRefused(command, reason, kind)
