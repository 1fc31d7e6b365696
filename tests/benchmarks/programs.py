"""Builds the C programs of the benchmark, and knows where files may be made."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pywayland._ffi

__all__ = ["HERE", "MissingTool", "build", "libwayland", "on_disk"]

HERE = Path(__file__).parent
_BUILT = HERE.parents[1] / "build" / "benchmarks"
_CC = ("cc", "-std=gnu11", "-O2", "-Wall", "-Wextra")


class MissingTool(Exception):
    """Something that the benchmark is built with is not installed; the message says what to do."""


def libwayland() -> Path:
    """Path of the libwayland-client that pywayland brought, from the kernel's list."""
    assert pywayland._ffi.lib, "it is loaded"
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    found = re.search(r"(/\S*libwayland-client\S*)$", maps, re.MULTILINE)
    if found is None:
        raise MissingTool("pywayland has loaded no libwayland-client")
    return Path(found[1])


@contextmanager
def on_disk() -> Iterator[Path]:
    """Give a folder for a while, beside the programs: /tmp is often no disk but memory."""
    _BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="log-", dir=_BUILT) as folder:
        yield Path(folder)


def build() -> dict[str, Path]:
    """Build flood_server and listener; the latter on pywayland's libwayland and the system's."""
    _BUILT.mkdir(parents=True, exist_ok=True)
    flags = _pkg_config("--cflags")
    own = libwayland()
    # The wheel's copy finds its libffi beside itself, which the linker cannot know.
    same = [str(own), f"-Wl,-rpath,{own.parent}", "-Wl,--allow-shlib-undefined"]
    return {
        "flood_server": _compile("flood_server.c", "flood_server", []),
        "listener": _compile("listener.c", "listener", [*flags, *same]),
        "listener_system": _compile(
            "listener.c", "listener_system", [*flags, *_pkg_config("--libs")]
        ),
    }


def _compile(source: str, name: str, flags: list[str]) -> Path:
    target = _BUILT / name
    _run([*_CC, str(HERE / source), *flags, "-o", str(target)])
    return target


def _pkg_config(what: str) -> list[str]:
    return _run(["pkg-config", what, "wayland-client"]).split()


def _run(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        raise MissingTool(_advice(f"there is no {command[0]}"))
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise MissingTool(_advice(f"{' '.join(command)} failed:\n{done.stderr.strip()}"))
    return done.stdout


def _advice(what: str) -> str:
    return (
        f"{what}\nThe C side of the benchmark needs a compiler, pkg-config and libwayland-dev "
        "(wayland-devel on Fedora); scripts/bench installs what is missing."
    )
