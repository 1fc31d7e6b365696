"""Lives of the examples: each is forked off, and ends where it is told.

Reads lines of JSON, the name of a function below and its arguments. Answers with what the life
printed, then `killed`, `exit 0` or the like, then `over`.
"""

import importlib.util
import itertools
import json
import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

from wayfold.log import Log
from wayfold.log.sqlite import SqliteStore

ROOT = Path(__file__).parents[2]


def load(file):
    """Give the module that a file holds."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def example(name):
    """Give the module of an example."""
    return load(ROOT / "examples" / f"{name}.py")


FailingDisk = load(ROOT / "tests" / "log" / "failing_disk.py").FailingDisk


def die(*about):
    os.kill(os.getpid(), signal.SIGKILL)


class DeadlyDisk(FailingDisk):
    """A disk at whose operation of a given number, once armed, the program is killed."""

    def arm(self, dies_at):
        self.count, self.fails_at = 0, dies_at

    def may_fail(self, kind, error):
        self.count += 1
        if self.count == self.fails_at:
            die()


def on_disk(path, disk):
    """Give a log in a file on such a disk."""
    return Log(SqliteStore(path, vfs=disk.name, sync=disk.sync))


def create_user(path, name, dies_at=0):
    """Create a user; be killed at an operation of the disk."""
    disk = DeadlyDisk()
    with on_disk(path, disk) as log:
        disk.arm(dies_at)
        example("create_user").create(log, name, f"{name}@example.org")


def move_money(path, owner, amount, dies_at=0, dies_after_sending=False):
    """Move money; be killed at an operation of the disk, or when a letter is out."""
    bank, disk = example("bank"), DeadlyDisk()
    send = bank.send

    def open_on_disk(path):
        log = on_disk(path, disk)
        disk.arm(dies_at)
        return log

    def send_and_die(call):
        send(call)
        die()

    bank.send = send_and_die if dies_after_sending else send
    bank.Log = SimpleNamespace(open=open_on_disk)
    bank.main(path, owner, amount)


def take(path, base, prices, dies_at):
    """Sell, and have a view in a database of its own; be killed at a statement of that."""
    shop, statements = example("lagging_view"), itertools.count(1)
    connection = shop.open_base(base)
    view = shop.Takings("takings", connection)
    connection.set_trace_callback(lambda text: die() if next(statements) == dies_at else None)
    with Log.open(path) as log, shop.Runner(log) as runner:
        followed = runner.follow(view)
        for price in prices:
            shop.sell(log, 1, price=price)
        print("sold", flush=True)
        runner.settle()
        assert followed.lag == 0


def store_and_hint(path, port, count):
    """Store readings and hint at them; be killed between storing the last one and its hint."""
    hints = example("lost_hints")
    hints.COUNT = count
    hints.write(path, port)


def main():
    """Live one life after the other."""
    for line in sys.stdin:
        name, arguments = json.loads(line)
        child = os.fork()
        if not child:
            try:
                globals()[name](**arguments)
                status = 0
            except BaseException as error:
                print(repr(error), flush=True)
                status = 1
            sys.stdout.flush()
            os._exit(status)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        ended = "killed" if killed else f"exit {os.WEXITSTATUS(status)}"
        print(f"{ended}\nover", flush=True)


if __name__ == "__main__":
    main()
