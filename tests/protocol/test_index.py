import enum
from itertools import chain

import pytest

from wayfold.protocol import schema
from wayfold.wayland import messages


@pytest.mark.parametrize("name", schema.interfaces())
def test_every_interface_loads_with_its_name_and_version(name):
    found = schema.interface(name)

    assert found.name == name
    assert found.version >= 1
    assert found.proxy_class.interface is found


@pytest.mark.parametrize("name", schema.interfaces())
def test_every_message_can_be_read(name):
    found = schema.interface(name)
    events, requests = messages.event_messages(found), messages.request_messages(found)

    assert [event.name for event in events] == [f"{name}.{each.name}" for each in found.events]
    assert [made.name for made in requests] == [f"{name}.{each.name}" for each in found.requests]
    for message in chain(events, requests):
        spelled = [field.name for field in message.fields]
        assert len(spelled) == len(set(spelled)), message.name


@pytest.mark.parametrize("name", schema.interfaces())
def test_objects_in_messages_are_of_the_classes_that_look_ups_give(name):
    found = schema.interface(name)
    for message in chain(found.events, found.requests):
        for argument in message.arguments:
            if argument.interface:
                known = schema.interface(argument.interface.name)

                assert argument.interface is known, message.name


@pytest.mark.parametrize("name", schema.interfaces())
def test_every_new_object_has_a_name_that_no_other_argument_has(name):
    for request in schema.interface(name).requests:
        if any(argument.signature == "n" for argument in request.arguments):
            code = request.py_func.__code__
            named = schema.new_id_name(name, request.name)

            assert named not in code.co_varnames[: code.co_argcount], request.name


@pytest.mark.parametrize("name", schema.interfaces())
def test_every_error_code_has_a_name(name):
    errors = getattr(schema.interface(name), "error", None)
    if isinstance(errors, enum.EnumMeta):
        assert all(schema.error_name(name, int(code)) for code in errors)


def test_interfaces_are_listed_once_and_sorted():
    names = schema.interfaces()

    assert list(names) == sorted(set(names))
    assert {"wl_display", "xdg_wm_base", "zwlr_layer_shell_v1", "weston_capture_v1"} <= set(names)
