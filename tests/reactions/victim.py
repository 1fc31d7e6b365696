"""A program that reports faults to a partner and is killed: victim.py LOG URL

Reads one life a line, as JSON: the facts to append first, the boundary at which it is killed, or
the seconds after which it is, from its start or from telling that the facts are on disk. Lives are
forked off, so that each is a process of its own that needs no start. Answers each with a line: what
was acknowledged, and how it ended.
"""

import json
import os
import signal
import sys

import urllib3  # noqa: F401 - once, and not in every life

from wayfold.log import Fact, Log
from wayfold.reactions import (
    CancelDeadline,
    CancelEffect,
    Effect,
    Process,
    Retry,
    Runner,
    SetDeadline,
)
from wayfold.reactions.http import post

DELAY_NS = 10_000_000
RETRY = Retry(attempts=1000, timeout_s=5.0, first_s=0.005, longest_s=0.02)


def die(*about):
    os.kill(os.getpid(), signal.SIGKILL)


def die_later(delay_s):
    """Let the kernel end this by SIGALRM, whose default leaves Python no say."""
    signal.setitimer(signal.ITIMER_REAL, delay_s)


class Faults(Process):
    """Reports what stays open."""

    name, hears, initial = "faults", "fault.*", "fine"

    def __init__(self, url, boundary):
        self._url = url
        self._boundary = boundary

    def fold(self, state, record):
        told = {"fault.raised": "open", "fault.ended": "fine", "deadline.expired": "reported"}
        return told.get(record.name, state)

    def decide(self, state, record):
        if record.name == "fault.raised":
            yield SetDeadline("report", record.time_ns + DELAY_NS)
        if record.name == "fault.ended":
            yield CancelDeadline("report")
            yield CancelEffect("report")
        if record.name == "deadline.expired":
            if self._boundary == "before required":
                die()
            report = {"about": record.data["key"], "at": record.time_ns}
            yield Effect("post", {"url": self._url, "json": report}, name="report", retry=RETRY)

    def holds(self, state, record):
        return state == "open"


def live(path, url, life):
    """Append, acknowledge, report until nothing is left to do."""
    boundary = life.get("boundary", "")

    def send(call):
        if boundary == "attempted, not called":
            die()
        answer = post(call)
        if boundary == "called, not recorded":
            die()
        return answer

    def seen(first, batch, derived):
        for record in batch.records(0, len(batch), first, None):
            if record.name == {"required": "effect.required", "done": "effect.done"}.get(boundary):
                die()

    die_later(life.get("dies_after_start_s", 0))
    with Log.open(path) as log, Runner(log) as runner:
        runner.perform("post", send)
        reacting = runner.react(Faults(url, boundary))
        log.listen(seen)
        if life["facts"]:
            log.append_facts(Fact(name, subject) for name, subject in life["facts"])
            log.sync()
        os.write(1, b"appended ")
        die_later(life.get("dies_after_telling_s", 0))
        runner.run(until=lambda: not (reacting.lag or runner.pending() or runner.deadlines()))


def main(path, url):
    """Live one life after the other."""
    for line in sys.stdin:
        life = json.loads(line)
        pid = os.fork()
        if not pid:
            try:
                live(path, url, life)
            except BaseException as error:
                os.write(2, repr(error).encode())
                os._exit(1)
            os._exit(0)
        status = os.waitpid(pid, 0)[1]
        ended = "killed" if os.WIFSIGNALED(status) else f"exit {os.WEXITSTATUS(status)}"
        os.write(1, f"{ended}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
