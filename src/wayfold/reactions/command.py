"""An action that runs a command."""

import os
import signal
import subprocess
from typing import Any

from wayfold.reactions.executor import Call, EffectRefused

__all__ = ["run_command"]

_KEPT_BYTES = 4096


def run_command(call: Call) -> dict[str, Any]:
    """Run `argv`, with `input` as text on its standard input; exit status 0 is success.

    The command finds its key in `$WAYFOLD_IDEMPOTENCY_KEY`. It is ended, with what it started,
    when its time is up. Gives the exit status and the end of what it printed.
    """
    argv, text = _asked(call)
    environment = {**os.environ, "WAYFOLD_IDEMPOTENCY_KEY": call.idempotency_key}
    try:
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    except (FileNotFoundError, PermissionError, TypeError, ValueError) as error:
        raise EffectRefused(f"{argv!r} cannot be run: {error}") from error
    with process:
        try:
            output, _ = process.communicate(text, timeout=call.timeout_s)
        except subprocess.TimeoutExpired as error:
            os.killpg(process.pid, signal.SIGKILL)
            raise TimeoutError(f"{argv[0]} did not end within {call.timeout_s:g} s") from error
    told = output[-_KEPT_BYTES:].decode(errors="replace")
    if process.returncode:
        raise RuntimeError(f"{argv[0]} ended with status {process.returncode}: {told.strip()}")
    return {"status": process.returncode, "output": told}


def _asked(call: Call) -> tuple[Any, bytes]:
    """Give what to run and its input; refused before it runs, where it could not be told all."""
    try:
        return call.arguments["argv"], call.arguments.get("input", "").encode()
    except (AttributeError, KeyError, ValueError) as error:
        raise EffectRefused(f"argv, and input as text, are needed: {error!r}") from error
