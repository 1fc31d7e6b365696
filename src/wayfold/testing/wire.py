"""Wayland's wire format: messages to bytes and back, descriptors carried beside them.

Source: the Wayland book, "Wire Protocol"; 32-bit words in the host's order.
Signatures: i int, u uint, f fixed, s string, o object, n new_id, a array, h descriptor; a `?`
before s, o or a allows null. An untyped new_id, as in wl_registry.bind, is written `sun`.
"""

import socket
import struct
import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

__all__ = [
    "Argument",
    "Frame",
    "Packet",
    "WireError",
    "decode",
    "encode",
    "frame_bytes",
    "receive",
    "split",
    "transmit",
    "whole",
]

Argument = int | float | str | bytes | None
_DESCRIPTORS_PER_MESSAGE = 28  # libwayland's MAX_FDS_OUT

_HEADER_BYTES = 8
_LARGEST = 0xFFFF
_UINT = struct.Struct("=I")
_INT = struct.Struct("=i")
_HEADER = struct.Struct("=II")


class WireError(ValueError):
    """Bytes or arguments that the wire format does not allow."""


class Packet(NamedTuple):
    """An encoded message and the descriptors that go with it."""

    data: bytes
    descriptors: tuple[int, ...] = ()


class Frame(NamedTuple):
    """A message whose arguments are not decoded yet."""

    object_id: int
    opcode: int
    body: bytes


class _Kind(NamedTuple):
    code: str
    is_nullable: bool


@cache
def _kinds(signature: str) -> tuple[_Kind, ...]:
    kinds: list[_Kind] = []
    is_nullable = False
    for code in signature:
        if code == "?":
            is_nullable = True
            continue
        if code not in _ENCODERS and code != "h":
            raise WireError(f"signature {signature!r} has the unknown letter {code!r}")
        kinds.append(_Kind(code, is_nullable))
        is_nullable = False
    return tuple(kinds)


def encode(object_id: int, opcode: int, signature: str, arguments: Sequence[Argument]) -> Packet:
    """Turn a message into bytes; raises WireError where an argument does not fit."""
    kinds = _kinds(signature)
    if len(kinds) != len(arguments):
        raise WireError(f"signature {signature!r} needs {len(kinds)} arguments: {arguments!r}")
    parts: list[bytes] = []
    descriptors: list[int] = []
    for kind, argument in zip(kinds, arguments, strict=True):
        if kind.code == "h":
            descriptors.append(whole(argument))
        else:
            parts.append(_encoded(kind, argument))
    body = b"".join(parts)
    return Packet(_header(object_id, opcode, len(body)) + body, tuple(descriptors))


def _header(object_id: int, opcode: int, body_bytes: int) -> bytes:
    size = _HEADER_BYTES + body_bytes
    if size > _LARGEST:
        raise WireError(f"a message of {size} bytes is longer than {_LARGEST}")
    return _HEADER.pack(object_id, size << 16 | opcode)


def _encoded(kind: _Kind, argument: Argument) -> bytes:
    if argument is None:
        if not kind.is_nullable:
            raise WireError(f"an argument of kind {kind.code!r} must not be null")
        return _UINT.pack(0)
    try:
        return _ENCODERS[kind.code](argument)
    except struct.error as error:
        raise WireError(f"{argument!r} does not fit an argument of kind {kind.code!r}") from error


def whole(argument: Argument) -> int:
    """Give an argument that is an int, an object or a descriptor; raises WireError on others."""
    if not isinstance(argument, int):
        raise WireError(f"{argument!r} is not a whole number")
    return argument


def _encoded_fixed(argument: Argument) -> bytes:
    if not isinstance(argument, int | float):
        raise WireError(f"{argument!r} is not a number")
    return _INT.pack(round(argument * 256))


def _encoded_string(argument: Argument) -> bytes:
    # Bytes are taken as they are, so that a test can send what is not UTF-8.
    if not isinstance(argument, str | bytes):
        raise WireError(f"{argument!r} is not a string")
    raw = argument.encode() if isinstance(argument, str) else argument
    return _padded(raw + b"\0")


def _encoded_array(argument: Argument) -> bytes:
    if not isinstance(argument, bytes):
        raise WireError(f"{argument!r} is not bytes")
    return _padded(argument)


def _padded(raw: bytes) -> bytes:
    return _UINT.pack(len(raw)) + raw + b"\0" * (-len(raw) % 4)


