"""The queue is only a hint: a reader is told by datagrams, which get lost, doubled and reordered.

python lost_hints.py sensor.wayfold

What was stored is read from the log, by position; a hint only says that it may be worth looking.
So each record is seen once, also the last one: its writer is killed between storing and hinting.
"""

import itertools
import os
import random
import select
import signal
import socket
import subprocess
import sys
import time

from wayfold import Log, Runner, View

COUNT = 50


class Seen(View):
    """The position of every reading, as often as it was seen."""

    name, hears, initial = "seen", "reading", ()

    def fold(self, seen, record):
        return (*seen, record.position)


def write(path, port):
    """Store readings, hint at them as a bad network would, and die before the last hint."""
    chance, late = random.Random(1), []
    with Log.open(path) as log, socket.socket(type=socket.SOCK_DGRAM) as queue:
        for number in range(COUNT):
            record = log.append("reading", "sensor", {"number": number})
            if number == COUNT - 1:
                os.kill(os.getpid(), signal.SIGKILL)
            late += [record.position] * chance.choice([0, 0, 1, 2])
            chance.shuffle(late)
            while late and chance.random() < 0.7:
                queue.sendto(b"%d" % late.pop(), ("127.0.0.1", port))
            time.sleep(0.01)


def show(what, view):
    told = f"{len(view.state)} readings seen, {len(set(view.state))} different"
    print(f"{what}\n    {told}, as of {view.as_of.age_s:.1f} s ago")


def read(path):
    Log.open(path).close()  # so that there is something to read
    queue, hints = socket.socket(type=socket.SOCK_DGRAM), []
    queue.bind(("127.0.0.1", 0))
    with queue, Log.open(path, read_only=True) as log, Runner(log, poll_s=0.25) as runner:
        view = runner.follow(Seen())
        command = [sys.executable, __file__, path, str(queue.getsockname()[1])]
        with subprocess.Popen(command) as writer:
            while writer.poll() is None:
                ready, _, _ = select.select([queue, runner], [], [], 0.1)
                hints += [queue.recv(20)] if queue in ready else []
                runner.turn()
        runner.run(timeout=1)
        late = sum(int(before) > int(after) for before, after in itertools.pairwise(hints))
        told = f"{len(hints)} hints came, of {len(set(hints))} records, {late} of them late"
        show(f"{log.head} records stored; {told}", view)
        os.rename(path, f"{path}.away")
        runner.run(timeout=1)
        show(view.unreachable, view)
        os.rename(f"{path}.away", path)
        runner.run(timeout=10, until=lambda: view.unreachable is None)
        show("the log is back", view)


if __name__ == "__main__":
    path, *port = sys.argv[1:] or sys.exit(__doc__)
    write(path, int(port[0])) if port else read(path)
