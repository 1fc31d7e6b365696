"""Builds journal.c with the sanitizers and gives a function that runs it."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "src" / "wayfold" / "native"
SANITIZE = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")
WARN = ("-std=gnu11", "-O1", "-g", "-Wall", "-Wextra", "-Werror")
# The driver makes allocations fail, in journal.c and nowhere else.
WRAP = "-Wl,--wrap=calloc,--wrap=realloc"
DEADLINE_S = 50

Run = Callable[..., subprocess.CompletedProcess[str]]


def compiler() -> str:
    """Give the C compiler; without one the sanitizer tests fail, they are not skipped."""
    named = os.environ.get("CC", "cc")
    found = shutil.which(named)
    if found is None:
        pytest.fail(
            f"no C compiler called {named!r}: journal.c must run under AddressSanitizer and "
            "UBSan. scripts/setup installs one; $CC names another."
        )
    return found


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sanitized driver, built from journal.c and the C files beside this one."""
    target = tmp_path_factory.mktemp("native") / "driver"
    sources = [str(NATIVE / "journal.c"), *map(str, sorted(HERE.glob("*.c")))]
    command = [compiler(), *WARN, *SANITIZE, WRAP, f"-I{NATIVE}", *sources, "-ldl"]
    built = subprocess.run([*command, "-o", str(target)], capture_output=True, text=True)
    if built.returncode:
        pytest.fail(f"journal.c does not build with sanitizers:\n{built.stderr}")
    return target


@pytest.fixture(scope="session")
def run(driver: Path) -> Run:
    """Run the driver; its exit status counts, and what it says is in the failure."""
    options = {
        "ASAN_OPTIONS": "detect_leaks=1:print_suppressions=0",
        "LSAN_OPTIONS": "print_suppressions=0",
    }

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [str(driver), *map(str, arguments)],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=DEADLINE_S,
            env=os.environ | options,
        )
        assert done.returncode == 0, f"driver exited with {done.returncode}\n{done.stderr[:8000]}"
        return done

    return run
