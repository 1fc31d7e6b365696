"""What is installed, and which package brings what is not."""

import pytest

from wayfold.testing import CompositorMissing
from wayfold.testing.programs import PROGRAMS, found_programs, require, version_of


def test_every_program_is_looked_for():
    found = {entry.program.name: entry for entry in found_programs()}

    assert set(found) == {program.name for program in PROGRAMS}
    assert found["foot"].path is not None
    assert int(found["foot"].version.split(".")[0]) >= 1


def test_what_is_missing_has_no_version(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")

    assert {(entry.path, entry.version) for entry in found_programs()} == {(None, None)}


def test_what_is_required_and_missing_names_its_package(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(
        CompositorMissing, match=r"wayland-info .* package wayland-utils"
    ) as missing:
        require("wayland-info")

    assert missing.value.package == "wayland-utils"


def test_a_program_without_a_version_has_none():
    assert version_of("/bin/true") != ""
    assert version_of("/nowhere/at/all") is None


def test_a_program_is_asked_once_for_its_version(tmp_path):
    program, asked = tmp_path / "program", tmp_path / "asked"
    program.write_text(f"#!/bin/sh\necho asked >>{asked}\necho program 1.2\n")
    program.chmod(0o755)

    assert version_of(str(program)) == version_of(str(program), "--version") == "1.2"
    assert asked.read_text() == "asked\n"
