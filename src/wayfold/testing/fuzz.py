"""Damage a server's events by chance, the same for the same seed, and keep what broke a client."""

import json
import os
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wayfold.testing.failures import FuzzFailed, ScriptFailed
from wayfold.testing.scripted import ScriptedServer

__all__ = ["Case", "Step", "fuzz", "replay"]

Check = Callable[[ScriptedServer], object]
Serve = Callable[[], ScriptedServer]
Allowed = type[Exception] | tuple[type[Exception], ...]

_FORMAT = 1
_MOST_STEPS = 4
_MESSAGES = 48
_UNFINISHED = "the process ended while this case ran"


@dataclass(frozen=True, slots=True)
class Step:
    """One fault: the number of the message, and a method of WireFaults with its arguments."""

    message: int
    kind: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.arguments.items())
        return f"message {self.message}: {self.kind}({told})"


@dataclass(frozen=True, slots=True)
class Case:
    """What is done to one session."""

    seed: int
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, seed: int) -> "Case":
        """Give the case of a seed."""
        chance = random.Random(seed)
        return cls(seed, tuple(_step(chance) for _ in range(chance.randint(1, _MOST_STEPS))))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Case":
        """Read a case from a file; raises ValueError where that holds none."""
        try:
            held = json.loads(Path(path).read_text(encoding="utf-8"))
            if held["format"] != _FORMAT:
                raise ValueError(f"it is of format {held['format']}, and {_FORMAT} is known here")
            return cls(held["seed"], tuple(Step(**step) for step in held["steps"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} holds no case of a fuzz test: {error}") from error

    def save(self, path: str | os.PathLike[str], failure: str) -> None:
        """Write the case to a file, with what came of it."""
        held = {"format": _FORMAT, **asdict(self), "failure": failure}
        Path(path).write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")


def _step(chance: random.Random) -> Step:
    arguments: dict[str, dict[str, Any]] = {
        "corrupt": {"at": chance.randrange(24), "xor": chance.randint(1, 255)},
        "delay": {"seconds": round(chance.uniform(0, 0.01), 4)},
        "drop": {},
        "drop_descriptor": {},
        "repeat": {},
        "split": {"size": chance.randint(1, 12), "pause": 0.0},
    }
    # Half of all are corrupt: there are many ways to be that, and one to be lost.
    kind = chance.choice(["corrupt"] * (len(arguments) - 1) + sorted(arguments)[1:])
    return Step(chance.randrange(_MESSAGES), kind, arguments[kind])


def _served() -> ScriptedServer:
    server = ScriptedServer()
    server.serve_windows()
    return server


def fuzz(
    check: Check,
    *,
    folder: str | os.PathLike[str],
    seeds: Iterable[int] = range(100),
    allowed: Allowed = (),
    serve: Serve = _served,
) -> int:
    """Run `check(server)` once a seed, each with other faults, and give how many runs there were.

    The check leads a client through a session; it must end, and may raise what is `allowed`:
    a client may refuse nonsense, in its own words. At anything else the steps that are not
    needed are left out, the case is saved in `folder`, and FuzzFailed names the file, which
    `replay` runs. A case is saved before it runs, so that one that takes the process with it
    is there too. `serve` makes the server.
    """
    Path(folder).mkdir(parents=True, exist_ok=True)
    run = partial(_failure, check=check, allowed=allowed, serve=serve)
    count = 0
    for seed in seeds:
        case, path = Case.of(seed), Path(folder) / f"fuzz-{seed}.json"
        case.save(path, _UNFINISHED)
        failure = run(case)
        if failure is not None:
            least = _least(case, type(failure), run)
            told = f"{type(failure).__name__}: {failure}"
            least.save(path, told)
            raise FuzzFailed(
                str(path), seed, [str(step) for step in least.steps], told
            ) from failure
        path.unlink()
        count += 1
    return count


def replay(
    path: str | os.PathLike[str],
    check: Check,
    *,
    allowed: Allowed = (),
    serve: Serve = _served,
) -> None:
    """Run the case of a file again; raises what the check raises and is not allowed."""
    case = Case.load(path)
    failure = _failure(case, check, allowed, serve)
    if failure is not None:
        failure.add_note(f"with {'; '.join(map(str, case.steps))} (seed {case.seed})")
        raise failure


def _failure(case: Case, check: Check, allowed: Allowed, serve: Serve) -> Exception | None:
    bearable: tuple[type[Exception], ...] = allowed if isinstance(allowed, tuple) else (allowed,)
    try:
        with serve() as server:
            for step in case.steps:
                server.wire_faults.step(step.message, step.kind, **step.arguments)
            check(server)
    except Exception as error:
        # A client that was told nonsense may well say some, at which the server stops.
        return None if isinstance(error, (ScriptFailed, *bearable)) else error
    return None


def _least(case: Case, kind: type[Exception], run: Callable[[Case], Exception | None]) -> Case:
    """Leave out every step without which the same still happens."""
    least = case
    for step in case.steps:
        fewer = Case(case.seed, tuple(each for each in least.steps if each is not step))
        if type(run(fewer)) is kind:
            least = fewer
    return least
