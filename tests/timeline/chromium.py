"""A headless Chromium, driven by its own DevTools protocol over a pipe.

https://chromedevtools.github.io/devtools-protocol/; messages are JSON, each ended by a NUL.
"""

import fcntl
import itertools
import json
import os
import select
import shutil
import signal
import time
from pathlib import Path

ARGUMENTS = (
    "--headless",
    "--no-sandbox",  # there is none for root
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
    "--remote-debugging-pipe",
)
DEADLINE_S = 30


class BrowserFailed(AssertionError):
    """The browser did not do as it was told; the message says what and why."""


class Browser:
    """One process with its own profile in a folder; `close` ends all that it started."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("chromium")
        if program is None:
            raise BrowserFailed("there is no chromium; scripts/setup test installs it")
        self._numbers = itertools.count(1)
        self._events = {}
        self._buffer = b""
        self.log = folder / "chromium.log"
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        # Above 4, so that neither is overwritten on its way there.
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (theirs_in, theirs_out)]
        arguments = [program, *ARGUMENTS, f"--user-data-dir={folder}/profile", "about:blank"]
        log = (os.POSIX_SPAWN_OPEN, 2, str(self.log), os.O_WRONLY | os.O_CREAT, 0o600)
        ends = [(os.POSIX_SPAWN_DUP2, high[0], 3), (os.POSIX_SPAWN_DUP2, high[1], 4)]
        environment = {**os.environ, "HOME": str(folder), "TZ": "UTC"}
        self.pid = os.posix_spawn(
            program, arguments, environment, file_actions=[log, *ends], setpgroup=0
        )
        for end in (theirs_in, theirs_out, *high):
            os.close(end)

    def close(self) -> None:
        os.close(self._out)  # it ends when nobody speaks to it any more
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._in)

    def call(self, method, session=None, **parameters):
        """Give what a method gives; raises BrowserFailed where it fails."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._write(json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + DEADLINE_S
        while True:
            told = self._read(deadline, method)
            if told.get("id") == number:
                if "error" in told:
                    raise BrowserFailed(f"{method}: {told['error']}")
                return told["result"]
            if "sessionId" in told:
                self._events.setdefault(told["sessionId"], []).append(told)

    def events(self, session):
        """Give what a page has told unasked so far."""
        return self._events.get(session, [])

    def _write(self, held):
        while held:
            held = held[os.write(self._out, held) :]

    def _read(self, deadline, method):
        while b"\0" not in self._buffer:
            left_s = deadline - time.monotonic()
            ready, _, _ = select.select([self._in], [], [], max(left_s, 0))
            piece = os.read(self._in, 1 << 20) if ready else b""
            if not piece:
                why = "it ended" if ready else f"nothing came within {DEADLINE_S} s"
                raise BrowserFailed(f"{method}: {why}\n{self.log.read_text(errors='replace')}")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)
