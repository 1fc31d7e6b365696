"""Tests whose time is the harness's, for harness.py: some of each kind, and again $ROUNDS times."""

import os
import subprocess
import threading

import pytest

from wayfold.testing.wire import encode, receive, split

ROUNDS = int(os.environ.get("ROUNDS", "3"))
REGISTRY, CALLBACK = 2, 3


def asks(sock):
    """Ask for the globals, as every client does first, and wait for the answer."""
    sock.sendall(encode(1, 1, "n", [REGISTRY]).data + encode(1, 0, "n", [CALLBACK]).data)
    buffer, answered = bytearray(), False
    while not answered:
        buffer += receive(sock).data
        answered = CALLBACK in {frame.object_id for frame in split(buffer)}


def empty():
    """Do nothing."""


def floor():
    """Start weston's program, and nothing more."""
    subprocess.run(["weston", "--version"], stdout=subprocess.DEVNULL, check=True)


@pytest.fixture
def outer():
    """Give what is taken back at the end."""
    given = [outer]
    yield given
    given.clear()


@pytest.fixture
def inner(outer):
    """Give another, on top of the first."""
    given = [outer]
    yield given
    given.clear()


def fixtures(inner):
    """Do nothing with two fixtures, as many as the tests below have."""


def thread():
    """Start a thread and wait for its end, as the scripted server must."""
    started = threading.Thread(target=int)
    started.start()
    started.join()


@pytest.mark.wayland(tier="scripted")
def scripted(client_socket):
    """Ask a scripted server."""
    asks(client_socket)


@pytest.mark.wayland(tier="weston", shell="kiosk")
def own(client_socket):
    """Ask a weston of one's own."""
    asks(client_socket)


@pytest.mark.wayland(tier="weston")
def own_desktop(client_socket):
    """Ask a weston of one's own that shows windows."""
    asks(client_socket)


def seated(client_socket, seat):
    """Ask a weston of one's own with a seat."""
    asks(client_socket)


def shared(compositor_session, client_socket):
    """Ask a weston that others ask too."""
    asks(client_socket)


KINDS = (empty, fixtures, thread, floor, scripted, own, own_desktop, seated, shared)
IN_A_ROW = 6
# Tests of a kind stand in a file together, and here too; the kinds take turns all the same, so that
# each meets the machine in every mood. A name ends with the kind, and the place in its row.
globals().update(
    {
        f"test_{turn:04}_{place}_{kind.__name__}": kind
        for turn in range(ROUNDS)
        for kind in KINDS
        for place in range(IN_A_ROW)
    }
)
