"""The programs beside compositors that the harness can use, and what brings them."""

import re
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from wayfold.testing.failures import CompositorMissing

__all__ = ["PROGRAMS", "Found", "Program", "found_programs", "require", "version_of"]


class Program(NamedTuple):
    """A program that tests of Wayland clients can use."""

    name: str
    purpose: str
    package: str


class Found(NamedTuple):
    """A program with its place and version on this machine; None where it is missing."""

    program: Program
    path: str | None
    version: str | None


PROGRAMS: Sequence[Program] = (
    Program("dbus-run-session", "mutter's session bus", "dbus-daemon"),
    Program("setpriv", "cage and sway for tests that run as root", "util-linux"),
    Program("unshare", "cage's own /tmp", "util-linux"),
    Program("wayland-info", "a second opinion on globals", "wayland-utils"),
    Program("foot", "a small client to look at", "foot"),
)


def found_programs() -> list[Found]:
    """Look for every known program and ask each one found for its version."""
    found = []
    for program in PROGRAMS:
        path = shutil.which(program.name)
        found.append(Found(program, path, version_of(path) if path else None))
    return found


def version_of(path: str, option: str = "--version") -> str | None:
    """Ask a program for its version, once in a process; None where it has no answer."""
    return _version_of(path, option)


@cache  # which would tell the default from the same option given
def _version_of(path: str, option: str) -> str | None:
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
