"""Record sessions that somebody kills: forks a recorder for each path that is read.

Prints `born PID`, then of the recorder `HEAD DURABLE` again and again, and `dead STATUS` at last.
A fork costs what an import would cost a hundred times.
"""

import os
import sys

from wayfold import Keep, Log, connect


def record(path: str) -> None:
    """Open a log, connect, animate a window, and tell how far it is, until killed."""
    with Log.open(path, keep=Keep(records=200)) as log, connect(log=log) as client:
        window = client.window("to be killed", 64, 48, draw=lambda canvas: True)
        while True:
            client.roundtrip()
            window.redraw()
            if log.head % 7 == 0:
                log.sync()
            os.write(1, f"{log.head} {log.durable}\n".encode())


for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            record(line.strip())
        finally:
            os._exit(1)
    os.write(1, f"born {child}\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(1, f"dead {os.waitstatus_to_exitcode(status)}\n".encode())
