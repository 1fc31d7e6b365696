"""The table of interfaces, compared with what pywayland was generated from."""

import importlib

import pytest

from wayfold.testing.interfaces import parse_interfaces, standard_interfaces

MODULES = ("wayland", "xdg_shell", "xdg_output_unstable_v1", "ext_foreign_toplevel_list_v1")
LETTERS = {
    "Int": "i",
    "Uint": "u",
    "Fixed": "f",
    "String": "s",
    "Object": "o",
    "NewId": "n",
    "Array": "a",
    "FileDescriptor": "h",
}


def known_to_pywayland():
    for module in MODULES:
        found = importlib.import_module(f"pywayland.protocol.{module}")
        for interface in vars(found).values():
            if isinstance(getattr(interface, "name", None), str) and hasattr(interface, "events"):
                yield interface.name, interface


def signature(message):
    letters = ""
    for argument in message.arguments:
        letter = LETTERS[argument.argument_type.name]
        untyped = letter == "n" and argument.interface is None
        letters += "?" * argument.nullable + ("sun" if untyped else letter)
    return letters


@pytest.mark.parametrize("name", sorted(standard_interfaces()))
def test_the_table_says_what_pywayland_says(name):
    expected = dict(known_to_pywayland())[name]
    ours = standard_interfaces()[name]

    assert ours.version == expected.version
    for mine, theirs in ((ours.requests, expected.requests), (ours.events, expected.events)):
        assert [m.name for m in mine] == [m.name for m in theirs]
        assert [m.signature for m in mine] == [signature(m) for m in theirs]
        assert [m.since for m in mine] == [m.version or 1 for m in theirs]


def test_a_table_of_ones_own_is_read():
    table = parse_interfaces("interface my_thing 2\nrequest poke u since=2\nevent born n creates=x")

    assert table["my_thing"].requests[0].since == 2
    assert table["my_thing"].event("born").creates == "x"


def test_a_line_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="my_thing"):
        parse_interfaces("interface my_thing 1\nreqest poke")


def test_an_event_that_is_not_there_is_named():
    with pytest.raises(LookupError, match=r"wl_output.*'modes'"):
        standard_interfaces()["wl_output"].event("modes")
