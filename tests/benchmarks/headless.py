"""Times `wayfold run -- true` against what else runs a program without a screen, in turn."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from argparse import Namespace
from pathlib import Path
from statistics import median

from report import Extra, Goal, Report
from sections import tell

__all__ = ["measure"]

_TIMEOUT_S = 20.0
_RUNS_A_ROUND = 3
_WAYFOLD = str(Path(sys.executable).with_name("wayfold"))
_FLOORS = {
    "python -c pass": (sys.executable, "-c", "pass"),
    "weston --version": ("weston", "--version"),
}
_OURS = {
    "wayfold run -- true": (_WAYFOLD, "run", "--", "true"),
    "wayfold run -c weston-named -- true": (_WAYFOLD, "run", "-c", "weston-named", "--", "true"),
}
_OTHERS = {
    "xvfb-run -a true": ("xvfb-run", "-a", "true"),
    "wlheadless-run -c weston -- true": ("wlheadless-run", "-c", "weston", "--", "true"),
}


def run_ms(command: tuple[str, ...]) -> float | None:
    """Give what a command takes; None where it fails or does not end."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    # Not by wait(timeout): that looks at growing intervals, in the end every 50 ms.
    watchdog = threading.Timer(_TIMEOUT_S, process.kill)
    watchdog.start()
    status = process.wait()
    took_ms = (time.perf_counter() - start) * 1e3
    watchdog.cancel()
    return None if status else took_ms


def alternating(commands: dict[str, tuple[str, ...]], runs: int) -> dict[str, float | None]:
    """Give the median of each; one that failed once is not tried again."""
    took: dict[str, list[float]] = {name: [] for name in commands}
    failed = set()
    for _ in range(runs):
        for name, command in commands.items():
            if name not in failed:
                each_ms = run_ms(command)
                took[name] += [] if each_ms is None else [each_ms]
                failed |= {name} if each_ms is None else set()
    return {name: None if name in failed else median(each) for name, each in took.items()}


def measure(options: Namespace) -> Report:
    """Time each in turn; what is not installed, or does not work here, is told as such."""
    runs = options.rounds * _RUNS_A_ROUND
    commands = {**_FLOORS, **_OURS, **_OTHERS}
    here = {name: command for name, command in commands.items() if shutil.which(command[0])}
    tell(f"headless: {runs} runs of each")
    # wlheadless-run makes its socket where the user's session is; there may be none here.
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_RUNTIME_DIR"] = folder
        took = alternating(here, runs)
    ours, *more = _OURS
    goals = [Goal(ours, took[ours] or float("inf"), 60, "ms")]
    named = [*more, *_OTHERS, *_FLOORS]
    extras = [Extra(name, ms, "ms") for name in named if (ms := took.get(name)) is not None]
    lines = [f"{name} is not installed here" for name in commands if name not in here]
    lines += [
        f"{name} failed or did not end in {_TIMEOUT_S:g} s" for name in here if took[name] is None
    ]
    return Report(f"{runs} runs of each in turn; medians", goals, extras, lines, {"took_ms": took})
