import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.protocol import schema

ROOT = Path(__file__).parents[2]
GENERATE = ROOT / "src/wayfold/protocol/generate.py"

COPYRIGHT = "<copyright>Copyright 2026 Nobody. This notice stays.</copyright>"
TRAPS = """
<interface name="x_trap" version="3">
  <request name="import">
    <arg name="class" type="new_id" interface="wl_surface"/>
    <arg name="is" type="uint" enum="None"/>
  </request>
  <event name="global"><arg name="from" type="object" interface="wl_surface"/></event>
  <enum name="None"><entry name="None" value="0"/></enum>
</interface>
"""


def protocol(body, name="x_test", notice=COPYRIGHT):
    return f'<protocol name="{name}">{notice}{body}</protocol>'


def interface(body, name="x_thing", version="1"):
    return protocol(f'<interface name="{name}" version="{version}">{body}</interface>')


def run(*arguments):
    command = [sys.executable, GENERATE, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "xml"
    made.mkdir()
    return made


def generate(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.xml").write_text(text, encoding="utf-8")
    done = run("--xml-dir", folder, "--output", folder.parent / "made")
    assert done.returncode == 0, done.stderr
    return folder.parent / "made"


def load(file):
    found = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_what_is_listed_is_what_is_made(tmp_path):
    listed = run("--xml-dir", ROOT / "protocols", "--list").stdout.splitlines()
    run("--xml-dir", ROOT / "protocols", "--output", tmp_path)

    assert sorted(listed) == sorted(file.name for file in tmp_path.iterdir())
    assert "_index.py" in listed


def test_the_same_xml_gives_the_same_bytes(tmp_path):
    for name in ("first", "second"):
        run("--xml-dir", ROOT / "protocols", "--output", tmp_path / name)
    first, second = (
        {file.name: file.read_bytes() for file in (tmp_path / name).iterdir()}
        for name in ("first", "second")
    )

    assert first == second


def test_what_is_installed_is_made_of_the_xml_of_today(tmp_path):
    run("--xml-dir", ROOT / "protocols", "--output", tmp_path)

    made = load(tmp_path / "_index.py").INTERFACES

    assert {name: schema.interface(name).__module__ for name in schema.interfaces()} == made


def test_names_that_python_keeps_for_itself_come_through(folder):
    made = load(generate(folder, x_test=protocol(TRAPS)) / "x_test.py")
    [request], [event] = made.XTrap.requests, made.XTrap.events

    assert (request.name, event.name) == ("import", "global")
    assert request.py_func.__code__.co_varnames == ("self", "is_", "class_")
    assert [member.name for member in made.XTrap.None_] == ["None_"]


def test_an_interface_that_pywayland_ships_is_taken_from_there(folder):
    made = load(generate(folder, x_test=protocol(TRAPS)) / "x_test.py")
    [request] = made.XTrap.requests

    assert request.arguments[0].interface is schema.interface("wl_surface")


def test_protocols_may_name_each_other(folder):
    other = '<event name="e"><arg name="a" type="object" interface="x_trap"/></event>'
    made = generate(
        folder,
        x_test=protocol(TRAPS),
        x_other=interface(other).replace("x_test", "x_other"),
    )

    assert "from wayfold.protocol.x_test import XTrap\n" in (made / "x_other.py").read_text()


def test_the_index_keeps_what_the_scanner_drops(folder):
    event = (
        '<event name="end" type="destructor"><arg name="why" type="uint" enum="reason"/></event>'
    )
    made = generate(folder, x_test=interface(f'{event}<enum name="reason"/>'))
    index = load(made / "_index.py")

    assert index.INTERFACES["x_thing"] == "wayfold.protocol.x_test"
    assert index.INTERFACES["xdg_surface"] == "pywayland.protocol.xdg_shell"
    assert index.ARGUMENT_ENUMS == {"x_thing.end.why": "x_thing.reason"}
    assert index.DESTRUCTOR_EVENTS == ("x_thing.end",)


ARGUMENT = '<request name="r"><arg {}/></request>'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "not well-formed"),
        ("<protocol>", "not well-formed"),
        ("<html/>", "<html> found where <protocol> was needed"),
        (protocol("", name="x_else"), "the protocol is named 'x_else', unlike its file"),
        (protocol("", notice=""), "<copyright> is missing"),
        (protocol("<interface/>"), "<interface> needs the attribute 'name'"),
        (protocol('<interface name="x"/>'), "x: <interface> needs the attribute 'version'"),
        (interface("", version="new"), "x_thing: version='new' is not a number"),
        (interface("<request/>"), "<request> needs the attribute 'name'"),
        (interface('<enum name="e"><entry name="a"/></enum>'), "needs the attribute 'value'"),
        (interface(ARGUMENT.format('name="a"')), "x_thing.r.a: <arg> needs the attribute 'type'"),
        (interface(ARGUMENT.format('name="a" type="bool"')), "x_thing.r.a: 'bool' is not the type"),
        (
            interface(ARGUMENT.format('name="a" type="object" interface="x_no"')),
            "x_thing.r.a: no known protocol has an interface 'x_no'",
        ),
        (
            interface(ARGUMENT.format('name="a" type="uint" enum="no"')),
            "x_thing.r.a: there is no enum 'x_thing.no'",
        ),
        (interface("", name="wl_surface"), "wl_surface is in pywayland.protocol.wayland already"),
    ],
)
def test_broken_xml_is_told_by_its_place(folder, text, complaint):
    (folder / "x_test.xml").write_text(text, encoding="utf-8")
    done = run("--xml-dir", folder, "--output", folder.parent / "made")

    assert done.returncode == 1
    assert complaint in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (folder.parent / "made").exists()


def test_a_folder_without_xml_is_refused(folder):
    done = run("--xml-dir", folder, "--list")

    assert done.returncode == 1
    assert done.stderr == f"{folder}: no XML there\n"
