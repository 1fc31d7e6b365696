"""Signals are held back for a moment, never lost, and cost no event."""

import json
import signal
import subprocess
import sys
import threading

import pytest

from wayfold.testing.wire import encode
from wayfold.wayland.shield import Shield

EVENTS = 200_000
A_PIECE = 500
MODE = 1  # opcode of wl_output.mode

CLIENT = """
import json, signal, socket, sys, threading
import wayfold
from wayfold.log import Log

is_over = threading.Event()
if sys.argv[2] == "beside a thread":
    threading.Thread(target=is_over.wait).start()
log = Log.memory(keep=1_000_000)
client = wayfold.connect(socket.socket(fileno=int(sys.argv[1])), log=log)
armed, interrupts = [], 0

def interrupt(number, frame):
    if armed:
        armed.clear()
        raise KeyboardInterrupt

def has_all():
    return log[-1].name == "wl_output.geometry"

signal.signal(signal.SIGINT, interrupt)
print("ready", flush=True)
while not has_all():
    try:
        armed.append(True)
        client.dispatch(5)
    except KeyboardInterrupt:
        interrupts += 1
    finally:
        armed.clear()
is_blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())
is_replaced = signal.getsignal(signal.SIGINT) is not interrupt
widths = [record.data["width"] for record in log.records(name="wl_output.mode")][1:]
positions = [record.position for record in log]
is_over.set()
print(json.dumps({
    "interrupts": interrupts,
    "is_harmed": is_blocked or is_replaced,
    "is_complete": widths == list(range(len(widths))),
    "events": len(widths),
    "is_without_gap": positions == list(range(1, log.head + 1)),
}))
client.close()
"""


def flood(server):
    output = server.resource("wl_output")
    for first in range(0, EVENTS, A_PIECE):
        rows = ((0, width, 600, 60000) for width in range(first, first + A_PIECE))
        server.send_bytes(
            b"".join(encode(output.object_id, MODE, "uiii", row).data for row in rows)
        )
    output.event("geometry", 0, 0, 0, 0, 0, "make", "model", 0)


@pytest.mark.parametrize("how", ["alone", "beside a thread"])
def test_a_storm_of_interrupts_costs_no_event_and_doubles_none(scripted_server, how):
    number = scripted_server.client_socket.fileno()
    command = [sys.executable, "-c", CLIENT, str(number), how]
    with subprocess.Popen(command, pass_fds=[number], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "ready\n"
        flooding = threading.Thread(target=flood, args=(scripted_server,))
        flooding.start()
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            flooding.join(0.0005)  # sets the pace until the flood is sent, then the process does
        told = json.loads(process.stdout.read())

    assert told.pop("interrupts") > 10
    assert told == {
        "is_harmed": False,
        "is_complete": True,
        "events": EVENTS,
        "is_without_gap": True,
    }


@pytest.fixture
def handled():
    """Handle SIGUSR1 by raising LookupError, and SIGUSR2 by noting it."""
    noted = []

    def refuse(number, frame):
        raise LookupError(number)

    before = signal.signal(signal.SIGUSR1, refuse)
    before_too = signal.signal(signal.SIGUSR2, lambda number, frame: noted.append(number))
    yield noted
    signal.signal(signal.SIGUSR1, before)
    signal.signal(signal.SIGUSR2, before_too)


def test_a_signal_is_handled_right_behind_the_shield(handled):
    steps = []
    with pytest.raises(LookupError), Shield():
        signal.raise_signal(signal.SIGUSR1)
        steps.append("went on")

    assert steps == ["went on"]


def test_every_signal_held_back_is_handled_even_where_one_raises(handled):
    with pytest.raises(LookupError), Shield():
        signal.raise_signal(signal.SIGUSR2)
        signal.raise_signal(signal.SIGUSR1)
        signal.raise_signal(signal.SIGUSR2)

    assert handled == [signal.SIGUSR2]


def test_a_signal_taken_by_another_thread_is_held_back_too(handled):
    steps = []
    with pytest.raises(LookupError), Shield():
        thread = threading.Thread(target=signal.raise_signal, args=(signal.SIGUSR1,))
        thread.start()
        thread.join()
        steps.append("went on")

    assert steps == ["went on"]


def test_handlers_are_as_before_behind_the_shield(handled):
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)]
    with Shield(), Shield():
        pass

    assert before == [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGUSR1, signal.SIGUSR2)]


def test_a_signal_within_two_shields_waits_for_the_outer_one(handled):
    steps = []
    with pytest.raises(LookupError), Shield():
        with Shield():
            signal.raise_signal(signal.SIGUSR1)
        steps.append("went on")

    assert steps == ["went on"]


def test_an_error_within_the_shield_is_kept_beside_the_signals(handled):
    with pytest.raises(LookupError) as caught, Shield():
        signal.raise_signal(signal.SIGUSR1)
        raise OSError("within")

    assert isinstance(caught.value.__context__, OSError)


def test_other_threads_use_the_shield_without_effect():
    done = []

    def work():
        with Shield():
            done.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done == [signal.getsignal(signal.SIGINT)]
