"""The compositors and tools that the harness can use: what brings them, what each lacks."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from wayfold.testing.failures import CompositorMissing

__all__ = ["PROGRAMS", "Found", "Program", "found_programs", "require", "version_of"]


@dataclass(frozen=True, slots=True)
class Program:
    """A program that tests of Wayland clients can use."""

    name: str
    purpose: str
    package: str
    lacks: tuple[str, ...] = ()
    is_compositor: bool = True
    is_driven: bool = False
    version_option: str = "--version"


@dataclass(frozen=True, slots=True)
class Found:
    """A program with its place and version on this machine; None where it is missing."""

    program: Program
    path: str | None
    version: str | None


PROGRAMS: Sequence[Program] = (
    Program(
        "weston",
        "a fresh compositor for each test",
        "weston",
        ("an input seat", "more than one output", "foreign toplevels"),
        is_driven=True,
    ),
    Program(
        "sway",
        "outputs that come and go, virtual input, foreign toplevels",
        "sway",
        ("running as root (1.7)", "unplugging an output (1.7)", "a start in under 30 ms"),
        is_driven=True,
    ),
    Program(
        "cage",
        "a kiosk on wlroots",
        "cage",
        ("another size than 1280x720", "namespaces where containers forbid them"),
        is_driven=True,
        version_option="-v",
    ),
    Program("mutter", "GNOME's compositor", "mutter", ("screenshots",), is_driven=True),
    Program("dbus-run-session", "a session bus for mutter", "dbus-daemon", (), False),
    Program("labwc", "stacking windows on wlroots", "labwc", ("an IPC socket",)),
    Program("wayland-info", "a second opinion on globals", "wayland-utils", (), False),
    Program("foot", "a small client to look at", "foot", (), False),
)


def found_programs() -> list[Found]:
    """Look for every known program and ask each one found for its version."""
    found = []
    for program in PROGRAMS:
        path = shutil.which(program.name)
        found.append(
            Found(program, path, version_of(path, program.version_option) if path else None)
        )
    return found


@cache
def version_of(path: str, option: str = "--version") -> str | None:
    """Ask a program for its version; None where it has no answer."""
    try:
        answer = subprocess.run(
            [path, option], capture_output=True, text=True, timeout=5.0, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r"\d+(?:\.\d+)+", answer.stdout + answer.stderr)
    return match.group() if match else None


def require(name: str) -> str:
    """Give the path of a program; raises CompositorMissing, which names its package."""
    path = shutil.which(name)
    if path is None:
        raise CompositorMissing(name, _package(name))
    return path


def _package(name: str) -> str:
    return next((program.package for program in PROGRAMS if program.name == name), name)
