"""`wayfold doctor` tells what is installed and what is missing."""

import json
import os
import sys
from pathlib import Path


def findings(wayfold, **options):
    done = wayfold("doctor", "--json", **options)
    return done.returncode, {each["name"]: each for each in json.loads(done.stdout)}


def test_a_whole_installation_is_told_as_such(wayfold, weston_named):
    status, found = findings(wayfold, compositor=weston_named)

    assert status == 0
    for name in ("python", "wayfold", "pywayland", "cffi", "msgspec", "apsw", "weston", "sway"):
        assert found[name]["is_ok"] is True, found[name]
    assert "libwayland-client" in found["libwayland-client"]["told"]
    assert "answers, and offers" in found["compositor"]["told"]
    assert "lacks an input seat" in found["weston"]["told"]


def test_missing_programs_are_named_with_their_packages(wayfold):
    status, found = findings(wayfold, PATH=str(Path(sys.executable).parent))

    assert status == 0  # wayfold itself works without them
    assert found["weston"] == {
        "topic": "Compositors for tests",
        "name": "weston",
        "is_ok": None,
        "told": "not installed; for a fresh compositor for each test: package weston",
    }


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
