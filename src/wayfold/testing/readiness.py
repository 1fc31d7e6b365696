"""When a compositor is ready: it has answered a roundtrip, which is waited for and not polled."""

import select
import socket
import time
from collections import deque

from wayfold.testing.wire import decode, encode, split

__all__ = ["Deadline", "HungUp", "TimedOut", "roundtrip"]

_CALLBACK = 2
_SYNC, _DONE, _DELETE_ID = 0, 0, 1


class HungUp(Exception):
    """The other side is gone."""


class TimedOut(Exception):
    """The time is over."""


class Deadline:
    """A moment after which nothing is waited for any more."""

    def __init__(self, timeout: float) -> None:
        self._moment = time.monotonic() + timeout

    def wait(self, descriptor: int, ended: int) -> None:
        """Wait for input; raises HungUp where only `ended` is readable, TimedOut at the end."""
        ready = _readable((descriptor, ended), max(0.0, self._moment - time.monotonic()))
        if not ready:
            raise TimedOut
        if descriptor not in ready:
            raise HungUp


def _readable(descriptors: tuple[int, ...], timeout: float) -> set[int]:
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return {number for number, _ in poll.poll(timeout * 1000)}


def roundtrip(sock: socket.socket, ended: int, deadline: Deadline) -> None:
    """Send wl_display.sync and wait for its answer; `ended` is readable once the server is dead.

    Done and delete_id are both awaited, so that a fresh client can have the connection: for the
    server the id is free again. Raises HungUp or TimedOut.
    """
    try:
        sock.sendall(encode(1, _SYNC, "n", [_CALLBACK]).data)
    except OSError as error:
        raise HungUp from error
    awaited = {(_CALLBACK, _DONE), (1, _DELETE_ID)}
    buffer = bytearray()
    while awaited:
        deadline.wait(sock.fileno(), ended)
        buffer += _received(sock)
        for frame in split(buffer):
            decode("u", frame.body, deque())
            awaited.discard((frame.object_id, frame.opcode))


def _received(sock: socket.socket) -> bytes:
    try:
        data = sock.recv(4096)
    except OSError as error:
        raise HungUp from error
    if not data:
        raise HungUp
    return data
