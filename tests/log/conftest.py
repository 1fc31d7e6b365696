"""Logs in files, and a model of lamps to fold them with."""

import json
import os
import subprocess

import pytest

from wayfold.log import Fact, Log


class Lamps:
    """Which lamps are lit, how bright, by whom; `lamp.group` derives `lamps.counted`."""

    initial = {}  # noqa: RUF012
    secrets = {"lamp.whispered": ("word",)}  # noqa: RUF012

    def fold(self, state, runs):
        for run in runs:
            for data in run.data():
                if run.name == "lamp.lit":
                    state = {**state, run.subject: data.get("level")}
                elif run.name == "lamp.put_out":
                    state = {name: level for name, level in state.items() if name != run.subject}
        return state

    def derive(self, before, after):
        if len(before) == len(after):
            return ()
        return (Fact("lamps.counted", "lamps", {"lit": len(after)}),)

    def ends_group(self, name):
        return name == "lamp.group"


class KeptLamps(Lamps):
    """The same, whose states can be kept in a file."""

    fingerprint = "lamps"

    def dump(self, state):
        return json.dumps(state).encode()

    def load(self, data):
        return json.loads(data)


@pytest.fixture
def lamps():
    return Lamps()


@pytest.fixture
def kept_lamps():
    return KeptLamps()


@pytest.fixture(scope="session")
def lamps_class():
    """The model's class, for those who need a fresh one again and again."""
    return Lamps


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "session.wayfold")


@pytest.fixture
def opened(path):
    """Open the log in the file, as often as a test likes; closed at the end."""
    logs = []

    def open_log(at=path, **options):
        logs.append(Log.open(at, model=options.pop("model", None) or Lamps(), **options))
        return logs[-1]

    yield open_log
    for log in logs:
        log.close()


@pytest.fixture
def light():
    """Append facts about a lamp, with levels from 1 to `count`."""

    def light(log, count, lamp="lamp/1"):
        for level in range(1, count + 1):
            log.append("lamp.lit", lamp, {"level": level})

    return light


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MiB, as root can have one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)
