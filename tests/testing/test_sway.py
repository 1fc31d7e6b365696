"""Sway as a fixture: outputs by its IPC, and nobody's rights."""

import os
import subprocess

import pytest

from wayfold.testing import (
    CapabilityMissing,
    CommandRefused,
    CompositorFailed,
    CompositorTimeout,
    Sway,
)


def outputs(sway):
    return {output["name"]: output for output in sway.told_outputs}


def test_a_client_has_what_weston_lacks(sway, raw_client):
    found = {interface for _, interface, _ in raw_client(sway.client_socket).globals()}

    assert {
        "wl_seat",
        "zwlr_foreign_toplevel_manager_v1",
        "zwlr_virtual_pointer_manager_v1",
    } <= found


def test_programs_find_it_by_its_environment(sway):
    command = ["wayland-info", "-i", "wl_output"]
    told = subprocess.run(
        command, env=sway.environment, capture_output=True, text=True, check=True
    ).stdout

    assert "HEADLESS-1" in told


@pytest.mark.compositor(outputs=2, size=(800, 600), scale=2)
def test_outputs_are_as_asked_for(sway):
    found = outputs(sway)

    assert sorted(found) == ["HEADLESS-1", "HEADLESS-2"]
    for output in found.values():
        assert (output["current_mode"]["width"], output["current_mode"]["height"]) == (800, 600)
        assert output["scale"] == 2


def test_an_output_can_be_plugged_in(sway, raw_client):
    client = raw_client(sway.client_socket)
    before = len([1 for _, interface, _ in client.globals() if interface == "wl_output"])
    name = sway.create_output()
    after = len([1 for _, interface, _ in client.globals() if interface == "wl_output"])

    assert name in outputs(sway)
    assert (before, after) == (1, 2)


def test_an_output_can_be_unplugged_or_it_is_said_that_it_cannot(sway):
    name = sway.create_output()
    if sway.can_remove_outputs:
        sway.remove_output(name)
        assert name not in outputs(sway)
    else:
        with pytest.raises(CapabilityMissing, match="unplugs outputs from 1"):
            sway.remove_output(name)


def test_a_command_that_is_refused_says_why(sway):
    with pytest.raises(CommandRefused, match="Unknown/invalid command 'fly'"):
        sway.command("fly")


def test_the_tree_names_the_outputs(sway):
    assert "HEADLESS-1" in {node["name"] for node in sway.tree["nodes"]}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has privileges to drop")
def test_it_runs_as_nobody_where_the_tests_are_root(sway):
    assert os.stat(f"/proc/{sway.pid}").st_uid == os.stat(sway.runtime_directory).st_uid != 0


@pytest.mark.compositor(config="workspace special\n")
def test_configuration_is_added(sway):
    assert "workspace special" in (sway.runtime_directory / "config").read_text()


def test_a_start_that_fails_shows_the_log():
    with pytest.raises(CompositorFailed, match="unrecognized option"):
        Sway(arguments=["--no-such-option"]).start()


def test_a_start_that_takes_too_long_is_given_up(mute_program):
    mute_program("sway")
    sway = Sway(timeout=0.1)
    with pytest.raises(CompositorTimeout):
        sway.start()

    assert not sway.is_running


@pytest.mark.parametrize("options", [{"outputs": -1}, {"outputs": 9}, {"size": (0, 1)}])
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match="cannot be had"):
        Sway(**options)
