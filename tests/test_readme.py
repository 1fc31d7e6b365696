"""Every code block and command of the README does what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PROGRAMS = [code for kind, code in BLOCKS if kind == "python" and "def test_" not in code]
TESTS = [code for kind, code in BLOCKS if kind == "python" and "def test_" in code]
COMMANDS = [code.splitlines() for kind, code in BLOCKS if kind == "sh"]
ELSEWHERE = {
    "scripts/test": "it runs this test",
    "scripts/demo": "test_scripts.py runs it",
    "pip install .": "test_build.py builds what that installs",
}


def run(command, environment, directory):
    return subprocess.run(
        command,
        env=environment,
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_every_block_is_of_a_kind_that_is_run():
    assert {kind for kind, _ in BLOCKS} == {"python", "sh"}


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_program_of_the_readme_runs_without_a_warning(program, weston_named, tmp_path):
    command = [sys.executable, "-W", "error", "-c", program]
    done = run(command, weston_named.environment, tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("test", TESTS, ids=range(len(TESTS)))
def test_a_test_of_the_readme_passes(test, weston_named, tmp_path):
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = run(command, weston_named.environment, tmp_path)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("commands", COMMANDS, ids=range(len(COMMANDS)))
def test_the_commands_of_a_block_succeed_in_order(commands, weston_named, tmp_path):
    scripts = Path(sys.executable).parent
    environment = weston_named.environment | {"PATH": f"{scripts}:/usr/bin:/bin"}
    for command in commands:
        if command in ELSEWHERE:
            assert command.startswith("pip ") or (ROOT / command).exists()
            continue
        done = run(["sh", "-c", command], environment, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"


def test_the_table_of_commands_has_every_command(weston_named, tmp_path):
    named = set(re.findall(r"^\| `wayfold (\w+)` \|", README, re.MULTILINE))
    done = run([sys.executable, "-m", "wayfold", "--help"], weston_named.environment, tmp_path)
    (offered,) = re.findall(r"\{([\w,]+)\}", done.stdout)[:1]

    assert named == set(offered.split(","))
