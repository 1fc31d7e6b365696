"""Times what comes before the first event, the import and the connection, and counts wake-ups."""

import resource
import subprocess
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from statistics import median

from idle import wakeups
from pywayland.client import Display
from report import Extra, Goal, Report
from sections import tell

import wayfold
from wayfold.testing import Weston

__all__ = ["measure"]

_PROCESSES = 15
# msgspec imports typing_extensions where it is installed: here it is, for the tests' sake, and an
# ordinary installation of wayfold does not bring it.
_AS_INSTALLED = "import sys; sys.modules['typing_extensions'] = None"
_CONNECTIONS = 40


def measure(options: Namespace) -> Report:
    """Connect to a weston and idle there, then import in fresh processes."""
    tell(f"startup: connecting to weston, then idle for {options.idle:g} s")
    with Weston(named=True) as weston:
        connect = _connect_ms(weston.display)
        woken = wakeups(weston.display, options.idle)
    tell("startup: importing wayfold")
    imported = _import_ms()
    return Report(
        "import, connection and wake-ups",
        goals=[
            Goal("import wayfold; wayfold.connect", imported["wall"], 50, "ms"),
            Goal("wake-ups while idle", woken, 0),
        ],
        extras=[
            Extra("import wayfold; wayfold.connect, CPU", imported["cpu"], "ms"),
            Extra("connect to first complete state, weston", connect["state"], "ms"),
            Extra("the same, first in its process", connect["first"], "ms"),
            Extra("two bare roundtrips", connect["bare"], "ms"),
        ],
        lines=[],
        raw={},
    )


def _import_ms() -> dict[str, float]:
    """Import of wayfold with its client in a fresh process, less what the bare interpreter takes.

    `cpu` is the work alone; `wall` grows with whatever else the machine does.
    """
    bare, full = [], []
    for _ in range(_PROCESSES):
        bare.append(_process_ms(_AS_INSTALLED))
        full.append(_process_ms(f"{_AS_INSTALLED}; import wayfold; wayfold.connect"))
    names = ("wall", "cpu")
    return {
        name: median(each[k] for each in full) - median(each[k] for each in bare)
        for k, name in enumerate(names)
    }


def _process_ms(code: str) -> tuple[float, float]:
    start_s, start_cpu_s = time.perf_counter(), _children_cpu_s()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - start_s) * 1e3, (_children_cpu_s() - start_cpu_s) * 1e3


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _connect_ms(path: str) -> dict[str, float]:
    """Connect up to the first complete state, against two roundtrips and nothing else.

    `first` is the first one of this process, which builds what the later ones share.
    """
    first = _timed_ms(_connect, path)
    bare, full = [], []
    for _ in range(_CONNECTIONS):
        bare.append(_timed_ms(_roundtrips, path))
        full.append(_timed_ms(_connect, path))
    return {"first": first, "state": median(full), "bare": median(bare)}


def _timed_ms(function: Callable[[str], None], path: str) -> float:
    start = time.perf_counter()
    function(path)
    return (time.perf_counter() - start) * 1e3


def _connect(path: str) -> None:
    with wayfold.connect(path) as client:
        assert client.state.outputs


def _roundtrips(path: str) -> None:
    with Display(path) as display:
        registry = display.get_registry()
        display.roundtrip()
        display.roundtrip()
        registry.destroy()
