"""Globals come and go, also while they are being bound."""

import fcntl
import struct
import termios
import time

import pytest

import wayfold
from wayfold.errors import MissingGlobal, ProtocolViolation, UnsupportedRequest
from wayfold.protocol import schema
from wayfold.testing.wire import encode
from wayfold.wayland.registry import BOUND_BY_DEFAULT


def interfaces_of(client):
    return sorted(found.interface for found in client.state.globals.values())


def binds(server):
    return [r.arguments[:3] for r in server.requests if r.key == "wl_registry.bind"]


def wait_until_read(sock, timeout_s=5.0):
    deadline = time.monotonic() + timeout_s
    while struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, b"\0" * 4))[0]:
        assert time.monotonic() < deadline, "the client did not read what it was sent"


def in_pieces(server):
    """Send each global in two pieces, each only when the client has taken the one before."""

    def answer(request):
        (registry,) = request.created
        for name, (interface, version) in enumerate(GLOBALS, 1):
            packet = encode(registry.object_id, 0, "usu", (name, interface, version))
            for piece in (packet.data[:9], packet.data[9:]):
                server.send_bytes(piece)
                wait_until_read(server.peer.socket)

    return answer


GLOBALS = [("wl_compositor", 5), ("wl_shm", 1), ("wl_seat", 7), ("wl_output", 4)]


def test_slow_globals_in_pieces_are_all_there_after_connect(scripted_server):
    scripted_server.on("wl_display.get_registry", in_pieces(scripted_server))

    with wayfold.connect(scripted_server.client_socket) as client:
        assert interfaces_of(client) == sorted(interface for interface, _ in GLOBALS)
        assert client.dispatch(0) == 0
        assert len(client.state.outputs) == 1


WLR, EXT = "zwlr_foreign_toplevel_manager_v1", "ext_foreign_toplevel_list_v1"


@pytest.mark.parametrize(
    ("offered", "wanted", "bound"),
    [
        ([EXT, WLR], BOUND_BY_DEFAULT, [WLR]),
        ([WLR, EXT], BOUND_BY_DEFAULT, [WLR]),
        ([EXT], BOUND_BY_DEFAULT, [EXT]),
        ([EXT, WLR], [EXT], [EXT]),
    ],
)
def test_each_window_of_others_is_told_once(scripted_server, offered, wanted, bound):
    for interface in offered:
        scripted_server.add_global(interface, 1)

    with wayfold.connect(scripted_server.client_socket, bind=wanted):
        asked = [interface for _, interface, _ in binds(scripted_server)]
        assert [each for each in asked if each in (WLR, EXT)] == bound


def test_who_asks_for_the_other_list_too_has_it(scripted_server):
    for interface in (WLR, EXT):
        scripted_server.add_global(interface, 1)

    with wayfold.connect(scripted_server.client_socket) as client:
        assert client.bind(EXT).interface.name == EXT


def test_a_start_amid_changes_ends_with_the_globals_there_are(scripted_server):
    def change(seat):
        scripted_server.add_output("LATE-1")
        scripted_server.remove_global(4, refuses_bind=False)
        seat.event("capabilities", 0)

    scripted_server.on("wl_display.get_registry", in_pieces(scripted_server))
    scripted_server.on_bind("wl_seat", change)

    with wayfold.connect(scripted_server.client_socket) as client:
        assert sorted(client.state.globals) == [1, 2, 3, 5]
        client.roundtrip()
        assert [output.name for output in client.state.outputs.values()] == ["LATE-1"]
        scripted_server.wait_for("wl_output.release")
        assert client.dispatch(0) == 0


def test_a_global_gone_before_it_could_be_bound_is_not_bound(scripted_server):
    def vanish(request):
        (registry,) = request.created
        registry.event("global", 9, "wl_output", 4)
        registry.event("global_remove", 9)

    scripted_server.on("wl_display.get_registry", vanish)

    with wayfold.connect(scripted_server.client_socket) as client:
        assert not client.state.globals
        assert not binds(scripted_server)


