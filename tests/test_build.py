"""What is built: the wheel and the source distribution hold what the source tree holds."""

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "src"
BUILD_TOOLS = {
    "wayfold/native/build_journal.py",
    "wayfold/protocol/generate.py",
    "wayfold/protocol/tabulate.py",
}
NOT_SOURCE = shutil.ignore_patterns(
    ".git",
    ".venv*",
    "build",
    "dist",
    "__pycache__",
    ".*_cache",
    ".hypothesis",
    ".benchmarks",
    "*.so",
)

pytestmark = [pytest.mark.timeout(240), pytest.mark.xdist_group("build")]


def run(*command: str | Path, directory: Path) -> None:
    """Run a build command with this interpreter's tools found before the distribution's."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=directory,
        env=os.environ | {"PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stdout


def build(kind: str, source: Path, target: Path) -> Path:
    hook = f"import mesonpy, sys; mesonpy.build_{kind}(sys.argv[1])"
    run(sys.executable, "-c", hook, target, directory=source)
    (made,) = target.iterdir()
    return made


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(
        shutil.copytree(ROOT, tmp_path_factory.mktemp("copy") / "wayfold", ignore=NOT_SOURCE)
    )


@pytest.fixture(scope="module")
def wheel(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", copy, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def sdist(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A source distribution holds what is committed; the copy is committed as it stands.
    who = ("-c", "user.name=wayfold", "-c", "user.email=wayfold@localhost")
    run("git", "init", "-q", directory=copy)
    run("git", "add", "-A", directory=copy)
    run("git", *who, "commit", "-q", "-m", "copy", directory=copy)
    return build("sdist", copy, tmp_path_factory.mktemp("sdist"))


def modules(folder: Path) -> set[str]:
    wanted = (".py", ".pyi", ".typed", ".html", ".css", ".js")
    return {
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.suffix in wanted or file.name in wanted
    }


def generated() -> set[str]:
    stems = {file.stem.replace("-", "_") for file in (ROOT / "protocols").glob("*.xml")}
    bindings = {f"wayfold/protocol/{stem}.py" for stem in stems | {"_index"}}
    return bindings | {"wayfold/testing/_messages.py"}


def test_every_module_of_the_source_tree_is_installed_and_no_other(installed: Path) -> None:
    assert modules(installed) == (modules(SOURCES) - BUILD_TOOLS) | generated()


def test_one_wheel_serves_every_later_python(wheel: Path) -> None:
    # meson-python names the Python that built it, so releases are built with the oldest.
    python = f"cp3{sys.version_info.minor}"

    assert f"-{python}-abi3-" in wheel.name


def test_the_extension_keeps_to_the_stable_abi(installed: Path) -> None:
    found = [file.name for file in (installed / "wayfold" / "native").glob("*.so")]

    assert found == ["_journal.abi3.so"]


def test_the_extension_links_no_libwayland(installed: Path) -> None:
    extension = installed / "wayfold" / "native" / "_journal.abi3.so"
    read = subprocess.run(
        ["readelf", "--dynamic", "--dyn-syms", "--wide", extension],
        capture_output=True,
        text=True,
        check=True,
    ).stdout

    assert "NEEDED" in read
    assert "libwayland" not in read
    assert not [line for line in read.splitlines() if " UND wl_" in line]


def test_the_wheel_names_the_command_and_the_pytest_plugin(installed: Path) -> None:
    (file,) = installed.glob("*.dist-info/entry_points.txt")
    text = file.read_text(encoding="utf-8")

    assert "wayfold = wayfold.cli:command" in text
    assert "wayfold = pytest_wayfold" in text


def test_the_wheel_carries_the_licence_and_the_origin_of_the_protocols(installed: Path) -> None:
    held = {str(file.relative_to(installed)) for file in installed.rglob("*")}

    assert any(name.endswith("licenses/LICENSE") for name in held)
    assert any(name.endswith("licenses/protocols/README.md") for name in held)


def test_the_source_distribution_holds_what_builds_tests_and_explains(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}

    assert {str(file.relative_to(ROOT)) for file in (ROOT / "protocols").iterdir()} <= held
    assert {f"src/{name}" for name in modules(SOURCES)} <= held
    assert {"pyproject.toml", "meson.build", "README.md", "LICENSE", "scripts/test"} <= held
    assert not [name for name in held if name.startswith((".git", ".ci", "build/"))]


def test_a_wheel_builds_from_the_source_distribution(sdist: Path, tmp_path: Path) -> None:
    for name in ("source", "wheel"):
        (tmp_path / name).mkdir()
    run("tar", "-xzf", sdist, directory=tmp_path / "source")
    (source,) = (tmp_path / "source").iterdir()
    made = build("wheel", source, tmp_path / "wheel")
    zipfile.ZipFile(made).extractall(tmp_path / "installed")

    assert modules(tmp_path / "installed") == (modules(SOURCES) - BUILD_TOOLS) | generated()


@pytest.mark.parametrize("script", sorted((ROOT / "scripts").iterdir()), ids=lambda path: path.name)
def test_a_script_is_posix_shell_and_may_be_run(script: Path) -> None:
    run("sh", "-n", script, directory=ROOT)
    is_sourced = script.name == "environment"

    assert is_sourced or script.stat().st_mode & stat.S_IXUSR
    assert is_sourced or script.read_text(encoding="utf-8").startswith("#!/bin/sh\n")
