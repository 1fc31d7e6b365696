"""What is secret does not reach a file, unless that was asked for."""

import glob
from pathlib import Path

import pytest

import wayfold
from wayfold.log import Log
from wayfold.model import SessionModel

WORD = "xyzzy-the-secret-word"


def bytes_of(path):
    return b"".join(Path(name).read_bytes() for name in glob.glob(f"{path}*"))


def whisper(log):
    log.append("lamp.whispered", "lamp/1", {"word": WORD, "to": "lamp/2"})


def test_a_secret_field_becomes_none_and_is_listed(opened, path):
    log = opened()
    whisper(log)

    assert log[1].data == {"word": None, "to": "lamp/2"}
    assert log[1].masked == ("word",)
    assert WORD.encode() not in bytes_of(path)


def test_what_was_masked_is_told_by_the_file(opened):
    with opened() as log:
        whisper(log)

    assert opened(read_only=True)[1].masked == ("word",)
    assert opened(read_only=True).verify() == 1


def test_secrets_are_kept_when_they_are_asked_for(opened, path):
    log = opened(include_input=True)
    whisper(log)

    assert log[1].data["word"] == WORD
    assert WORD.encode() in bytes_of(path)


def test_a_log_in_memory_keeps_what_was_typed(scripted_server):
    with wayfold.connect(scripted_server.client_socket) as client:
        press(client, scripted_server)
        (record,) = client.log.records(name="wl_keyboard.key")

    assert record.data["key"] == 4242
    assert record.masked == ()


def press(client, server):
    client.roundtrip()
    server.event("wl_keyboard", "key", 1, 2, 4242, 1)
    client.wait_until(lambda _: any(client.log.records(name="wl_keyboard.key")))


@pytest.mark.parametrize("include_input", [False, True])
def test_keys_reach_a_file_only_when_asked_for(scripted_server, path, include_input):
    heard = []
    with (
        Log.open(path, include_input=include_input) as log,
        wayfold.connect(scripted_server.client_socket, log=log) as client,
    ):
        client.on("wl_keyboard.key", lambda record: heard.append(record.data["key"]))
        press(client, scripted_server)
        live = client.state

    with Log.open(path, read_only=True, model=SessionModel()) as log:
        (record,) = log.records(name="wl_keyboard.key")
        (policy,) = log.records(name="log.masking")
        assert log.state_at(record.position).seats == live.seats
    assert heard == [4242]
    assert record.data["key"] == (4242 if include_input else None)
    assert record.masked == (() if include_input else ("key",))
    assert ("wl_keyboard.key" in policy.data["masked"]) is not include_input


def test_other_fields_are_masked_when_they_are_named(opened, path):
    with opened(mask={"lamp.lit": ("level", "missing")}) as log:
        whisper(log)
        log.append("lamp.lit", "lamp/1", {"level": 4242424242})

    log = opened(read_only=True)
    assert log[1].data["word"] == WORD
    assert (log[2].data, log[2].masked) == ({"level": None}, ("level",))
    assert b"4242424242" not in bytes_of(path)


def test_two_ways_to_say_what_is_masked_are_one_too_many(path):
    with pytest.raises(ValueError, match="give include_input or mask"):
        Log.open(path, include_input=True, mask={})
