"""What came with events: descriptors are owned and closed, new objects are taken in."""

import gc
import os

import pytest


@pytest.fixture
def keymaps(scripted_server, client):
    """Send keymaps with these contents, each in a descriptor."""
    client.roundtrip()

    def send(*contents):
        with scripted_server.corked():
            for content in contents:
                memory = os.memfd_create("keymap")
                os.pwrite(memory, content, 0)
                scripted_server.event("wl_keyboard", "keymap", 1, memory, len(content))
                os.close(memory)

    return send


@pytest.fixture
def open_keymaps():
    """Count the descriptors of keymaps that this test has left open in this process."""

    def count():
        gc.collect()  # what other tests have left to the collector is of no interest here
        paths = (f"/proc/self/fd/{number}" for number in os.listdir("/proc/self/fd"))
        return sum("memfd:keymap" in os.readlink(path) for path in paths if os.path.lexists(path))

    before = count()  # a test that failed keeps what was open in it
    return lambda: count() - before


def test_descriptors_that_nobody_takes_are_closed(client, keymaps, open_descriptors):
    before = open_descriptors()
    for _ in range(20):
        keymaps(*[b"nobody"] * 5)
    client.roundtrip()

    assert len(list(client.log.records(name="wl_keyboard.keymap"))) == 100
    assert open_descriptors() == before


def test_descriptors_that_a_handler_leaves_are_closed(client, keymaps, open_descriptors):
    before = open_descriptors()
    client.on("wl_keyboard.keymap", lambda record: None)
    keymaps(*[b"left"] * 20)
    client.roundtrip()

    assert open_descriptors() == before


def test_descriptors_come_in_order_with_their_records(client, keymaps):
    seen = []

    def read(record):
        (descriptor,) = client.descriptors(record)
        seen.append(descriptor.read(record.data["size"]))

    client.on("wl_keyboard.keymap", read)
    wanted = [f"keymap {number}".encode() for number in range(20)]
    keymaps(*wanted)
    client.roundtrip()

    assert seen == wanted


def test_a_descriptor_is_there_for_every_handler_and_closed_behind_the_last(client, keymaps):
    seen = []
    for _ in range(2):
        client.on("wl_keyboard.keymap", lambda record: seen.append(client.descriptors(record)[0]))
    keymaps(b"both")
    client.roundtrip()

    assert seen[0] is seen[1]
    with pytest.raises(ValueError, match="taken or closed"):
        seen[0].fileno()
    assert client.descriptors(client.log[-1]) == ()


def test_a_descriptor_taken_stays_open(client, keymaps):
    taken = []
    client.on("wl_keyboard.keymap", lambda r: taken.append(client.descriptors(r)[0].take()))
    keymaps(b"mine")
    client.roundtrip()
    client.close()

    assert os.pread(taken[0], 4, 0) == b"mine"
    os.close(taken[0])


def test_a_handler_that_raises_leaves_no_descriptor_open(client, keymaps, open_descriptors):
    before = open_descriptors()

    def fail(record):
        raise LookupError("handler")

    client.on("wl_keyboard.keymap", fail)
    keymaps(b"first", b"second")
    for _ in range(2):
        with pytest.raises(LookupError, match="handler"):
            client.roundtrip()
    client.roundtrip()
    assert open_descriptors() == before


def test_descriptors_not_told_yet_are_closed_with_the_client(client, keymaps, open_keymaps):
    keymaps(*[b"waiting"] * 3)

    def stop(record):
        raise LookupError("stop")

    client.on("wl_keyboard.keymap", stop)
    with pytest.raises(LookupError):
        client.roundtrip()
    assert open_keymaps() == 3
    client.close()
    assert open_keymaps() == 0


def test_descriptors_on_their_way_are_closed_with_the_client(client, keymaps, open_keymaps):
    keymaps(*[b"unread"] * 3)
    client.close()

    assert open_keymaps() == 0


def test_an_object_that_an_event_made_is_taken_in(connected):
    server, client = connected(("ext_foreign_toplevel_list_v1", 1))
    made = server.resource("ext_foreign_toplevel_list_v1").create("toplevel")
    made.event("title", "a window")
    made.event("done")
    client.roundtrip()

    (record,) = client.log.records(name="ext_foreign_toplevel_list_v1.toplevel")
    handle = client.resolve(record.data["toplevel"])
    (title,) = client.log.records(name="ext_foreign_toplevel_handle_v1.title")
    assert (title.subject, title.data) == (handle.subject, {"title": "a window"})
    handle.destroy()
    client.roundtrip()
    assert server.requests[-2].key == "ext_foreign_toplevel_handle_v1.destroy"


def test_objects_made_for_a_destroyed_object_leave_nothing_behind(connected):
    server, client = connected(("ext_foreign_toplevel_list_v1", 1))
    listed = client.bind("ext_foreign_toplevel_list_v1")
    with server.corked():
        server.resource("ext_foreign_toplevel_list_v1").create("toplevel").event("title", "late")
        listed.destroy()
    client.roundtrip()

    assert not list(client.log.records(name="ext_foreign_toplevel_*", origin="compositor"))


def test_each_of_many_objects_made_in_one_batch_has_its_own_subject(connected):
    server, client = connected(("ext_foreign_toplevel_list_v1", 1))
    with server.corked():
        for _ in range(50):
            server.resource("ext_foreign_toplevel_list_v1").create("toplevel")
    client.roundtrip()

    made = client.log.records(name="ext_foreign_toplevel_list_v1.toplevel")
    assert len({client.resolve(record.data["toplevel"]).subject for record in made}) == 50
