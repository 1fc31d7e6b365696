"""Runs every client on the same flood of wl_output.mode events, in alternating rounds."""

import json
import subprocess
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from programs import HERE, build, libwayland, on_disk
from report import Extra, Goal, Report
from sections import tell

__all__ = ["measure"]

_CLIENT_S = 300

CLIENTS = {
    "c": "C listener",
    "c_system": "C listener, the system's libwayland",
    "pywayland": "pywayland, empty callback",
    "memory": "wayfold, memory log, nobody looking",
    "state": "wayfold, memory log, state folded",
    "file": "wayfold, log in a file, synced at the end",
}

# Of each client, by its key: events, cpu_s and wall_s.
Round = dict[str, dict[str, float]]


def measure(options: Namespace) -> Report:
    """Run every client once a round; what is compared is CPU time within a round."""
    programs = build()
    with _server(programs["flood_server"], options.events) as path:
        measured = list(_rounds(programs, path, options.rounds, options.events))
    return Report(
        f"{options.rounds} rounds of {options.events} wl_output.mode on {libwayland().name}",
        goals=[
            Goal("memory log / C listener", _paired(measured, "memory", "c"), 1.2),
            Goal("memory log / pywayland", _paired(measured, "memory", "pywayland"), 0.2),
            Goal("state folded / pywayland", _paired(measured, "state", "pywayland"), 0.5),
            Goal("log in a file / pywayland", _paired(measured, "file", "pywayland"), 1.0),
        ],
        extras=[
            Extra(
                "memory log / C, the system's libwayland", _paired(measured, "memory", "c_system")
            )
        ],
        lines=[
            f"{'median, µs an event':<44}{'CPU':>8}{'wall':>8}",
            *(_line(measured, key) for key in CLIENTS),
        ],
        raw={"medians_per_event": _medians(measured), "rounds": measured},
    )


def _line(measured: list[Round], key: str) -> str:
    cpu, wall = _typical(measured, key, "cpu_s"), _typical(measured, key, "wall_s")
    return f"{CLIENTS[key]:<44}{cpu:>8.3f}{wall:>8.3f}"


def _medians(measured: list[Round]) -> dict[str, dict[str, float]]:
    return {
        key: {f"{what}_us": _typical(measured, key, f"{what}_s") for what in ("cpu", "wall")}
        for key in CLIENTS
    }


@contextmanager
def _server(program: Path, events: int) -> Iterator[str]:
    """Run the flood server; gives the path of its socket."""
    with tempfile.TemporaryDirectory(prefix="wayfold-bench-") as directory:
        path = f"{directory}/flood"
        command = [str(program), path, str(events)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout
                if process.stdout.readline() != "ready\n":
                    raise RuntimeError("the flood server does not listen; see above")
                yield path
            finally:
                process.kill()


def _rounds(programs: dict[str, Path], path: str, count: int, events: int) -> Iterator[Round]:
    for number in range(1, count + 1):
        tell(f"flood: round {number} of {count}")
        # Every other round goes backwards, so that none always runs after the same neighbour.
        keys = list(CLIENTS) if number % 2 else list(reversed(CLIENTS))
        with on_disk() as folder:
            commands = _commands(programs, path, folder / "flood.wayfold")
            measured = {key: _measured(commands[key], events) for key in keys}
        yield {key: measured[key] for key in CLIENTS}


def _commands(programs: dict[str, Path], path: str, file: Path) -> dict[str, list[str]]:
    def script(name: str, *options: str) -> list[str]:
        return [sys.executable, str(HERE / name), path, *options]

    return {
        "c": [str(programs["listener"]), path],
        "c_system": [str(programs["listener_system"]), path],
        "pywayland": script("pywayland_client.py"),
        "memory": script("wayfold_client.py"),
        "state": script("wayfold_client.py", "--state"),
        "file": script("wayfold_client.py", "--file", str(file)),
    }


def _measured(command: list[str], events: int) -> dict[str, float]:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=_CLIENT_S, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    if told["events"] != events:
        raise RuntimeError(f"{command[:-1]} took in {told['events']} of {events} events")
    return told


def _typical(measured: list[Round], key: str, what: str) -> float:
    """Median over the rounds, in microseconds an event."""
    return median(each[key][what] / each[key]["events"] * 1e6 for each in measured)


def _paired(measured: list[Round], key: str, other: str) -> float:
    """Median of each round's own ratio of CPU time: what slows a whole round cancels out."""
    return median(each[key]["cpu_s"] / each[other]["cpu_s"] for each in measured)
