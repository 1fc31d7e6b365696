"""Damage on the wire, each against the real client: a typed error or none, and never a hang."""

import socket
import subprocess
import time

import pytest

import wayfold
from wayfold.errors import ConnectionLost, MalformedEvent, ProtocolViolation, WaitTimeout

ITS_SURFACE_IS_BAD = 3


@pytest.fixture
def faults(scripted_server):
    return scripted_server.wire_faults


def rescale(server, factor):
    """Tell of an output what makes a group of two events."""
    with server.corked():
        server.event("wl_output", "scale", factor)
        server.event("wl_output", "done")


def scales(state):
    return [output.scale for output in state.outputs.values()]


def test_what_is_late_comes_later_and_holds_back_what_follows(client, scripted_server, faults):
    faults.delay(0.1, "wl_output.scale")
    start = time.monotonic()
    rescale(scripted_server, 3)
    client.roundtrip()

    assert scales(client.state) == [3]
    assert time.monotonic() - start >= 0.1
    scripted_server.expect("fault.delay", data={"message": "wl_output.scale"})


@pytest.mark.parametrize("size", [1, 3, 7])
def test_a_message_in_pieces_is_whole_again(size, client, scripted_server, faults):
    faults.split(size)
    rescale(scripted_server, 2)
    client.roundtrip()

    assert scales(client.state) == [2]
    assert client.log[-1].name != "connection.lost"


def test_what_is_held_together_comes_in_one_piece(client, scripted_server, faults):
    faults.coalesce(0.05)
    for factor in (2, 3, 4):
        rescale(scripted_server, factor)
    head = client.log.head
    client.run(timeout=20, until=lambda _: client.log.head > head)

    assert len(list(client.log.records(head, name="wl_output.*"))) == 6
    assert scales(client.state) == [4]


@pytest.mark.parametrize(("at", "meaning"), [(4, "opcode"), (7, "size")])
def test_a_changed_header_is_a_malformed_event(at, meaning, client, scripted_server, faults):
    faults.corrupt("wl_output.scale", at=at)
    rescale(scripted_server, 2)
    with pytest.raises(MalformedEvent, match="cannot be read"):
        client.run(timeout=20)

    assert not client.is_open


def test_a_changed_argument_is_taken_for_what_it_says(client, scripted_server, faults):
    faults.corrupt("wl_output.scale", at=8, xor=0x06)
    rescale(scripted_server, 2)
    client.roundtrip()

    assert scales(client.state) == [4]
    assert [r.data for r in scripted_server.transcript.records(name="wl_output.scale")][-1] == {
        "factor": 2
    }


def test_a_message_shorter_than_the_place_is_left_alone(client, scripted_server, faults):
    faults.corrupt("wl_output.*", at=500)
    rescale(scripted_server, 2)
    client.roundtrip()

    scripted_server.expect.never("fault.*")
    assert scales(client.state) == [2]


def test_an_answer_that_is_lost_ends_the_wait_in_time(client, faults):
    faults.drop("wl_callback.done")
    with pytest.raises(WaitTimeout):
        client.roundtrip(timeout=0.05)

    assert client.is_open
    client.roundtrip()


def test_an_event_that_comes_twice_is_told_twice(client, scripted_server, faults):
    faults.repeat("wl_output.scale")
    head = client.log.head
    rescale(scripted_server, 2)
    client.roundtrip()

    client.log.expect.after(head).count("wl_output.scale", 2)


def test_a_descriptor_that_is_lost_is_a_malformed_event(client, scripted_server, faults, tmp_path):
    (tmp_path / "keymap").write_bytes(bytes(64))
    client.roundtrip()
    faults.drop_descriptor("wl_keyboard.keymap")
    with open(tmp_path / "keymap", "rb") as keymap:
        scripted_server.event("wl_keyboard", "keymap", 1, keymap.fileno(), 64)
    with pytest.raises(MalformedEvent):
        client.run(timeout=20)

    scripted_server.expect("fault.drop_descriptor", after="wl_keyboard.keymap")


def test_a_descriptor_comes_with_its_own_message_when_that_is_split(
    client, scripted_server, faults, tmp_path
):
    (tmp_path / "keymap").write_bytes(b"a keymap")
    client.roundtrip()
    faults.split(5)
    got = []

    @client.on("wl_keyboard.keymap")
    def keymap(record):
        (descriptor,) = client.descriptors(record)
        with open(descriptor.take(), "rb") as file:
            got.append(file.read())

    with open(tmp_path / "keymap", "rb") as file:
        scripted_server.event("wl_keyboard", "keymap", 1, file.fileno(), 8)
    client.roundtrip()

    assert got == [b"a keymap"]


