"""A recording that is killed at any moment opens, verifies, replays, and goes on."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import wayfold
from wayfold.log import Log
from wayfold.model import SessionModel

KILLS = int(os.environ.get("WAYFOLD_KILLS", "200"))
KILLS_A_FILE = 10


@pytest.fixture
def nursery(weston_named):
    """A process that forks recorders under weston; gone at the end, as they are."""
    program = Path(__file__).with_name("nursery.py")
    environment = {**os.environ, "WAYLAND_DISPLAY": weston_named.display}
    environment.pop("WAYFOLD_LOG", None)
    with subprocess.Popen(
        [sys.executable, program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield process
        process.stdin.close()


def killed_after(nursery, path, steps, chance):
    """Have a session recorded, killed after it told some steps; give the last that it told."""
    print(path, file=nursery.stdin, flush=True)
    word, pid = nursery.stdout.readline().split()
    assert word == "born"
    told = [nursery.stdout.readline() for _ in range(steps)]
    for _ in range(chance.randrange(30_000)):
        pass  # somewhere between two steps
    os.kill(int(pid), signal.SIGKILL)
    while not told or not told[-1].startswith("dead"):
        told.append(nursery.stdout.readline())
    assert told[-1] == f"dead {-signal.SIGKILL}\n", told
    return [int(number) for number in told[-2].split()] if len(told) > 1 else (0, 0)


def check(path, head, durable):
    """Open, verify and replay what a killed recorder left."""
    with Log.open(path, read_only=True, model=SessionModel()) as log:
        assert log.head >= head >= durable
        assert log.verify() == len(log)
        assert [record.position for record in log] == list(range(log.cut + 1, log.head + 1))
        with wayfold.replay(log) as player:
            player.run(until=lambda _: player.log.head == log.head)
            assert player.state == log.state
        return log.head, log.cut


@pytest.mark.timeout(400)
def test_a_recording_that_is_killed_lives_on(nursery, tmp_path, capsys):
    chance = random.Random(1)
    sessions = heads = cuts = 0
    for kill in range(KILLS):
        path = tmp_path / f"{kill // KILLS_A_FILE}.wayfold"
        # One in eight while the file is made or recovered, and the connection is.
        steps = 0 if kill % 8 == 0 else chance.randrange(1, 25)
        head, durable = killed_after(nursery, path, steps, chance)
        if path.exists() and path.stat().st_size:
            reached, cut = check(path, head, durable)
            sessions, heads, cuts = sessions + 1, heads + reached, cuts + bool(cut)
        else:
            assert head == 0
    with capsys.disabled():
        print(f" {KILLS} kills, {sessions} logs with {heads} records, {cuts} of them cut", end="")

    assert sessions > KILLS * 0.7
