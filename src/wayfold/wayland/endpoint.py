"""Find the compositor's socket and open it, with an exact error where that fails."""

import errno
import os
import socket
import struct
from collections.abc import Mapping
from typing import NamedTuple

from wayfold.errors import (
    ConnectionFailed,
    ConnectTimeout,
    NoDisplay,
    NoSuchSocket,
    NotListening,
)
from wayfold.wayland.descriptor import Descriptor

__all__ = ["Display", "Endpoint", "open_endpoint", "socket_path"]

Display = str | os.PathLike[str] | int | socket.socket | None
_PATH_BYTES = 107  # sockaddr_un.sun_path without its NUL, unix(7)
_SHORTEST_S, _LONGEST_S = 0.001, 86_400.0


class Endpoint(NamedTuple):
    """An open descriptor, closed where nobody takes it, and what it was opened from.

    `path` is None of a descriptor or socket that was handed over, which cannot be opened again.
    """

    descriptor: Descriptor
    description: str
    path: str | None = None


def open_endpoint(
    display: Display, environment: Mapping[str, str], timeout_s: float | None
) -> Endpoint:
    """Open a name, a path, a socket, a descriptor, or with None what the environment says.

    A socket or descriptor is taken over. `$WAYLAND_SOCKET` goes before `$WAYLAND_DISPLAY`, as in
    wl_display_connect. Raises NoDisplay, NoSuchSocket, NotListening or ConnectTimeout.
    """
    if isinstance(display, socket.socket):
        endpoint = _taken(display.fileno(), "a socket")
        display.detach()
        return endpoint
    if isinstance(display, int):
        return _taken(display, f"descriptor {display}")
    if display is not None:
        return _opened(socket_path(os.fspath(display), environment), timeout_s)
    if environment.get("WAYLAND_SOCKET"):
        return _inherited(environment["WAYLAND_SOCKET"])
    if environment.get("WAYLAND_DISPLAY"):
        return _opened(socket_path(environment["WAYLAND_DISPLAY"], environment), timeout_s)
    raise NoDisplay(
        "neither WAYLAND_SOCKET nor WAYLAND_DISPLAY is set and no display was given; "
        f"run this under a compositor, by `wayfold run -- COMMAND` under a headless one, or name "
        f"a socket ({_candidates(environment)})"
    )


def _taken(descriptor: int, description: str) -> Endpoint:
    try:
        sock = socket.socket(fileno=descriptor)
    except (OSError, ValueError) as error:
        raise ConnectionFailed(f"{description} is not an open socket: {error}") from error
    kind = sock.family, sock.type
    sock.detach()  # it stays the caller's until it is known to be of use
    if kind != (socket.AF_UNIX, socket.SOCK_STREAM):
        raise ConnectionFailed(f"{description} is not a Unix stream socket")
    os.set_inheritable(descriptor, False)
    return Endpoint(Descriptor(descriptor), description)


def _inherited(number: str) -> Endpoint:
    # One client only may use it, so that our own children must not find it again.
    os.environ.pop("WAYLAND_SOCKET", None)
    if not number.isdecimal():
        raise ConnectionFailed(f"WAYLAND_SOCKET must be a descriptor's number, not {number!r}")
    return _taken(int(number), f"WAYLAND_SOCKET={number}")


def socket_path(name: str, environment: Mapping[str, str]) -> str:
    """Give the path of a display's socket by name or path; raises NoDisplay."""
    if not name:
        raise NoDisplay("the display's name is empty; give a socket's name or path", name)
    if os.path.isabs(name):
        return name
    directory = environment.get("XDG_RUNTIME_DIR")
    if not directory:
        raise NoDisplay(
            f"display {name!r} is a name within XDG_RUNTIME_DIR, which is not set; "
            "set it, or give the socket's whole path",
            name,
        )
    return os.path.join(directory, name)


def _opened(path: str, timeout_s: float | None) -> Endpoint:
    if len(os.fsencode(path)) > _PATH_BYTES:
        raise NoSuchSocket(f"{path} is longer than the {_PATH_BYTES} bytes a socket may have", path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _limit(sock, timeout_s)
        sock.connect(path)
        _limit(sock, None)
    except OSError as error:
        sock.close()
        raise _explained(error, path, timeout_s) from error
    except BaseException:
        sock.close()
        raise
    return Endpoint(Descriptor(sock.detach()), path, path)


def _limit(sock: socket.socket, timeout_s: float | None) -> None:
    # connect(2) on a full backlog blocks for as long as SO_SNDTIMEO says; 0 is for ever.
    limited_s = 0.0 if timeout_s is None else min(max(timeout_s, _SHORTEST_S), _LONGEST_S)
    seconds, fraction = divmod(limited_s, 1)
    limit = struct.pack("@ll", int(seconds), int(fraction * 1_000_000))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)


def _explained(error: OSError, path: str, timeout_s: float | None) -> ConnectionFailed:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        found = _candidates({"XDG_RUNTIME_DIR": os.path.dirname(path)})
        return NoSuchSocket(f"there is no socket {path} ({found})", path)
    if error.errno == errno.EAGAIN:
        return ConnectTimeout(f"{path} took no connection within {timeout_s:g} s", path)
    return NotListening(
        f"{path} does not take connections: {error.strerror}; is the compositor running, "
        "and may this user reach it?",
        path,
    )


def _candidates(environment: Mapping[str, str]) -> str:
    directory = environment.get("XDG_RUNTIME_DIR")
    if not directory:
        return "XDG_RUNTIME_DIR is not set either"
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return f"{directory} cannot be read"
    sockets = [n for n in names if n.startswith("wayland-") and not n.endswith(".lock")]
    return f"in {directory}: {', '.join(sockets) or 'none'}"
