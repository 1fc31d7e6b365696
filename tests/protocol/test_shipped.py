import enum

import pytest

from wayfold.protocol import schema, shipped

pytestmark = pytest.mark.skipif(
    "xdg_session_v1" not in schema.interfaces(),
    reason="pywayland was built from the XML of a system older than the tables",
)

ENUMS_OF_ARGUMENTS = [(use, of) for of, uses in shipped.ENUM_USES.items() for use in uses]


def messages_of(interface, name):
    found = schema.interface(interface)
    return [each for each in (*found.events, *found.requests) if each.name == name]


def kinds_of(path):
    """Kinds of the arguments of this name, in libwayland's letters."""
    interface, message, argument = path.split(".")
    kinds = []
    for each in messages_of(interface, message):
        spelled = each.py_func.__code__.co_varnames[1 : each.py_func.__code__.co_argcount]
        named = [made for made in each.arguments if made.signature != "n" or made.interface is None]
        kinds += [
            made.signature.strip("?")
            for name, made in zip(spelled, named, strict=True)
            if name.strip("_") == argument
        ]
    return kinds


@pytest.mark.parametrize(("use", "of"), ENUMS_OF_ARGUMENTS)
def test_every_argument_with_an_enum_is_a_number_and_the_enum_is_there(use, of):
    interface, name = of.split(".")
    members = getattr(schema.interface(interface), name)
    kinds = set(kinds_of(use))

    assert isinstance(members, enum.EnumMeta)
    assert kinds in ({"u"}, {"i"}, {"a"})
    assert schema.enum_name(*use.split("."), int(next(iter(members))))


def test_no_argument_is_of_two_enums():
    arguments = [use for use, _ in ENUMS_OF_ARGUMENTS]

    assert len(arguments) == len(set(arguments))


@pytest.mark.parametrize("path", sorted(shipped.DESTRUCTOR_EVENTS))
def test_every_destructor_event_is_there(path):
    interface, event = path.split(".")

    assert event in {each.name for each in schema.interface(interface).events}


@pytest.mark.parametrize("path", sorted(shipped.ARRAY_ELEMENTS))
def test_every_array_is_there(path):
    assert kinds_of(path) == ["a"]


def test_every_array_with_an_enum_holds_numbers():
    arrays = {use for use, _ in ENUMS_OF_ARGUMENTS if "a" in kinds_of(use)}

    assert arrays <= shipped.ARRAY_ELEMENTS.keys()
