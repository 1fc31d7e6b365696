"""However a program ends, and in whatever order its connections go: no crash, nothing left open."""

import os
import subprocess
import sys

import pytest

import wayfold

# 10 for each way; a long run asks for more.
EXITS = int(os.environ.get("WAYFOLD_EXITS", "10"))

CONNECT_TWO = """
import gc, sys, threading, wayfold
a = wayfold.connect()
b = wayfold.connect()
surfaces = [a.bind("wl_compositor").create_surface(), b.bind("wl_compositor").create_surface()]
a.roundtrip()
"""

WAYS = {
    "left open": "",
    "first to last": "del surfaces; del a; gc.collect(); del b",
    "last to first": "del surfaces; del b; gc.collect(); del a",
    "objects last": "del a, b; gc.collect(); del surfaces",
    "a cycle": "a.other, b.other = b, a; a.own = surfaces; del a, b, surfaces",
    "one closed": "a.close(); del b",
    "closed twice": "a.close(); a.close(); b.close(); b.close()",
    "held by a module": "sys.kept = [a, b]; sys.modules['kept'] = type(sys)('kept')",
    "a handler of its own": "a.on('*', a.close); b.on('*', lambda record: a.close())",
    "exit in a handler": (
        "a.on('wl_callback.done', lambda record: sys.exit(0)); a.display.sync(); a.run(timeout=5)"
    ),
    "a thread that waits": ("threading.Thread(target=threading.Event().wait, daemon=True).start()"),
    "a window": "a.window('w', 10, 10, draw=lambda canvas: True); a.run(timeout=0.05)",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_program_ends_well(way, run_python, weston_named):
    for _ in range(EXITS):
        done = run_python(CONNECT_TWO + WAYS[way], environment=weston_named.environment)
        assert (done.returncode, done.stderr) == (0, "")


def test_a_child_that_exits_leaves_the_parents_connection_alone(run_python, weston_named):
    program = """
import os, warnings, wayfold
client = wayfold.connect()
child = os.fork()
if not child:
    raise SystemExit
_, status = os.waitpid(child, 0)
client.roundtrip()
print(status, client.is_open)
"""
    done = run_python(program, environment=weston_named.environment)

    assert (done.returncode, done.stdout, done.stderr) == (0, "0 True\n", "")


LEAVING = {
    "closing": "client.close()",
    "leaving it and dispatching": "client.run(timeout=5)",
    "collecting": "del client, surface",
}


@pytest.mark.parametrize("way", LEAVING)
def test_a_child_that_leaves_the_connection_takes_nothing_from_its_parent(
    way, run_python, weston_named, tmp_path
):
    path = tmp_path / "session.wayfold"
    program = f"""
import gc, os, wayfold
client = wayfold.connect(log='{path}')
surface = client.bind("wl_compositor").create_surface()
surface.set_buffer_scale(2)  # not sent yet
child = os.fork()
if not child:
    {LEAVING[way]}
    gc.collect()
    os._exit(0)
_, status = os.waitpid(child, 0)
client.roundtrip(timeout=5)
client.close()
with wayfold.Log.open('{path}') as log:
    log.verify()
    print(status, len(list(log.records(name="connection.closed"))))
"""
    done = run_python(program, environment=weston_named.environment)

    assert (done.returncode, done.stdout, done.stderr) == (0, "0 1\n", "")


def test_a_child_is_told_that_the_connection_is_its_parents(run_python, weston_named):
    program = """
import os, wayfold
client = wayfold.connect()
parent = os.getpid()
if not os.fork():
    try:
        client.roundtrip()
    except wayfold.ConnectionLost as error:
        print(error.reason.replace(str(parent), "PARENT"), client.is_open, flush=True)
    os._exit(0)
os.wait()
client.roundtrip()
"""
    done = run_python(program, environment=weston_named.environment)

    told = "it is process PARENT's; a fork of that connects anew False\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, told, "")


def test_a_compositor_that_is_gone_does_not_disturb_the_end(weston_named):
    program = """
import wayfold
client = wayfold.connect()
window = client.window("w", 10, 10)
input("connected")
"""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        env=weston_named.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdout.read(9) == b"connected"
        weston_named.kill()
        _, errors = running.communicate(b"\n", timeout=30)

    assert (running.returncode, errors) == (0, b"")


@pytest.mark.parametrize("is_closed", [True, False])
def test_connections_leave_no_descriptor(is_closed, weston_named, open_descriptors):
    wayfold.connect(weston_named.display).close()
    before = open_descriptors()
    for _ in range(200):
        client = wayfold.connect(weston_named.display)
        if is_closed:
            client.close()
    del client

    assert open_descriptors() == before
