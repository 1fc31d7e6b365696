from pathlib import Path
from xml.etree import ElementTree

import pytest

from wayfold.protocol import schema
from wayfold.wayland import messages

PROTOCOLS = Path(__file__).parents[2] / "protocols"
FILES = sorted(PROTOCOLS.glob("*.xml"))
INTERFACES = [
    pytest.param(interface, id=interface.get("name"))
    for file in FILES
    for interface in ElementTree.parse(file).getroot().iter("interface")
]


def arguments_of(interface):
    name = interface.get("name")
    for message in (*interface.iter("event"), *interface.iter("request")):
        for argument in message.iter("arg"):
            yield name, message.get("name"), argument


@pytest.mark.parametrize("interface", INTERFACES)
def test_an_interface_is_made_as_its_xml_says(interface):
    made = schema.interface(interface.get("name"))

    assert made.version == int(interface.get("version"))
    assert [each.name for each in made.events] == [
        event.get("name") for event in interface.iter("event")
    ]
    assert [each.name for each in made.requests] == [
        request.get("name") for request in interface.iter("request")
    ]


@pytest.mark.parametrize("interface", INTERFACES)
def test_messages_have_the_arguments_of_the_xml(interface):
    made = schema.interface(interface.get("name"))
    for kind, read in (
        ("event", messages.event_messages),
        ("request", messages.request_messages),
    ):
        for message, element in zip(read(made), interface.iter(kind), strict=True):
            spelled = [(field.name, field.interface) for field in message.fields]
            expected = [(each.get("name"), each.get("interface")) for each in element.iter("arg")]

            assert spelled == expected
            assert message.since == int(element.get("since", 1))


@pytest.mark.parametrize("interface", INTERFACES)
def test_destructor_events_are_exactly_those_of_the_xml(interface):
    for event in interface.iter("event"):
        expected = event.get("type") == "destructor"

        assert schema.is_destructor_event(interface.get("name"), event.get("name")) is expected


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_entry_of_every_enum_has_the_name_of_the_xml(interface):
    enums = {each.get("name"): each for each in interface.iter("enum")}
    for owner, message, argument in arguments_of(interface):
        for entry in enums.get(argument.get("enum"), ()):
            value = int(entry.get("value"), 0)

            name = argument.get("name")
            assert schema.enum_name(owner, message, name, value) == entry.get("name")


@pytest.mark.parametrize("interface", INTERFACES)
def test_every_enum_that_an_argument_is_of_is_there(interface):
    for owner, message, argument in arguments_of(interface):
        if enum := argument.get("enum"):
            holder, _, name = enum.rpartition(".")
            members = getattr(schema.interface(holder or owner), name)
            value = int(next(iter(members)))

            assert schema.enum_name(owner, message, argument.get("name"), value)


@pytest.mark.parametrize("interface", INTERFACES)
def test_error_codes_have_the_names_of_the_xml(interface):
    for enum in interface.iter("enum"):
        for entry in enum if enum.get("name") == "error" else ():
            code = int(entry.get("value"), 0)

            assert schema.error_name(interface.get("name"), code) == entry.get("name")


@pytest.mark.parametrize("interface", INTERFACES)
def test_new_objects_have_the_names_of_the_xml(interface):
    for request in interface.iter("request"):
        for argument in request.iter("arg"):
            if argument.get("type") == "new_id":
                named = schema.new_id_name(interface.get("name"), request.get("name"))

                assert named == argument.get("name")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_keeps_its_notice_and_leaves_prose_out(file):
    root = ElementTree.parse(file).getroot()

    assert "Copyright" in root.findtext("copyright", "")
    assert "notice" in root.findtext("copyright", "")
    assert list(root.iter("description")) == []
    assert [each for each in root.iter() if "summary" in each.attrib] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_readme_tells_origin_and_licence_of_a_file(file):
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (PROTOCOLS / "README.md").read_text(encoding="utf-8").splitlines()
    ]
    [row] = [row for row in rows if row[0] == file.name]

    assert len([cell for cell in row if cell]) == 4
