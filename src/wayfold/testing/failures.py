"""What the harness raises.

HarnessError
├── CompositorMissing      the program is not installed, or too old
├── CapabilityMissing      no tier on this machine has what is needed
├── CompositorFailed       it did not start, or died by itself
├── CompositorTimeout      it did not answer in time (also a TimeoutError)
├── CommandRefused         it answered a command with an error
├── FuzzFailed             a client could not bear damaged events; the case is saved
├── ScriptFailed           a client or a script broke the rules, seen in the server's thread
└── RequestTimeout         a request that was waited for did not come (also a TimeoutError)
"""

from collections.abc import Sequence

__all__ = [
    "CapabilityMissing",
    "CommandRefused",
    "CompositorFailed",
    "CompositorMissing",
    "CompositorTimeout",
    "FuzzFailed",
    "HarnessError",
    "RequestTimeout",
    "ScriptFailed",
    "log_tail",
]

_TAIL_LINES = 30


class HarnessError(Exception):
    """Anything that goes wrong in the harness, except plainly bad values."""


class CompositorMissing(HarnessError):
    """The compositor's program is not installed, or cannot do what was asked for."""

    def __init__(self, program: str, package: str, reason: str = "is not installed") -> None:
        super().__init__(f"{program} {reason}; install the package {package}")
        self.program = program
        self.package = package


class CapabilityMissing(HarnessError):
    """No compositor on this machine has all that is needed; `packages` would bring one."""

    def __init__(
        self, needs: Sequence[str], reasons: Sequence[str], packages: Sequence[str] = ()
    ) -> None:
        super().__init__(f"no {', '.join(needs)} here: {'; '.join(reasons)}")
        self.needs = tuple(needs)
        self.reasons = tuple(reasons)
        self.packages = tuple(packages)


class CompositorFailed(HarnessError):
    """The compositor did not start, or ended while it was needed."""

    def __init__(self, message: str, log: str, exit_status: int | None = None) -> None:
        super().__init__(f"{message}\n{log_tail(log)}")
        self.log = log
        self.exit_status = exit_status


class CompositorTimeout(HarnessError, TimeoutError):
    """The compositor did not do in time what it was waited for."""

    def __init__(self, message: str, log: str) -> None:
        super().__init__(f"{message}\n{log_tail(log)}")
        self.log = log


class CommandRefused(HarnessError):
    """The compositor refused a command that the test gave it."""

    def __init__(self, command: str, reason: str, kind: str = "failed") -> None:
        super().__init__(f"{command!r}: {reason}")
        self.command = command
        self.reason = reason
        self.kind = kind


class FuzzFailed(HarnessError):
    """A client did with damaged events what it must not; `path` holds the case for `replay`."""

    def __init__(self, path: str, seed: int, steps: Sequence[str], failure: str) -> None:
        told = "".join(f"\n  {step}" for step in steps)
        super().__init__(f"seed {seed}: {failure}\nwith{told}\nsaved to {path}, for replay")
        self.path = path
        self.seed = seed
        self.steps = tuple(steps)


class ScriptFailed(HarnessError):
    """The scripted server could not go on: bad bytes from the client, or a handler that raised."""


class RequestTimeout(HarnessError, TimeoutError):
    """A request that was waited for was not seen in time."""


def log_tail(log: str) -> str:
    """Give the last lines of a compositor's log under a heading."""
    lines = log.splitlines()[-_TAIL_LINES:]
    return "\n".join(["its log ends with:", *(f"  {line}" for line in lines or ["(nothing)"])])