_ENCODERS: dict[str, Callable[[Argument], bytes]] = {
    "i": lambda argument: _INT.pack(whole(argument)),
    "u": lambda argument: _UINT.pack(whole(argument)),
    "f": _encoded_fixed,
    "s": _encoded_string,
    "o": lambda argument: _UINT.pack(whole(argument)),
    "n": lambda argument: _UINT.pack(whole(argument)),
    "a": _encoded_array,
}


def split(buffer: bytearray) -> Iterator[Frame]:
    """Take the whole messages off the front of a buffer; raises WireError at a bad header."""
    while len(buffer) >= _HEADER_BYTES:
        object_id, word = _HEADER.unpack_from(buffer)
        size, opcode = word >> 16, word & 0xFFFF
        if size < _HEADER_BYTES or size % 4:
            raise WireError(f"object {object_id}, opcode {opcode}: {size} bytes is no valid size")
        if len(buffer) < size:
            return
        body = bytes(buffer[_HEADER_BYTES:size])
        del buffer[:size]
        yield Frame(object_id, opcode, body)


def frame_bytes(frame: Frame) -> bytes:
    """Give the bytes of a message that was split off."""
    return _header(frame.object_id, frame.opcode, len(frame.body)) + frame.body


def decode(signature: str, body: bytes, descriptors: deque[int]) -> tuple[Argument, ...]:
    """Turn a message's body into arguments, taking descriptors off the front of theirs.

    Raises WireError at a wrong length, a string without its end, or a missing descriptor.
    """
    reader = _Reader(body, descriptors)
    arguments = tuple(reader.argument(kind) for kind in _kinds(signature))
    reader.finish()
    return arguments


class _Reader:
    def __init__(self, body: bytes, descriptors: deque[int]) -> None:
        self._body = body
        self._descriptors = descriptors
        self._offset = 0

    def argument(self, kind: _Kind) -> Argument:
        match kind.code:
            case "h":
                return self._descriptor()
            case "i":
                return int.from_bytes(self._take(4), sys.byteorder, signed=True)
            case "f":
                return int.from_bytes(self._take(4), sys.byteorder, signed=True) / 256
            case "s":
                return self._string(kind.is_nullable)
            case "a":
                return self._counted(self._uint())
            case "o":
                return self._object(kind.is_nullable)
            case _:
                return self._uint()

    def finish(self) -> None:
        if left := len(self._body) - self._offset:
            raise WireError(f"{left} bytes are left after the last argument")

    def _uint(self) -> int:
        return int.from_bytes(self._take(4), sys.byteorder)

    def _take(self, count: int) -> bytes:
        taken = self._body[self._offset : self._offset + count]
        if len(taken) < count:
            raise WireError(f"{count} bytes were announced and {len(taken)} are there")
        self._offset += count
        return taken

    def _counted(self, count: int) -> bytes:
        return self._take(count + -count % 4)[:count]

    def _string(self, is_nullable: bool) -> str | None:
        raw = self._counted(self._uint())
        if not raw:
            if is_nullable:
                return None
            raise WireError("a string is null that must not be")
        if raw.find(b"\0") != len(raw) - 1:
            raise WireError(f"the string {raw!r} does not end with its only NUL")
        try:
            return raw[:-1].decode()
        except UnicodeDecodeError as error:
            raise WireError(f"the string {raw!r} is not UTF-8") from error

    def _object(self, is_nullable: bool) -> int | None:
        object_id = self._uint()
        if object_id == 0 and not is_nullable:
            raise WireError("an object is null that must not be")
        return object_id or None

    def _descriptor(self) -> int:
        if not self._descriptors:
            raise WireError("a descriptor was announced and none came")
        return self._descriptors.popleft()


def transmit(sock: socket.socket, packet: Packet) -> int:
    """Send as `sendmsg` does and tell how many bytes went; the descriptors go with the first."""
    carried = packet.descriptors[:_DESCRIPTORS_PER_MESSAGE]
    if len(carried) < len(packet.descriptors):
        raise WireError(f"one message cannot carry {len(packet.descriptors)} descriptors")
    if not carried:
        return sock.send(packet.data, socket.MSG_NOSIGNAL)
    rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", carried))
    return sock.sendmsg([packet.data], [rights], socket.MSG_NOSIGNAL)


def receive(sock: socket.socket, size: int = 65536) -> Packet:
    """Receive once; empty data means that the other side has hung up."""
    room = socket.CMSG_SPACE(_DESCRIPTORS_PER_MESSAGE * 4)
    data, ancillary, _flags, _address = sock.recvmsg(size, room, socket.MSG_CMSG_CLOEXEC)
    descriptors = array("i")
    for level, kind, rights in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(rights[: len(rights) - len(rights) % 4])
    return Packet(data, tuple(descriptors))
