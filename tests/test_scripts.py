"""The scripts do all set-up that is missing, say what they do, and end with the right status."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted(path for path in (ROOT / "scripts").iterdir() if os.access(path, os.X_OK))
TOOLS = ("sh", "dirname", "id", "uname", "cat", "find", "sort", "cksum", "sed", "tr", "printf")

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("build")]


def run(*command, **environment):
    return subprocess.run(
        [str(part) for part in command],
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        text=True,
        timeout=230,
        check=False,
    )


@pytest.fixture
def venv(tmp_path):
    """The environment that these tests run in, where scripts/test made it; else one of its own."""
    here = Path(sys.prefix)
    return here if (here / ".wayfold").exists() else tmp_path / "venv"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_a_script_is_plain_sh_without_a_syntax_error(script):
    done = run("sh", "-n", script)

    assert script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
    assert done.returncode == 0, done.stderr


def test_the_demo_ends_well_and_leaves_a_picture(venv, tmp_path):
    picture = tmp_path / "demo.png"
    done = run(
        *(ROOT / "scripts/demo", "--frames", "10", "--output", picture),
        WAYFOLD_VENV=venv,
        WAYLAND_DISPLAY="",
    )

    assert done.returncode == 0, done.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert str(picture) in done.stdout


def test_setup_names_the_packages_where_there_is_no_apt(tmp_path):
    for tool in TOOLS:
        (tmp_path / tool).symlink_to(shutil.which(tool))
    done = run(shutil.which("sh"), ROOT / "scripts/setup", "test", PATH=tmp_path)

    assert done.returncode == 1
    assert "dnf install" in done.stderr
    assert "pacman -S" in done.stderr


def test_setup_refuses_an_unknown_purpose():
    done = run(ROOT / "scripts/setup", "everything")

    assert done.returncode == 1
    assert "usage: scripts/setup" in done.stderr
