"""Forks outage watches on command, so that hundreds can be started and killed in a minute.

Reads lines of JSON, `{"path", "url", "display"}`; answers each with the child's process id.
"""

import ctypes
import json
import os
import signal
import sys

from wayfold.log import Log
from wayfold.outage import Reports, Watch
from wayfold.reactions import Retry

_LIBC, _PR_SET_PDEATHSIG = ctypes.CDLL(None), 1  # linux/prctl.h
EAGER = Retry(attempts=1000, timeout_s=5.0, first_s=0.005, longest_s=0.02)


def watch(path: str, url: str, display: str) -> None:
    """Watch until killed."""
    with Log.open(path) as log:
        reports = Reports(url, 0.03, sender="kiosk", retry=EAGER)
        Watch(log, reports, display=display, silent_s=5.0).run()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel buries them
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            try:
                watch(**json.loads(line))
            finally:
                os._exit(1)  # a watch that ends by itself has failed
        print(child, flush=True)


if __name__ == "__main__":
    main()
