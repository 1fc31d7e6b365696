"""Clients of a scripted server, and what a test of them needs again and again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import wayfold
from wayfold.testing import ScriptedServer
from wayfold.testing.interfaces import Interface, parse_interfaces

MORE = """
interface wl_data_device_manager 3
request create_data_source n creates=wl_data_source
request get_data_device no creates=wl_data_device
interface wl_data_source 3
request offer s
request destroy destructor
request set_actions u since=3
event target ?s
event send sh
event cancelled
interface wl_data_device 3
request start_drag ?oo?ou
request set_selection ?ou
request release since=2 destructor
event data_offer n creates=wl_data_offer
event enter uoff?o
event leave
event motion uff
event drop
event selection ?o
interface wl_data_offer 3
request accept u?s
request receive sh
request destroy destructor
event offer s
interface zwp_linux_dmabuf_v1 4
request destroy destructor
request create_params n
request get_default_feedback n creates=zwp_linux_dmabuf_feedback_v1 since=4
interface zwp_linux_dmabuf_feedback_v1 4
request destroy destructor
event done
event format_table hu
event main_device a
event tranche_done
event tranche_target_device a
event tranche_formats a
interface zwp_text_input_manager_v3 2
request destroy destructor
request get_text_input no creates=zwp_text_input_v3
"""


@pytest.fixture
def interfaces() -> dict[str, Interface]:
    """Give what the scripted server needs for data devices, dmabuf and text input."""
    return parse_interfaces(MORE + text_input())


def text_input() -> str:
    """Write the requests of zwp_text_input_v3 up to set_available_actions (version 2)."""
    first = ["destroy destructor", "enable", "disable", "set_surrounding_text sii"]
    then = ["set_text_change_cause u", "set_content_type uu", "set_cursor_rectangle iiii"]
    requests = [*first, *then, "commit", "set_available_actions a since=2"]
    lines = "\n".join(f"request {request}" for request in requests)
    return f"interface zwp_text_input_v3 2\n{lines}\n"


@pytest.fixture
def connected(interfaces):
    """Make a server with these globals added, and a client that has bound everything."""
    opened = []

    def connect(*offered, **options):
        server = ScriptedServer(interfaces=interfaces)
        opened.append(server)
        for interface, version in offered:
            server.add_global(interface, version)
        client = wayfold.connect(server.client_socket, **options)
        opened.append(client)
        return server, client

    yield connect
    for each in reversed(opened):
        each.close()


@pytest.fixture
def run_python():
    """Run a program in a Python of its own, with every warning an error."""

    def run(source, *, environment=None, pass_fds=(), timeout=50):
        command = [sys.executable, "-W", "error", "-c", source]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            pass_fds=pass_fds,
            env={**os.environ, **(environment or {})},
        )

    return run


@pytest.fixture
def runtime_directory(tmp_path, monkeypatch) -> Path:
    """An empty $XDG_RUNTIME_DIR, and no compositor named in the environment."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_SOCKET", raising=False)
    return tmp_path
