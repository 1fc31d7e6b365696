"""A watch that is killed at any moment loses no report, and sends none that it should not.

The oracle reads the file with plain SQL and the partner's memory; it folds nothing of ours.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

KILLS = int(os.environ.get("WAYFOLD_OUTAGE_KILLS", "500"))
DEADLINE_S = 60.0


@pytest.fixture
def zygote():
    """Give a function that starts a watch and returns its process id."""
    command = [sys.executable, "-W", "error", str(Path(__file__).with_name("zygote.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:

        def start(**about):
            print(json.dumps(about), file=process.stdin, flush=True)
            return int(process.stdout.readline())

        yield start
        process.stdin.close()


class File:
    """The log, by plain SQL."""

    def __init__(self, path):
        self.path = path
        self._plain = None

    def rows(self, statement):
        if self._plain is None:
            self._plain = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        return self._plain.execute(statement).fetchall()

    @property
    def head(self):
        try:
            return self.rows("select max(position) from record")[0][0] or 0
        except sqlite3.Error:
            self.close()
            return 0

    def named(self, name):
        found = self.rows(f"select position, subject, data from record where name = '{name}'")
        return [(position, subject, json.loads(data)) for position, subject, data in found]

    def close(self):
        if self._plain is not None:
            self._plain.close()
            self._plain = None


@pytest.fixture
def file(tmp_path):
    made = File(tmp_path / "kiosk.wayfold")
    yield made
    made.close()


def until(condition):
    end_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end_s, "nothing happened"


def kill_again_and_again(file, partner, start, displays, chance):
    """Start, wait for some records or for a request, or a moment where nothing comes; kill."""
    for number in range(KILLS):
        partner.moods[:] = chance.choices([200, 500, "close"], k=2)
        head = file.head + chance.choice([4, 8, 12, 40, 80])
        count = partner.count + chance.randint(1, 4)
        child = start(path=str(file.path), url=partner.url, display=displays[number % 2])
        latest_s = time.monotonic() + chance.uniform(0.1, 1.0)
        while file.head < head and partner.count < count and time.monotonic() < latest_s:
            assert is_alive(child), "the watch ended by itself"
        os.kill(child, signal.SIGKILL)
        until(lambda: not is_alive(child))  # noqa: B023


def is_alive(child):
    try:
        os.kill(child, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.timeout(400)
def test_no_report_is_lost_and_none_is_sent_for_what_was_resolved(
    file, partner, zygote, weston_named, tmp_path, capsys
):
    taking = partner()
    displays = [weston_named.display, str(tmp_path / "no-compositor")]
    kill_again_and_again(file, taking, zygote, displays, random.Random(4))
    taking.moods[:] = []
    last = zygote(path=str(file.path), url=taking.url, display=displays[0])
    until(lambda: settled(file))
    os.kill(last, signal.SIGKILL)
    counts = check(file, taking)
    with capsys.disabled():
        print(f" {KILLS} kills: {counts}", end="")

    assert counts["reported"] >= 5
    assert counts["never reported"] >= 5


def settled(file):
    """Tell whether every incident has ended, and every report with it."""
    open_ones = """
    select count(*) from record as a where name = 'error.occurred' and not exists (
        select 1 from record as b where b.name = 'error.resolved'
        and b.data ->> '$.incident' = a.data ->> '$.incident')
    """
    required = {subject for _, subject, _ in file.named("effect.required")}
    ended = {s for n in ("done", "cancelled", "gave_up") for _, s, _ in file.named(f"effect.{n}")}
    set_ones = {subject for _, subject, _ in file.named("deadline.set")}
    over = {s for n in ("cancelled", "expired") for _, s, _ in file.named(f"deadline.{n}")}
    return not file.rows(open_ones)[0][0] and required == ended and set_ones == over


def check(file, partner):
    """Compare what the partner took with what the file says happened."""
    resolved = {data["incident"]: at for at, _, data in file.named("error.resolved")}
    occurred = {data["incident"]: at for at, _, data in file.named("error.occurred")}
    expired = {data["key"]: at for at, _, data in file.named("deadline.expired")}
    accepted = defaultdict(list)
    for body in partner.accepted.values():
        accepted[body["incident"]].append(body["report"])

    assert len(occurred) == len(file.named("error.occurred")), "an incident occurred twice"
    assert occurred.keys() == resolved.keys()
    for bodies in partner.bodies.values():
        # Who is killed while it sends leaves a part, which nobody can take for a body.
        assert len({body for body in bodies if body.endswith(b"}")}) <= 1, "one key, two bodies"
    for incident, at in resolved.items():
        told = sorted(accepted[incident])
        if incident not in expired:
            assert told == [], f"{incident} was resolved in time, and {told}"
        else:
            assert expired[incident] < at, f"{incident} expired after it was resolved"
            # Where no attempt came through there may be nothing to tell, or only the end of it.
            assert told in (["outage", "resolution"], ["resolution"], []), f"{incident}: {told}"
    no_attempt_for_what_is_over(file, resolved)
    positions = [position for (position,) in file.rows("select position from record")]
    assert positions == list(range(1, len(positions) + 1))
    reported = sum(1 for incident in resolved if accepted[incident])
    return {
        "incidents": len(occurred),
        "reported": reported,
        "never reported": len(occurred) - reported,
        "requests": partner.count,
        "accepted": len(partner.accepted),
    }


def no_attempt_for_what_is_over(file, resolved):
    for position, _, data in file.named("effect.attempted"):
        if data["effect"] == "outage":
            assert position < resolved[data["key"]], f"{data['key']} was over"
