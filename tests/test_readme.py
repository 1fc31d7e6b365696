"""Every code block and command of the README and of the pages in docs does what it says."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = [
    (page.name, kind, code)
    for page in PAGES
    for kind, code in re.findall(
        r"^```(\w+)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
]
ELSEWHERE = {
    "scripts/test": "it runs this test",
    "scripts/demo": "test_scripts.py runs it",
    "pip install .": "test_build.py builds what that installs",
}
# In what a build server is told: ours is run, how a package manager and git are used is not.
SERVED = re.compile(r"^\s*(?:- |- run: |run: )((?:wayfold|pytest) .*)$", re.MULTILINE)
PACKAGES = re.compile(r"--no-install-recommends((?:\s+\\?\s*[a-z][a-z0-9.+-]+)+)")


def blocks(*kinds, holding=""):
    """Give parameters of a test for the blocks of these kinds."""
    chosen = [block for block in BLOCKS if block[1] in kinds and holding in block[2]]
    return [pytest.param(code, id=f"{page}-{n}") for n, (page, _, code) in enumerate(chosen)]


PROGRAMS = [each for each in blocks("python") if "def test_" not in each.values[0]]
TESTS = blocks("python", holding="def test_")


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
    assert {kind for _, kind, _ in BLOCKS} == {"python", "sh", "yaml", "dockerfile"}


def test_the_readme_links_every_page_and_every_link_leads_somewhere():
    linked = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^):#]+)\)", page.read_text(encoding="utf-8"))
    }

    assert all(path.exists() for path in linked)
    assert set(PAGES[1:]) <= linked
    assert all(f"(docs/{page.name})" in README for page in PAGES[1:])


def test_the_readme_names_its_own_sections_only():
    headings = re.findall(r"^## (.+)$", README, re.MULTILINE)
    anchors = {heading.lower().replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", README)) == anchors


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_readme_runs_without_a_warning(program, weston_named, tmp_path):
    command = [sys.executable, "-W", "error", "-c", program]
    done = run(command, weston_named.environment, tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize("test", TESTS)
def test_a_test_of_the_readme_passes(test, weston_named, tmp_path):
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = run(command, weston_named.environment, tmp_path)

    assert done.returncode == 0, done.stdout


@pytest.fixture
def environment(weston_named):
    """What a person has who has installed wayfold, under some compositor."""
    scripts = Path(sys.executable).parent
    return weston_named.environment | {"PATH": f"{scripts}:/usr/bin:/bin"}


@pytest.mark.parametrize("code", blocks("sh"))
def test_the_commands_of_a_block_succeed_in_order(code, environment, tmp_path):
    for command in code.splitlines():
        if command in ELSEWHERE:
            assert command.startswith("pip ") or (ROOT / command).exists()
            continue
        done = run(["sh", "-c", command], environment, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stderr}"


@pytest.mark.parametrize("code", blocks("yaml"))
def test_what_a_build_server_is_told_of_ours_succeeds_in_order(code, environment, tmp_path):
    (tmp_path / "test_it.py").write_text("def test_it(weston_named): pass\n", encoding="utf-8")
    commands = SERVED.findall(code)
    assert {command.split()[0] for command in commands} == {"wayfold", "pytest"}
    for command in commands:
        done = run(["sh", "-c", command], environment, tmp_path)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"

    assert (tmp_path / "shown.png").read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.glob("wayfold-*.log"))


@pytest.mark.parametrize("code", blocks("yaml"))
def test_a_build_server_keeps_what_failing_tests_leave(code):
    kept = code.partition("artifact")[2]

    assert all(name in kept for name in ("shown.png", "wayfold-*.log", "wayfold-pictures"))


@pytest.mark.parametrize("code", blocks("dockerfile"))
def test_what_an_image_runs_runs_a_command(code, environment, tmp_path):
    (entry,) = re.findall(r"^ENTRYPOINT (\[.*\])$", code, re.MULTILINE)
    for script, status in (("exit 0", 0), ("exit 9", 9)):
        done = run([*json.loads(entry), "sh", "-c", script], environment, tmp_path)
        assert (done.returncode, done.stdout) == (status, "")


@pytest.mark.parametrize("code", blocks("yaml", "dockerfile"))
def test_packages_that_a_page_names_are_those_that_the_scripts_install(code):
    known = set((ROOT / "scripts/setup").read_text(encoding="utf-8").split())
    named = " ".join(PACKAGES.findall(code)).replace("\\", " ").split()

    assert "weston" in named
    assert set(named) <= known | {"python3-venv", "python3-dev"}


def test_the_table_of_commands_has_every_command(weston_named, tmp_path):
    named = set(re.findall(r"^\| `wayfold (\w+)` \|", README, re.MULTILINE))
    done = run([sys.executable, "-m", "wayfold", "--help"], weston_named.environment, tmp_path)
    offered = re.findall(r"^    (\w+) ", done.stdout, re.MULTILINE)

    assert named == set(offered)