@pytest.mark.parametrize("offered", [1, 3, 99])
def test_a_global_is_bound_at_the_version_both_sides_know(scripted_server, offered):
    scripted_server.add_global("xdg_wm_base", offered)
    ours = schema.interface("xdg_wm_base").version

    with wayfold.connect(scripted_server.client_socket) as client:
        assert client.bind("xdg_wm_base").version == min(ours, offered)
        assert binds(scripted_server)[-1] == (5, "xdg_wm_base", min(ours, offered))


def test_only_what_is_wanted_is_bound(scripted_server):
    with wayfold.connect(scripted_server.client_socket, bind=["wl_shm"]) as client:
        assert [interface for _, interface, _ in binds(scripted_server)] == ["wl_shm"]
        assert client.bind("wl_seat").version == 7


def test_what_is_bound_already_is_given_again(client, scripted_server):
    seat = client.bind("wl_seat")

    assert client.bind("wl_seat", 7) is seat
    assert client.bind("wl_seat", name=3) is not seat


def test_a_global_that_is_not_offered_is_missing(client):
    with pytest.raises(MissingGlobal, match="it offers none") as caught:
        client.bind("wl_data_device_manager")

    assert (caught.value.interface, caught.value.needed) == ("wl_data_device_manager", 1)
    assert caught.value.offered is None


def test_a_global_that_is_too_old_is_missing_with_both_versions(client):
    with pytest.raises(MissingGlobal, match=r"wl_seat version 8 or newer .* offers version 7"):
        client.bind("wl_seat", 8)
    client.roundtrip()


def test_a_version_that_nobody_here_knows_is_a_bad_value(scripted_server):
    scripted_server.add_global("xdg_wm_base", 99)

    with (
        wayfold.connect(scripted_server.client_socket) as client,
        pytest.raises(ValueError, match="wayfold knows xdg_wm_base up to version"),
    ):
        client.bind("xdg_wm_base", 50)


def test_an_interface_that_nobody_knows_is_told_with_its_like(client):
    with pytest.raises(LookupError, match="did you mean wl_output"):
        client.bind("wl_outputs")


def test_binding_newer_than_offered_by_hand_is_refused_locally(client):
    registry = client.display.get_registry()

    with pytest.raises(UnsupportedRequest, match="needs version 8, the object is at version 7"):
        registry.bind(3, schema.interface("wl_seat"), 8)
    with pytest.raises(ValueError, match="global 3 is wl_seat and not wl_output"):
        registry.bind(3, schema.interface("wl_output"), 1)
    client.roundtrip()


def test_an_output_plugged_in_is_bound_and_described(client, scripted_server):
    scripted_server.add_output("HDMI-A-1", size=(800, 600), scale=2)

    state = client.wait_until(lambda state: len(state.outputs) == 2)
    assert [output.name for output in state.outputs.values()] == ["SCRIPTED-1", "HDMI-A-1"]


def test_an_output_unplugged_is_released_once_everybody_has_seen_it(client, scripted_server):
    seen = []
    (output,) = client.state.outputs
    client.on("wl_registry.global_remove", lambda record: seen.append(client.resolve(output)))
    scripted_server.remove_global(4)
    client.wait_until(lambda state: not state.outputs)
    client.roundtrip()

    assert seen[0].subject == output
    assert not seen[0].is_alive
    assert scripted_server.wait_for("wl_output.release").object_id
    assert client.log[-1].name == "wl_callback.done"


def test_an_old_output_is_let_go_without_a_release(scripted_server):
    scripted_server.remove_global(4)
    scripted_server.add_global("wl_output", 2)
    with wayfold.connect(scripted_server.client_socket) as client:
        scripted_server.remove_global(5)
        client.wait_until(lambda state: not state.outputs)
        client.roundtrip()

        assert "wl_output.release" not in [r.key for r in scripted_server.requests]


