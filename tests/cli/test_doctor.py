"""`wayfold doctor` tells what is installed and what is missing."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from wayfold.testing import CAPABILITIES, TIERS


def findings(wayfold, **options):
    done = wayfold("doctor", "--json", **options)
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)}


def test_a_whole_installation_is_told_as_such(wayfold, weston_named):
    status, found = findings(wayfold, compositor=weston_named)

    assert status == 0
    needed = ("python", "wayfold", "pywayland", "cffi", "msgspec", "apsw")
    for name in (*needed, *(tier.name for tier in TIERS)):
        assert found[name]["is_ok"] is True, found[name]
    assert "libwayland-client" in found["libwayland-client"]["told"]
    assert "answers, and offers" in found["compositor"]["told"]
    assert "seat" not in found["weston-named"]["capabilities"]
    assert "seat" in found["weston-seat"]["capabilities"]


def test_a_long_path_has_a_line_of_its_own(wayfold, tmp_path):
    path = tmp_path / ("long" * 15)
    path.mkdir(mode=0o700)
    told = wayfold("doctor", XDG_RUNTIME_DIR=str(path)).stdout.splitlines()

    assert f"    {path}" in told
    assert all(len(line) <= 80 or line.strip().startswith("/") for line in told)


def test_missing_programs_are_named_with_their_packages(wayfold):
    status, found = findings(wayfold, PATH=str(Path(sys.executable).parent))

    assert status == 0  # wayfold itself works without them
    assert found["sway"] == {
        "topic": "Compositors for tests",
        "name": "sway",
        "is_ok": None,
        "told": "headless sway, on wlroots: sway is not installed: install the package sway",
        "capabilities": None,
    }
    assert found["foot"]["told"].endswith("package foot")


def test_the_table_tells_what_each_tier_can_do_here(wayfold, tmp_path):
    (tmp_path / "weston").symlink_to(shutil.which("weston"))
    whole = table(wayfold("doctor").stdout)
    lacking = table(wayfold("doctor", PATH=str(tmp_path)).stdout)

    assert set(whole) == set(CAPABILITIES)
    for tier in TIERS:
        for capability in CAPABILITIES:
            cell = whole[capability][tier.name]
            assert (cell == "-") is (capability not in tier.capabilities)
    assert whole["screencopy"] | {"sway": "(yes)", "cage": "(yes)"} == lacking["screencopy"]


def table(told):
    """Read the table at the end, as it is printed."""
    rows = told.partition("What they can do\n")[2].splitlines()
    names = rows[0].split()
    cells = [line.split() for line in rows[1 : 1 + len(CAPABILITIES)]]
    return {name: dict(zip(names, found, strict=True)) for name, *found in cells}


def test_it_works_where_nothing_is_installed_beside_it(tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "for name in ('pywayland', 'cffi', 'msgspec', 'apsw'):\n"
        "    sys.modules[name] = None\n"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "WAYLAND_DISPLAY": "wayland-9"}
    command = [sys.executable, "-m", "wayfold", "doctor"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)

    assert (done.returncode, done.stderr) == (1, "")
    assert "MISSING  libwayland-client" in done.stdout


def test_a_missing_package_that_is_needed_is_a_failure(wayfold, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.metadata as m\n"
        "real = m.version\n"
        "def version(name):\n"
        "    if name == 'apsw':\n"
        "        raise m.PackageNotFoundError(name)\n"
        "    return real(name)\n"
        "m.version = version\n"
    )
    status, found = findings(wayfold, PYTHONPATH=str(tmp_path))
    text = wayfold("doctor", PYTHONPATH=str(tmp_path)).stdout

    assert status == 1
    assert found["apsw"]["told"] == "missing: pip install apsw"
    assert "MISSING  apsw" in text


def test_a_compositor_that_does_not_answer_is_told(wayfold, tmp_path):
    _, found = findings(wayfold, WAYLAND_DISPLAY="wayland-9", XDG_RUNTIME_DIR=str(tmp_path))

    assert found["compositor"]["is_ok"] is None
    assert "there is no socket" in found["compositor"]["told"]
    assert found["XDG_RUNTIME_DIR"]["told"].startswith(str(tmp_path))
    assert os.path.isdir(tmp_path)
