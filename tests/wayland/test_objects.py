"""Objects: named once and for ever, logged before they speak, dead when they are destroyed."""

import pytest

from wayfold.errors import ConnectionLost, DeadObject


@pytest.fixture
def compositor(client):
    return client.bind("wl_compositor")


def test_a_request_is_in_the_log_with_its_arguments_before_it_is_on_the_wire(
    client, compositor, scripted_server
):
    surface = compositor.create_surface()
    surface.damage(1, 2, 3, 4)
    record = client.log[-1]

    assert (record.name, record.subject, str(record.origin)) == (
        "wl_surface.damage",
        surface.subject,
        "client",
    )
    assert record.data == {"x": 1, "y": 2, "width": 3, "height": 4}
    assert "wl_surface.damage" not in [request.key for request in scripted_server.requests]
    client.roundtrip()
    assert "wl_surface.damage" in [request.key for request in scripted_server.requests]


def test_a_listener_sees_the_request_before_the_object_exists(client, compositor):
    seen = []
    client.log.listen(lambda first, batch, derived: seen.append(client.log[first].data))
    surface = compositor.create_surface()

    assert seen == [{"id": surface.subject}]


def test_a_new_object_has_its_makers_version(compositor):
    surface = compositor.create_surface()

    assert surface.version == compositor.version == 5
    assert repr(surface) == f"<{surface.subject} version 5>"


def test_wire_ids_come_back_and_subjects_never_do(client, compositor, scripted_server):
    subjects, wire_ids = [], []
    for _ in range(20):
        region = compositor.create_region()
        client.roundtrip()
        subjects.append(region.subject)
        wire_ids.append(scripted_server.resource("wl_region").object_id)
        region.destroy()
        client.roundtrip()

    assert len(set(wire_ids)) < 20
    assert len(set(subjects)) == 20


def test_a_destroyed_object_is_dead_and_says_so(client, compositor, scripted_server):
    region = compositor.create_region()
    region.destroy()

    assert not region.is_alive
    assert region.destroyed
    assert repr(region).endswith(", destroyed>")
    with pytest.raises(DeadObject, match=f"{region.subject} has been destroyed"):
        region.add(0, 0, 1, 1)
    with pytest.raises(DeadObject):
        region.destroy()
    with pytest.raises(KeyError):
        client.resolve(region.subject)
    client.roundtrip()
    assert not scripted_server.resources("wl_region")


def test_a_live_object_is_found_by_its_subject(client, compositor):
    region = compositor.create_region()

    assert client.resolve(region.subject) is region


def test_an_object_that_nobody_holds_goes_on_living(client, compositor, scripted_server):
    subject = compositor.create_surface().subject
    client.roundtrip()
    scripted_server.resource("wl_surface").event(
        "enter", scripted_server.resource("wl_output").object_id
    )
    client.roundtrip()

    assert client.log.version(subject) == 1
    assert client.resolve(subject).is_alive


def test_events_for_a_destroyed_object_are_dropped(client, compositor, scripted_server):
    surface = compositor.create_surface()
    client.roundtrip()
    with scripted_server.corked():
        output = scripted_server.resource("wl_output").object_id
        scripted_server.event("wl_surface", "enter", output)
        surface.destroy()
    client.roundtrip()

    assert not list(client.log.records(name="wl_surface.enter"))


def test_a_callback_is_gone_once_it_is_done(client):
    callback = client.display.sync()
    client.roundtrip()

    assert not callback.is_alive
    assert callback.subject in [r.subject for r in client.log.records(name="wl_callback.done")]


def test_destroying_without_a_request_is_local(client, scripted_server):
    shm = client.bind("wl_shm")
    client.roundtrip()
    before = len(scripted_server.requests)
    shm.destroy()
    client.roundtrip()

    assert not shm.is_alive
    assert [r.key for r in scripted_server.requests[before:]] == ["wl_display.sync"]


def test_versions_of_a_subject_count_events_and_requests_together(client, scripted_server):
    seat = client.bind("wl_seat")
    scripted_server.event("wl_seat", "name", "other")
    client.roundtrip()
    seat.get_touch()
    records = list(client.log.records(subject=seat.subject))

    assert [record.version for record in records] == list(range(1, len(records) + 1))
    assert records[-1].name == "wl_seat.get_touch"


def test_every_object_is_dead_after_close(client, compositor):
    surface = compositor.create_surface()
    client.close()

    assert not surface.is_alive
    assert not compositor.is_alive
    with pytest.raises(ConnectionLost, match="closed on this side"):
        surface.commit()
    with pytest.raises(ConnectionLost):
        client.display.sync()