def test_an_output_that_comes_back_is_a_new_subject(client, scripted_server):
    (before,) = client.state.outputs
    scripted_server.remove_global(4)
    client.wait_until(lambda state: not state.outputs)
    scripted_server.add_output("SCRIPTED-1")

    (after,) = client.wait_until(lambda state: state.outputs).outputs
    assert after != before


def acknowledged(server):
    return [r.arguments[1] for r in server.requests if r.key == "wl_fixes.ack_global_remove"]


def test_a_removal_is_acknowledged_where_the_compositor_wants_it(connected):
    server, client = connected(("wl_fixes", 2))
    server.remove_global(4)
    client.wait_until(lambda state: not state.outputs)
    client.roundtrip()

    assert acknowledged(server) == [4]
    keys = [request.key for request in server.requests]
    assert keys.index("wl_output.release") < keys.index("wl_fixes.ack_global_remove")


def test_a_removal_is_acknowledged_once_for_each_registry(connected):
    server, client = connected(("wl_fixes", 2))
    client.display.get_registry()
    client.roundtrip()
    server.remove_global(4)
    client.wait_until(lambda state: not state.outputs)
    client.roundtrip()

    assert acknowledged(server) == [4]


def test_a_removal_during_the_start_is_acknowledged_too(scripted_server):
    def vanish(request):
        (registry,) = request.created
        registry.event("global", 1, "wl_fixes", 2)
        registry.event("global", 9, "wl_output", 4)
        registry.event("global_remove", 9)

    def bind(request):
        request.resource.peer.add(request.arguments[3], "wl_fixes", 2)

    scripted_server.on("wl_display.get_registry", vanish)
    scripted_server.on("wl_registry.bind", bind)
    with wayfold.connect(scripted_server.client_socket) as client:
        client.roundtrip()

        assert acknowledged(scripted_server) == [9]


def test_an_old_wl_fixes_is_not_asked(connected):
    server, client = connected(("wl_fixes", 1))
    server.remove_global(4)
    client.wait_until(lambda state: not state.outputs)
    client.roundtrip()

    assert not acknowledged(server)


def test_a_global_that_vanishes_under_a_bind_is_a_violation_where_the_protocol_has_no_way(
    scripted_server,
):
    def vanish(seat):
        scripted_server.remove_global(4)

    scripted_server.on_bind("wl_seat", vanish)

    with pytest.raises(ProtocolViolation, match=r"invalid global wl_output \(4\)") as caught:
        wayfold.connect(scripted_server.client_socket)
    assert caught.value.request.name == "wl_registry.bind"
    assert caught.value.request.data["interface"] == "wl_output"


def test_every_global_of_weston_that_is_not_private_can_be_bound(wayland_client):
    offered = wayland_client.state.globals.values()
    for found in [each for each in offered if not each.interface.startswith("weston_")]:
        made = wayland_client.bind(found.interface, name=found.name)
        assert made.version <= found.version
    wayland_client.roundtrip()


@pytest.mark.parametrize("name", ["weston_named", "sway"])
def test_the_first_state_of_a_real_compositor_is_complete(name, request):
    compositor = request.getfixturevalue(name)
    with wayfold.connect(compositor.display) as client:
        head = client.log.head
        state = client.state
        client.roundtrip()
        later = {record.name for record in client.log.records(after=head)}

        assert later == {"wl_display.sync", "wl_callback.done"}
        for interface, known in (("wl_output", state.outputs), ("wl_seat", state.seats)):
            offered = [g for g in state.globals.values() if g.interface == interface]
            assert [g.bound[0] for g in offered] == list(known)
        assert client.state == state


@pytest.mark.wayland(needs=["seat"])
def test_the_first_state_has_the_keymap_of_every_keyboard(compositor):
    with wayfold.connect(compositor.connect()) as client:
        (seat,) = client.state.seats.values()

        assert seat.keyboard.keymap_size > 1000
        assert seat.keyboard.repeat_rate > 0
        ready = next(client.log.records(name="connection.ready")).position
        assert next(client.log.records(name="wl_keyboard.keymap")).position < ready
