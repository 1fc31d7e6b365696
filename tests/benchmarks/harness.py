"""Times the test harness: what a test costs with each compositor, and how soon input arrives."""

import json
import os
import socket
import subprocess
import sys
import time
from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from harness_tests import IN_A_ROW
from report import Extra, Goal, Report
from sections import tell

import wayfold
from wayfold.testing import SeatWeston, Weston
from wayfold.testing.compositor import Compositor

__all__ = ["measure"]

_TESTS = Path(__file__).with_name("harness_tests.py")
_TURNS_A_ROUND = 2
_INJECTIONS = 2000
_WARM_UP = 200
_ECHO = """
import socket, sys
line = socket.socket(fileno=int(sys.argv[1]))
while (said := line.recv(64)) != b"end":
    line.send(said)
"""


class Timer:
    """A pytest plugin that notes how long each test took, with its fixtures' set-up and end."""

    def __init__(self) -> None:
        self.took_ms: dict[str, list[float]] = defaultdict(list)
        self._last = 0.0

    def pytest_collection_finish(self) -> None:
        """Begin."""
        self._last = time.perf_counter()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        """Note what the test took that ends here."""
        moment = time.perf_counter()
        _, _, place, kind = nodeid.rpartition("::")[2].split("_", 3)
        self.took_ms[kind if int(place) else f"{kind}, first"].append((moment - self._last) * 1e3)
        self._last = moment


def tests_ms(turns: int) -> dict[str, float]:
    """Run the tests in a pytest of their own; give each kind's medians, with its firsts apart."""
    environment = {**os.environ, "ROUNDS": str(turns)}
    command = [sys.executable, __file__]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    took: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return took


def run_tests() -> int:
    """Be that pytest, and print the medians last."""
    timer = Timer()
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--import-mode=importlib"]
    ini = [
        "-o",
        "python_files=*_tests.py",
        "-o",
        "wayfold_missing=fail",
        "--rootdir",
        _TESTS.parent,
    ]
    status = pytest.main([*options, *map(str, ini), "-c", os.devnull, str(_TESTS)], plugins=[timer])
    print(json.dumps({kind: median(took) for kind, took in timer.took_ms.items()}))
    return int(status)


def arrival_us(compositor: Compositor, injections: int) -> dict[str, float]:
    """From the call that moves the pointer to the client's handler; and to the call's return."""
    arrived, returned = [], []
    with wayfold.connect(compositor.connect()) as client:
        _open_window(client, compositor)
        heard: list[float] = []
        client.on("wl_pointer.motion", lambda _: heard.append(time.perf_counter()))
        for number in range(injections + _WARM_UP):
            heard.clear()
            start = time.perf_counter()
            compositor.seat.pointer.move(50 + number % 100, 60)
            back = time.perf_counter()
            while not heard:
                client.dispatch(5.0)
            arrived.append((heard[0] - start) * 1e6)
            returned.append((back - start) * 1e6)
    return {"handler": median(arrived[_WARM_UP:]), "call": median(returned[_WARM_UP:])}


def to_and_fro_us(times: int) -> float:
    """What a message to another process and its answer take: the floor of every command."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    took = []
    with (
        ours,
        theirs,
        subprocess.Popen(
            [sys.executable, "-c", _ECHO, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        ),
    ):
        for _ in range(times + _WARM_UP):
            start = time.perf_counter()
            ours.send(b"motion 50 60")
            ours.recv(64)
            took.append((time.perf_counter() - start) * 1e6)
        ours.send(b"end")
    return median(took[_WARM_UP:])


def _open_window(client: wayfold.Client, compositor: Compositor) -> None:
    def draw(canvas: Any) -> bool:
        canvas.data[:] = bytes(len(canvas.data))
        return False

    window = client.window("target", 300, 200, draw=draw)
    client.run(until=lambda _: window.frames >= 1, timeout=5.0)
    compositor.wait_for_windows()
    compositor.seat.pointer.move(10, 10)
    client.roundtrip()


def each_ms(function: Callable[[], object], times: int = 30) -> float:
    """Median of calls."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        function()
        took.append((time.perf_counter() - start) * 1e3)
    return median(took)


def measure(options: Namespace) -> Report:
    """Time tests of each kind, then input, pictures, hotplug and frames in one weston."""
    turns = options.rounds * _TURNS_A_ROUND
    tell(f"harness: {turns} times some tests of each kind")
    took = tests_ms(turns)
    with Weston(named=True, shell="kiosk") as weston:
        restart_ms = each_ms(lambda: weston.restart(refuses=False))
    with SeatWeston() as weston:
        tell(f"harness: {_INJECTIONS} motions of a pointer")
        arrival = arrival_us(weston, _INJECTIONS)
        picture_ms = each_ms(weston.screenshot)
        plug_ms = each_ms(lambda: weston.outputs.remove(weston.outputs.add().name))
    floor_us = to_and_fro_us(_INJECTIONS)
    more = {"restart": restart_ms, "picture": picture_ms, "plug": plug_ms, "to_and_fro": floor_us}
    return _report(took, arrival, more, turns)


def _report(
    took: dict[str, float], arrival: dict[str, float], more: dict[str, float], turns: int
) -> Report:
    beyond = {kind: took[kind] - took["empty"] for kind in took}
    first_ms = took["scripted, first"] - took["empty, first"]
    goals = [
        Goal("scripted server, a test", beyond["scripted"], 0.5, "ms"),
        Goal("own weston, a test", beyond["own"], 4, "ms"),
        Goal("own weston with a seat, a test", beyond["seated"], 6, "ms"),
        Goal("shared weston, a test", beyond["shared"], 1.5, "ms"),
        Goal("restart on the same socket", more["restart"], 4, "ms"),
        Goal("injected input to handler", arrival["handler"], 50, "µs"),
    ]
    extras = [
        Extra("an empty test, in none of these", took["empty"], "ms"),
        Extra("scripted server, a test right after others", first_ms, "ms"),
        Extra("two fixtures that do nothing", beyond["fixtures"], "ms"),
        Extra("a thread, from its start to its end", beyond["thread"], "ms"),
        Extra("weston --version, a test", beyond["floor"], "ms"),
        Extra("own weston with the desktop shell, a test", beyond["own_desktop"], "ms"),
        Extra("injected input, until the call returns", arrival["call"], "µs"),
        Extra("a message to another process and back", more["to_and_fro"], "µs"),
        Extra("a picture of 1024x640", more["picture"], "ms"),
        Extra("an output in and out", more["plug"], "ms"),
    ]
    about = f"{turns} turns of {IN_A_ROW} tests of each kind, {_INJECTIONS} motions; medians"
    return Report(about, goals, extras, [], {"tests_ms": took})


if __name__ == "__main__":
    sys.exit(run_tests())
