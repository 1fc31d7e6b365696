"""`wayfold info` tells what wayland-info tells."""

import json
import os
import re
import struct
import subprocess

import pytest

import wayfold as package
from wayfold.cli.dmabuf import read_dmabuf
from wayfold.testing import ScriptedServer
from wayfold.testing.interfaces import parse_interfaces

DMABUF = """
interface zwp_linux_dmabuf_v1 4
request destroy destructor
request create_params n
request get_default_feedback n creates=zwp_linux_dmabuf_feedback_v1 since=4
event format u
event modifier uuu since=3
interface zwp_linux_dmabuf_feedback_v1 4
request destroy destructor
event done
event format_table hu
event main_device a
event tranche_done
event tranche_target_device a
event tranche_formats a
"""
XRGB, ARGB = int.from_bytes(b"XR24", "little"), int.from_bytes(b"AR24", "little")


def told(wayfold, compositor):
    done = wayfold("info", "--json", compositor=compositor)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ["weston_named", "sway"])
def test_globals_are_those_that_wayland_info_sees(wayfold, name, request):
    compositor = request.getfixturevalue(name)
    other = subprocess.run(
        ["wayland-info"], env=compositor.environment, capture_output=True, text=True, check=True
    ).stdout
    seen = re.findall(r"interface: '(\w+)',\s+version:\s+(\d+), name:\s+(\d+)", other)

    found = told(wayfold, compositor)["globals"]
    assert sorted((g["interface"], str(g["version"]), str(g["name"])) for g in found) == sorted(
        seen
    )
    assert len(seen) > 10


def test_an_output_is_told_whole(wayfold, weston_named):
    (output,) = told(wayfold, weston_named)["outputs"]
    text = wayfold("info", compositor=weston_named).stdout

    assert (output["make"], output["model"], output["scale"]) == ("weston", "headless", 1)
    assert output["mode"] == {"width": 1024, "height": 640, "refresh_mhz": 60000}
    assert output["logical_width"] == 1024
    assert "1024x640 at 60 Hz, current, preferred" in text
    assert "logical (xdg-output)  1024x640 at 0, 0" in text


def test_formats_and_the_presentation_clock_are_told_by_name(wayfold, weston_named):
    found = told(wayfold, weston_named)

    assert {"name": "argb8888", "code": 0} in found["shm_formats"]
    assert {"name": "rgb565", "code": 0x36314752} in found["shm_formats"]
    assert found["presentation_clock"]["name"].startswith("CLOCK_MONOTONIC")
    assert found["dmabuf"] is None


def test_every_mode_of_an_output_is_told(wayfold, tmp_path):
    def greet(resource):
        resource.event("mode", 1, 800, 600, 60_000)
        resource.event("mode", 2, 1024, 768, 0)
        resource.event("mode", 0, 640, 480, 59_940)
        resource.event("done")

    with ScriptedServer(standard=False) as server:
        server.add_global("wl_output", 4, greeting=greet)
        server.listen(str(tmp_path / "wayland-0"))
        done = wayfold("info", "--display", tmp_path / "wayland-0")
        found = json.loads(wayfold("info", "--json", "--display", tmp_path / "wayland-0").stdout)

    assert "800x600 at 60 Hz, current" in done.stdout
    assert "1024x768 at no rate, preferred" in done.stdout
    assert "640x480 at 59.94 Hz\n" in done.stdout
    (modes,) = found["modes"].values()
    assert [mode["width"] for mode in modes] == [800, 1024, 640]


def test_a_name_cannot_write_to_the_terminal(wayfold, tmp_path):
    def greet(resource):
        resource.event("name", "\x1b]0;owned\x07\u202egood")
        resource.event("done")

    with ScriptedServer(standard=False) as server:
        server.add_global("wl_output", 4, greeting=greet)
        server.listen(str(tmp_path / "wayland-0"))
        info = wayfold("info", "--display", tmp_path / "wayland-0")
        watch = wayfold("watch", "--for", "0.1", "--display", tmp_path / "wayland-0")

    for done in (info, watch):
        assert done.returncode == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(done.stdout)
        assert "owned" in done.stdout


@pytest.fixture
def dmabuf():
    """A client of a server that offers dmabufs at a version."""
    opened = []

    def connect(version, greeting=None):
        server = ScriptedServer(interfaces=parse_interfaces(DMABUF))
        opened.append(server)
        server.add_global("zwp_linux_dmabuf_v1", version, greeting=greeting)
        opened.append(package.connect(server.client_socket))
        return server, opened[-1]

    yield connect
    for each in reversed(opened):
        each.close()


def test_dmabuf_formats_come_as_events_before_version_4(dmabuf):
    def greet(resource):
        resource.event("modifier", XRGB, 0, 0)
        resource.event("modifier", XRGB, 0x0100_0000, 1)
        resource.event("modifier", ARGB, 0, 0)

    _, client = dmabuf(3, greet)
    found = read_dmabuf(client)

    assert (found.version, found.main_device) == (3, None)
    assert [(f.fourcc, f.modifiers) for f in found.formats] == [
        ("XR24", ("0x0000000000000000", "0x0100000000000001")),
        ("AR24", ("0x0000000000000000",)),
    ]


def test_dmabuf_formats_come_as_a_table_from_version_4_on(dmabuf, tmp_path):
    server, client = dmabuf(4)
    table = b"".join(struct.pack("=I4xQ", *pair) for pair in ((XRGB, 0), (ARGB, 9), (XRGB, 7)))

    def answer(request):
        (feedback,) = request.created
        descriptor = os.memfd_create("table")
        os.write(descriptor, table)
        feedback.event("format_table", descriptor, len(table))
        os.close(descriptor)
        feedback.event("main_device", struct.pack("=Q", 0xE280))
        feedback.event("tranche_formats", struct.pack("=2H", 0, 2))
        feedback.event("done")

    server.on("zwp_linux_dmabuf_v1.get_default_feedback", answer)
    found = read_dmabuf(client)

    assert (found.version, found.main_device) == (4, "0xe280")
    assert [(f.fourcc, f.modifiers) for f in found.formats] == [
        ("XR24", ("0x0000000000000000", "0x0000000000000007"))
    ]


def test_a_compositor_without_dmabufs_is_told_as_such(dmabuf):
    with ScriptedServer() as server, package.connect(server.client_socket) as client:
        assert read_dmabuf(client) is None
