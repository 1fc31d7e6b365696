"""Programs killed at every boundary and at any moment: nothing is lost, nothing sent unawares."""

import importlib.util
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.log import Log

HERE = Path(__file__).parent
KILLS = int(os.environ.get("WAYFOLD_KILLS", "40"))
EACH = max(3, KILLS // 20)

# A module beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location("partner", HERE / "partner.py")
partner_module = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(partner_module)


@pytest.fixture
def partner():
    made = partner_module.Partner()
    yield made
    made.close()


@pytest.fixture
def live(path, partner):
    """Live one life: append facts, and be killed; give what was acknowledged and how it ended."""
    command = [sys.executable, HERE / "victim.py", path, partner.url]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def live(*facts, **life):
        program.stdin.write(json.dumps({"facts": facts, **life}) + "\n")
        program.stdin.flush()
        return program.stdout.readline().strip()

    with program:
        yield live
        program.stdin.close()


def about(body):
    return json.loads(body)["about"]


BOUNDARIES = [
    # where it is killed; sent before that; sent after the restart
    ("before required", 0, 1),
    ("required", 0, 1),
    ("attempted, not called", 0, 1),
    ("called, not recorded", 1, 1),
    ("done", 1, 0),
]
COLUMNS = "{:24}{:>6}{:>13}{:>18}{:>8}{:>6}{:>10}"
HEAD = ("killed at", "kills", "sent by then", "after its restart", "in all", "keys", "accepted")


def kill_at(boundary, live, partner):
    """Kill it at a boundary; give what was sent by then, what later, and keys sent and accepted.

    Fails where one key had two bodies.
    """
    fault, count = f"{boundary}/{partner.count}", partner.count
    assert live(("fault.raised", fault), boundary=boundary) == "appended killed"
    before = partner.count - count
    assert live() == "appended exit 0"
    sent = {key: each for key, each in partner.bodies.items() if about(each[0]) == fault}
    assert all(len(set(each)) == 1 for each in sent.values())
    after = partner.count - count - before
    return before, after, len(sent), len(sent.keys() & partner.accepted.keys())


@pytest.mark.timeout(240)
def test_the_table_of_crash_points(live, partner, capsys):
    """`scripts/test -q tests/reactions/test_killed.py -k table` prints it; WAYFOLD_KILLS=500."""
    rows = [HEAD]
    for boundary, before, after in BOUNDARIES:
        found = [kill_at(boundary, live, partner) for _ in range(EACH)]
        assert set(found) == {(before, after, 1, 1)}, boundary
        sums = [sum(column) for column in zip(*found, strict=True)]
        rows.append((boundary, EACH, *sums[:2], sums[0] + sums[1], *sums[2:]))
    with capsys.disabled():
        print("", *(COLUMNS.format(*row) for row in rows), sep="\n")

    assert len(partner.accepted) == EACH * len(BOUNDARIES)


@pytest.mark.timeout(1200)
def test_killed_at_any_moment_every_open_fault_is_reported_under_one_key(
    live, partner, path, capsys
):
    chance, kills, lives = random.Random(7), 0, 0
    open_faults, ended, unsure = set(), set(), set()
    moods = [200, 200, 200, 500, "close"]
    while kills < KILLS:
        facts, raised, closed, lives = [], set(), set(), lives + 1
        for number in range(chance.randint(0, 3)):
            fault = f"fault/{lives}-{number}"
            facts.append(("fault.raised", fault))
            if chance.random() < 0.4:
                facts.append(("fault.ended", fault))
                closed.add(fault)
            else:
                raised.add(fault)
        partner.moods = [chance.choice(moods) for _ in range(6)]
        when = chance.choice(["dies_after_start_s", "dies_after_telling_s", "dies_after_telling_s"])
        told = live(*facts, **{when: chance.uniform(0.001, 0.06)})
        kills += told.endswith("killed")
        assert told.endswith(("killed", "exit 0"))
        is_told = "appended" in told
        open_faults |= raised if is_told else set()
        unsure |= set() if is_told else raised
        ended |= closed
    partner.moods = []
    assert live().endswith("exit 0")

    reported = [about(bodies[0]) for bodies in partner.bodies.values()]
    with Log.open(path, read_only=True) as log:
        log.verify()
    with capsys.disabled():
        print(f" {kills} kills, {len(reported)} reports in {partner.count} requests", end="")
    assert all(len(set(bodies)) == 1 for bodies in partner.bodies.values())
    assert len(reported) == len(set(reported))
    assert open_faults <= set(reported) <= open_faults | unsure
    assert not ended & set(reported)
    assert partner.accepted.keys() == partner.bodies.keys()