def test_after_clear_all_is_well(client, scripted_server, faults):
    faults.drop("*", times=None)
    rescale(scripted_server, 2)
    faults.clear()
    rescale(scripted_server, 3)
    client.roundtrip()

    assert [r.data["factor"] for r in client.log.records(name="wl_output.scale")][-1] == 3
    scripted_server.expect.count("fault.drop", 2)


def test_a_piece_of_nothing_is_refused(faults):
    with pytest.raises(ValueError, match="1 byte"):
        faults.split(0)


def test_an_error_at_a_request_is_a_violation_that_names_it(client, scripted_server):
    surface = client.bind("wl_compositor").create_surface()
    scripted_server.error_at("wl_surface.commit", ITS_SURFACE_IS_BAD, "not like this")
    surface.commit()
    with pytest.raises(ProtocolViolation, match="not like this") as caught:
        client.roundtrip()

    assert caught.value.request.name == "wl_surface.commit"
    assert (caught.value.subject, caught.value.code) == (surface.subject, ITS_SURFACE_IS_BAD)


def test_an_error_at_what_no_interface_has_is_refused(scripted_server):
    with pytest.raises(LookupError, match=r"wl_surface\.comit"):
        scripted_server.error_at("wl_surface.comit", 1, "no")


def test_a_global_that_goes_while_it_is_bound_costs_nothing_where_that_is_allowed(scripted_server):
    scripted_server.remove_at_bind("wl_output")
    with wayfold.connect(scripted_server.client_socket) as client:
        client.roundtrip()

        client.log.expect("wl_registry.bind", before="wl_registry.global_remove")
        assert client.state.outputs == {}
        assert "wl_output" not in {each.interface for each in client.state.globals.values()}


def test_a_global_that_goes_while_it_is_bound_is_a_violation_where_it_is_not(scripted_server):
    scripted_server.remove_at_bind("wl_output", refuses=True)
    with pytest.raises(ProtocolViolation, match=r"invalid global wl_output") as caught:
        wayfold.connect(scripted_server.client_socket)

    assert caught.value.request.name == "wl_registry.bind"


def information(server, tmp_path):
    """Let wayland-info, which is not ours, tell what it finds."""
    path = tmp_path / "wayland-0"
    server.listen(str(path))
    environment = {"WAYLAND_DISPLAY": str(path), "XDG_RUNTIME_DIR": str(tmp_path)}
    return subprocess.run(
        ["/usr/bin/wayland-info"], env=environment, capture_output=True, text=True, timeout=20
    )


def test_another_program_does_not_mind_pieces_and_delays(scripted_server, faults, tmp_path):
    faults.split(3, "wl_registry.*", pause=0.0005)
    faults.delay(0.05, "wl_output.geometry")
    told = information(scripted_server, tmp_path)

    assert (told.returncode, told.stderr) == (0, "")
    assert "Scripted output SCRIPTED-1" in told.stdout
    scripted_server.expect.count("fault.split", at_least=4)


def test_another_program_says_what_was_nonsense(scripted_server, faults, tmp_path):
    faults.corrupt("wl_output.mode", at=4)
    told = information(scripted_server, tmp_path)

    assert told.returncode >= 0
    assert "'wl_output' has no event 254" in told.stderr
    scripted_server.expect.eventually("connection.closed", after="fault.corrupt")


def test_what_waits_to_be_written_is_let_go_at_the_end(scripted_server, open_descriptors, tmp_path):
    before = open_descriptors()
    sock = scripted_server.new_client()
    scripted_server.wire_faults.delay(1000)
    with open(tmp_path / "file", "w+b") as file:
        scripted_server.send(1, 1, "uh", 1, file.fileno())
    sock.close()
    scripted_server.expect.eventually("connection.closed", timeout=20)
    scripted_server.close()

    assert open_descriptors() < before
    assert isinstance(sock, socket.socket)


def test_a_loss_is_told_when_the_last_words_are_cut_short(client, scripted_server, faults):
    faults.split(4, "wl_output.scale", pause=1000)
    scripted_server.event("wl_output", "scale", 2)
    client.dispatch(0.05)
    scripted_server.hang_up()
    with pytest.raises(ConnectionLost):
        client.run(timeout=20)
