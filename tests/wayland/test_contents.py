"""What came in a descriptor is kept beside a log in a file, once, and found by its hash."""

import os
from hashlib import sha256

import pytest

import wayfold
from wayfold.log import Log
from wayfold.wayland.contents import LIMIT_BYTES

KEYMAP = b"xkb_keymap {\n};\n\x00"


@pytest.fixture
def told(scripted_server, tmp_path):
    """Send a keymap in a descriptor; give its record in the log, and the log's path."""

    def tell(make, size, times=1):
        path = str(tmp_path / "session.wayfold")
        with wayfold.connect(scripted_server.client_socket, log=path) as client:
            client.roundtrip()  # the keyboard has been asked for
            for _ in range(times):
                descriptor = make()
                scripted_server.event("wl_keyboard", "keymap", 1, descriptor, size)
                os.close(descriptor)
            client.wait_until(lambda _: len(list(client.log.records(name="*.keymap"))) == times)
        return path

    return tell


def memory(content=KEYMAP):
    made = os.memfd_create("keymap")
    os.write(made, content)
    return made


def test_a_keymap_is_kept_under_its_hash(told):
    with Log.open(told(memory, len(KEYMAP)), read_only=True) as log:
        (record,) = log.records(name="wl_keyboard.keymap")
        name = sha256(KEYMAP).hexdigest()

        assert record.data == {"format": 1, "fd": {"$blob": name}, "size": len(KEYMAP)}
        assert log.blob(name) == KEYMAP
        assert log.verify() == len(log)
        with pytest.raises(KeyError, match="no content is kept under 'other'"):
            log.blob("other")


def test_the_same_content_is_kept_once(told):
    import apsw

    path = told(memory, len(KEYMAP), times=3)
    plain = apsw.Connection(path)

    assert plain.execute("select count(*), max(position) from blob").fetchone()[0] == 1
    plain.close()


def pipe():
    reading, writing = os.pipe()
    os.write(writing, KEYMAP)
    os.close(writing)
    return reading


@pytest.mark.parametrize(
    ("make", "size"),
    [
        (pipe, len(KEYMAP)),
        (memory, 0),
        (memory, LIMIT_BYTES + 1),
        (lambda: os.open("/", os.O_RDONLY), 10),
    ],
)
def test_what_is_no_small_file_is_left_alone(told, make, size):
    with Log.open(told(make, size), read_only=True) as log:
        (record,) = log.records(name="wl_keyboard.keymap")

    assert isinstance(record.data["fd"], int)


def test_a_handler_still_gets_the_descriptor(scripted_server, tmp_path):
    heard = []
    with wayfold.connect(scripted_server.client_socket, log=tmp_path / "log") as client:
        client.on("wl_keyboard.keymap", lambda r: heard.append(client.descriptors(r)[0].read(100)))
        client.roundtrip()
        descriptor = memory()
        scripted_server.event("wl_keyboard", "keymap", 1, descriptor, len(KEYMAP))
        os.close(descriptor)
        client.wait_until(lambda _: heard)

    assert heard == [KEYMAP]


def test_a_log_in_memory_keeps_the_number(scripted_server):
    with wayfold.connect(scripted_server.client_socket) as client:
        client.roundtrip()
        descriptor = memory()
        scripted_server.event("wl_keyboard", "keymap", 1, descriptor, len(KEYMAP))
        os.close(descriptor)
        client.wait_until(lambda _: list(client.log.records(name="wl_keyboard.keymap")))
        (record,) = client.log.records(name="wl_keyboard.keymap")

    assert isinstance(record.data["fd"], int)
