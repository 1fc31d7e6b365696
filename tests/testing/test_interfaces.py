"""The table of interfaces, compared with what pywayland was generated from."""

import pytest

from wayfold.protocol import schema
from wayfold.testing.interfaces import known_interfaces, parse_interfaces
from wayfold.wayland.messages import event_messages, request_messages

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


def signature(message):
    letters = ""
    for argument in message.arguments:
        letter = LETTERS[argument.argument_type.name]
        untyped = letter == "n" and argument.interface is None
        letters += "?" * argument.nullable + ("sun" if untyped else letter)
    return letters


def test_every_interface_that_the_client_knows_is_in_the_table():
    assert sorted(known_interfaces()) == list(schema.interfaces())


@pytest.mark.parametrize("name", sorted(known_interfaces()))
def test_the_table_says_what_the_bindings_say(name):
    expected = schema.interface(name)
    ours = known_interfaces()[name]

    assert ours.version == expected.version
    for mine, theirs in ((ours.requests, expected.requests), (ours.events, expected.events)):
        assert [m.name for m in mine] == [m.name for m in theirs]
        assert [m.signature for m in mine] == [signature(m) for m in theirs]
        assert [m.since for m in mine] == [m.version or 1 for m in theirs]


@pytest.mark.parametrize("name", sorted(known_interfaces()))
def test_arguments_are_named_and_objects_end_as_the_client_has_it(name):
    bound = schema.interface(name)
    ours = known_interfaces()[name]

    for mine, theirs in (
        (ours.requests, request_messages(bound)),
        (ours.events, event_messages(bound)),
    ):
        assert [list(m.arguments) for m in mine] == [[f.name for f in m.fields] for m in theirs]
        for message, expected in zip(mine, theirs, strict=True):
            kinds = {f.name: f.element for f in expected.fields if f.element not in ("", "bytes")}
            assert message.elements == kinds
            assert message.creates == next(
                (f.interface for f in expected.fields if f.kind == "n"), None
            )
    assert [m.is_destructor for m in ours.events] == [m.destroys for m in event_messages(bound)]


def test_a_request_that_ends_its_object_is_told():
    ends = [m.name for m in known_interfaces()["wl_output"].requests if m.is_destructor]

    assert ends == ["release"]


def test_a_table_of_ones_own_is_read():
    table = parse_interfaces("interface my_thing 2\nrequest poke u since=2\nevent born n creates=x")

    assert table["my_thing"].requests[0].since == 2
    assert table["my_thing"].event("born").creates == "x"


def test_a_line_that_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="my_thing"):
        parse_interfaces("interface my_thing 1\nreqest poke")


def test_an_event_that_is_not_there_is_named():
    with pytest.raises(LookupError, match=r"wl_output.*'modes'"):
        known_interfaces()["wl_output"].event("modes")
