"""Every kind of argument that an event can have, as the record tells it."""

import os

import pytest

from wayfold.wayland.codec import subject


@pytest.fixture
def selection(connected):
    """A server and a client that has a data device; gives both and the device."""
    server, client = connected(("wl_data_device_manager", 3))
    device = client.bind("wl_data_device_manager").get_data_device(client.bind("wl_seat"))
    client.roundtrip()
    return server, client, device


def told(client, name):
    client.roundtrip()
    return [record.data for record in client.log.records(name=name)]


def test_a_subject_is_an_interface_and_a_serial():
    assert subject("wl_output", 3) == "wl_output#3"
    assert subject("wl_output", 0) is None


def test_integers_keep_their_sign(scripted_server, client):
    numbers = (-(1 << 31), (1 << 31) - 1, -1, 0)
    scripted_server.event("wl_output", "geometry", *numbers, -7, "make", "model", 1)

    data = told(client, "wl_output.geometry")[-1]
    assert list(data.values()) == [*numbers, -7, "make", "model", 1]
    assert list(data)[:3] == ["x", "y", "physical_width"]


def test_the_largest_unsigned_integer_is_told(scripted_server, client):
    scripted_server.event("wl_shm", "format", (1 << 32) - 1)

    assert told(client, "wl_shm.format")[-1] == {"format": (1 << 32) - 1}


@pytest.mark.parametrize("value", [-0.5, -1 / 256, 0.0, 12.25, -8388608.0, 8388607 + 255 / 256])
def test_fixed_numbers_are_exact(scripted_server, client, value):
    client.roundtrip()
    scripted_server.event("wl_pointer", "motion", 9, value, -value if value != -8388608.0 else 0.0)

    data = told(client, "wl_pointer.motion")[-1]
    assert (data["time"], data["surface_x"]) == (9, value)
    assert data["surface_y"] in (-value, 0.0)


@pytest.mark.parametrize("text", ["", "żółć 🪟", "x" * 4000])
def test_strings_are_told_as_they_are(scripted_server, client, text):
    scripted_server.event("wl_output", "description", text)

    assert told(client, "wl_output.description")[-1] == {"description": text}


def test_null_strings_are_none_and_empty_ones_are_not(selection):
    server, client, _ = selection
    client.bind("wl_data_device_manager").create_data_source()
    client.roundtrip()
    server.event("wl_data_source", "target", None)
    server.event("wl_data_source", "target", "")
    server.event("wl_data_source", "target", "text/plain")

    found = [data["mime_type"] for data in told(client, "wl_data_source.target")]
    assert found == [None, "", "text/plain"]


def test_objects_are_subjects_and_null_objects_are_none(selection):
    server, client, _ = selection
    offer = server.resource("wl_data_device").create("data_offer")
    server.event("wl_data_device", "selection", offer.object_id)
    server.event("wl_data_device", "selection", None)

    (made,) = told(client, "wl_data_device.data_offer")
    assert made["id"].startswith("wl_data_offer#")
    assert told(client, "wl_data_device.selection") == [made, {"id": None}]


def test_an_object_destroyed_here_is_none_in_a_later_event(scripted_server, client):
    first = client.bind("wl_compositor").create_surface()
    client.bind("wl_compositor").create_surface()
    client.roundtrip()
    kept, gone = (s.object_id for s in reversed(scripted_server.resources("wl_surface")))
    first.destroy()
    scripted_server.event("wl_pointer", "enter", 1, gone, 0.0, 0.0)
    scripted_server.event("wl_pointer", "enter", 2, kept, 0.0, 0.0)

    enters = told(client, "wl_pointer.enter")
    assert enters[0]["surface"] is None
    assert enters[1]["surface"].startswith("wl_surface#")


def test_arrays_of_words_are_lists(scripted_server, client):
    surface = client.bind("wl_compositor").create_surface()
    client.roundtrip()
    place = scripted_server.resource("wl_surface").object_id
    for keys in (b"", b"\1\0\0\0\xff\xff\xff\xff"):
        scripted_server.event("wl_keyboard", "enter", 1, place, keys)

    enters = told(client, "wl_keyboard.enter")
    assert [data["keys"] for data in enters] == [[], [1, (1 << 32) - 1]]
    assert enters[0]["surface"] == surface.subject


def test_arrays_of_odd_length_and_of_unknown_elements_are_bytes(connected):
    server, client = connected(("zwp_linux_dmabuf_v1", 4))
    client.bind("zwp_linux_dmabuf_v1").get_default_feedback()
    client.roundtrip()
    feedback = server.resource("zwp_linux_dmabuf_feedback_v1")
    feedback.event("main_device", bytes(range(8)))
    feedback.event("tranche_formats", b"\1\0\2\0")
    feedback.event("tranche_formats", b"\1\0\2")

    assert told(client, "zwp_linux_dmabuf_feedback_v1.main_device") == [{"device": bytes(range(8))}]
    formats = told(client, "zwp_linux_dmabuf_feedback_v1.tranche_formats")
    assert [data["indices"] for data in formats] == [[1, 2], b"\1\0\2"]


def test_a_descriptor_is_its_number(scripted_server, client):
    client.roundtrip()
    seen = []
    client.on("wl_keyboard.keymap", lambda r: seen.append(client.descriptors(r)[0].fileno()))
    memory = os.memfd_create("keymap")
    scripted_server.event("wl_keyboard", "keymap", 1, memory, 12)
    os.close(memory)

    (data,) = told(client, "wl_keyboard.keymap")
    assert data == {"format": 1, "fd": seen[0], "size": 12}
