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


@pytest.mark.timeout(240)
def test_the_table_of_crash_points(live, partner, capsys):
    lines = []
    for boundary, before, after in BOUNDARIES:
        found = set()
        for number in range(EACH):
            fault, count = f"{boundary}/{number}", partner.count
            assert live(("fault.raised", fault), boundary=boundary) == "appended killed"
            sent_before = partner.count - count
            assert live() == "appended exit 0"
            sent_after = partner.count - count - sent_before
            (bodies,) = (sent for sent in partner.bodies.values() if about(sent[0]) == fault)
            assert len(set(bodies)) == 1
            found.add((sent_before, sent_after))
        assert found == {(before, after)}, boundary
        lines.append(f"{boundary:24}{EACH:6}{before:15}{after:16}")
    with capsys.disabled():
        print("\nkilled at                kills   sent before  sent afterwards")
        print("\n".join(lines))

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
