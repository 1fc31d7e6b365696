"""The public face: handlers, waiting, the log and the state of one client."""

import os
import selectors
import traceback

import pytest

import wayfold
from wayfold.errors import ConnectionLost, DeadObject, LogFull, MissingGlobal
from wayfold.log import FactModel
from wayfold.log.memory import MemoryStore


def ask(client):
    """Have the server answer once; gives the name of what it answers."""
    client.display.sync()
    return "wl_callback.done"


def test_the_first_state_is_complete_when_connect_returns(client):
    assert {g.interface for g in client.state.globals.values()} == {
        "wl_compositor",
        "wl_shm",
        "wl_seat",
        "wl_output",
    }
    (output,) = client.state.outputs.values()
    assert output.mode.width == 640
    (seat,) = client.state.seats.values()
    assert seat.name == "seat0"


def test_a_handler_hears_by_pattern_and_subject(client):
    heard = {"all": [], "one": [], "some": []}
    client.on("*", lambda record: heard["all"].append(record.name))
    client.on(("wl_callback.*", "none.such"), lambda record: heard["some"].append(record.name))
    callback = client.display.sync()
    client.on("*", lambda record: heard["one"].append(record.name), subject=callback)
    client.roundtrip()

    assert heard["one"] == ["wl_callback.done"]
    assert heard["some"] == ["wl_callback.done"] * 2
    assert heard["all"].count("wl_display.sync") == 2


def test_a_decorated_function_is_a_handler_and_stays_a_function(client):
    heard = []

    @client.on("wl_callback.done")
    def done(record):
        heard.append(record.subject)

    client.roundtrip()
    client.off(done)
    client.roundtrip()

    assert len(heard) == 1
    with pytest.raises(ValueError, match="was not told of anything"):
        client.off(done)


@pytest.mark.parametrize("name", ["", ()])
def test_a_handler_of_nothing_is_refused(client, name):
    with pytest.raises(ValueError, match="must not be empty"):
        client.on(name, print)


def test_what_cannot_be_called_is_no_handler(client):
    with pytest.raises(TypeError, match="must be callable, int is not"):
        client.on("*", 7)


def test_an_async_function_is_no_handler(client):
    class Bar:
        async def hear(self, record):
            pass

    for function in (Bar.hear, Bar().hear):
        with pytest.raises(TypeError, match="start a task in a plain one"):
            client.on("*", function)


def test_a_handlers_exception_leaves_run_with_its_traceback(client):
    def boom(record):
        raise RuntimeError("boom")

    client.on("wl_callback.done", boom)
    with pytest.raises(RuntimeError, match="boom") as caught:
        client.roundtrip()

    assert "in boom" in "".join(traceback.format_exception(caught.value))
    client.off(boom)
    client.roundtrip()


def test_what_follows_a_failed_handler_is_told_with_the_next_dispatch(client):
    heard = []

    def fail_once(record):
        if not heard:
            heard.append("failed")
            raise RuntimeError("once")

    client.on("wl_callback.done", fail_once)
    client.on("wl_callback.done", lambda record: heard.append(record.subject))
    first, second = client.display.sync(), client.display.sync()
    with pytest.raises(RuntimeError):
        client.run(timeout=5)
    client.run(timeout=5, until=lambda _: len(heard) >= 3)

    assert heard == ["failed", first.subject, second.subject]


def test_handlers_may_come_and_go_while_they_are_told(client):
    heard = []

    def first(record):
        heard.append("first")
        client.off(first)
        client.off(second)
        client.on("wl_callback.done", third)

    def second(record):
        heard.append("second")

    def third(record):
        heard.append("third")

    client.on("wl_callback.done", first)
    client.on("wl_callback.done", second)
    client.roundtrip()
    client.roundtrip()

    assert heard == ["first", "third"]


def test_a_handler_sees_the_state_and_the_log_of_its_whole_batch(client, scripted_server):
    seen = []
    client.on("wl_output.mode", lambda record: seen.append((client.log.head, client.state)))
    with scripted_server.corked():
        scripted_server.event("wl_output", "mode", 1, 800, 600, 0)
        scripted_server.event("wl_output", "done")
    client.wait_until(lambda _: seen)
    head, state = seen[0]

    assert next(iter(state.outputs.values())).mode.width == 800
    assert head == client.log.head


def test_a_roundtrip_in_a_handler_is_possible(client):
    heard = []

    def handler(record):
        heard.append(record.subject)
        if len(heard) == 1:
            client.roundtrip()
            heard.append("after")

    client.on("wl_callback.done", handler)
    client.roundtrip()

    assert len(heard) == 3
    assert heard[2] == "after"


def test_closing_in_a_handler_ends_run(client):
    client.on("wl_callback.done", lambda record: client.close())
    client.on("wl_callback.done", lambda record: 1 / 0)
    client.display.sync()

    assert client.run(timeout=5) is True
    assert client.is_closed
    client.close()


def test_facts_of_the_application_are_heard_and_leave_the_state_alone(client):
    heard = []
    client.on("lamp.*", heard.append)
    before = client.state
    record = client.log.append("lamp.lit", "lamp/1", {"by": "hand"})
    client.dispatch(0)

    assert heard == [record]
    assert (record.origin, record.version) == ("app", 1)
    assert client.state == before


def test_what_a_handler_appends_is_heard_in_the_same_dispatch(client):
    heard = []
    client.on("wl_callback.done", lambda record: client.log.append("answer.came", "app"))
    client.on("answer.came", heard.append)
    client.roundtrip()

    assert [record.name for record in heard] == ["answer.came"]


def test_descriptors_are_open_in_the_handler_and_closed_behind_it(client, scripted_server):
    kept, seen = [], []

    def keymap(record):
        (descriptor,) = client.descriptors(record)
        seen.append((os.fstat(descriptor.fileno()).st_size, record.data["size"]))
        kept.append(descriptor)

    client.on("wl_keyboard.keymap", keymap)
    client.roundtrip()
    read, write = os.pipe()
    with open(os.memfd_create("keymap"), "w+b") as memory:
        memory.truncate(77)
        scripted_server.resource("wl_keyboard").event("keymap", 1, memory.fileno(), 77)
        client.wait_until(lambda _: seen)
    for descriptor in (read, write):
        os.close(descriptor)

    assert seen == [(77, 77)]
    with pytest.raises(ValueError, match="closed"):
        kept[0].fileno()


def test_a_descriptor_that_was_taken_stays_open(client, scripted_server):
    taken = []
    client.on("wl_keyboard.keymap", lambda r: taken.append(client.descriptors(r)[0].take()))
    client.roundtrip()
    with open(os.memfd_create("keymap"), "w+b") as memory:
        memory.write(b"xkb_keymap")
        memory.flush()
        scripted_server.resource("wl_keyboard").event("keymap", 1, memory.fileno(), 10)
        client.wait_until(lambda _: taken)

    assert os.pread(taken[0], 10, 0) == b"xkb_keymap"
    os.close(taken[0])


def test_descriptors_that_nobody_takes_are_closed(client, scripted_server, open_descriptors):
    client.roundtrip()
    before = open_descriptors()
    with open(os.memfd_create("keymap"), "w+b") as memory:
        for _ in range(100):
            scripted_server.resource("wl_keyboard").event("keymap", 1, memory.fileno(), 10)
    client.wait_until(lambda _: len(list(client.log.records(name="*.keymap"))) == 100)

    assert open_descriptors() == before


def test_subjects_lead_to_their_objects_while_they_live(client):
    surface = client.bind("wl_compositor").create_surface()
    assert client.resolve(surface.subject) is surface

    surface.destroy()
    with pytest.raises(KeyError, match="is not a live object"):
        client.resolve(surface.subject)
    with pytest.raises(DeadObject, match=f"{surface.subject} has been destroyed"):
        surface.commit()
    client.roundtrip()


def test_requests_are_in_the_log_before_they_are_sent(client, scripted_server):
    with scripted_server.corked():
        surface = client.bind("wl_compositor").create_surface()
        surface.damage(1, 2, 3, 4)

    record = client.log[-1]
    assert (record.name, record.origin, record.subject) == (
        "wl_surface.damage",
        "client",
        surface.subject,
    )
    assert record.data == {"x": 1, "y": 2, "width": 3, "height": 4}


def test_what_is_not_offered_is_told_with_what_was_needed(client):
    with pytest.raises(MissingGlobal, match="xdg_wm_base version 1 or newer is needed"):
        client.window("w", 10, 10)
    with pytest.raises(LookupError, match="did you mean wl_output"):
        client.bind("wl_outptu")
    with pytest.raises(TypeError, match="bind takes several interfaces"):
        wayfold.connect("none", bind="wl_output")


def test_a_log_with_a_model_of_its_own_is_refused(scripted_server):
    class Kiosk(FactModel):
        initial = ()

    log = wayfold.Log.memory(model=Kiosk())
    with pytest.raises(ValueError, match=r"folds SessionModel.*this one folds Kiosk"):
        wayfold.connect(scripted_server.client_socket, log=log)


def test_an_option_that_windows_do_not_have_is_told_with_those_they_have(client):
    with pytest.raises(TypeError, match="no option 'drw'; there are: app_id, draw, scale"):
        client.window("w", 10, 10, drw=1)


def test_several_clients_live_side_by_side(scripted_server):
    with (
        wayfold.connect(scripted_server.new_client()) as one,
        wayfold.connect(scripted_server.new_client()) as other,
    ):
        other.log.append("only.here", "app")
        one.roundtrip()
        other.roundtrip()

        assert not list(one.log.records(name="only.here"))
        with (
            scripted_server.new_client() as third,
            pytest.raises(ValueError, match="another connection writes to this log"),
        ):
            wayfold.connect(third, log=one.log)
        surface = one.bind("wl_compositor").create_surface()
        with pytest.raises(ValueError, match="belongs to another connection"):
            other.bind("wl_seat").get_pointer().set_cursor(0, surface, 0, 0)


def test_a_log_serves_one_session_after_the_other(scripted_server):
    log = wayfold.Log.memory()
    for _ in range(2):
        with wayfold.connect(scripted_server.new_client(), log=log) as client:
            client.roundtrip()
    subjects = [record.subject for record in log.records(name="wl_output.mode")]

    assert len(subjects) == len(set(subjects)) == 2
    assert log.state.connection.status == "closed"
    assert not log.state.globals


def test_a_log_that_has_dropped_its_start_is_refused_before_anything_is_opened(
    scripted_server, open_descriptors
):
    log = wayfold.Log.memory(keep=1)
    for _ in range(10):
        log.append("lamp.lit", "lamp/1")
    before = open_descriptors()
    with scripted_server.new_client() as sock:
        with pytest.raises(wayfold.PositionCut):
            wayfold.connect(sock, log=log)
        assert sock.fileno() >= 0

    assert open_descriptors() <= before + 1  # the server's end of it


def test_a_log_in_a_file_is_opened_and_closed_with_the_client(scripted_server, tmp_path):
    path = tmp_path / "session.wayfold"
    with wayfold.connect(scripted_server.client_socket, log=path) as client:
        state = client.state
        position = client.log.head

    with wayfold.Log.open(path, model=wayfold.model.SessionModel()) as log:
        assert log.state_at(position) == state
        assert log.verify() == log.head > position


class FullDisk(MemoryStore):
    """A store that takes nothing more once it is full."""

    is_full = False

    def append(self, *appended):
        if self.is_full:
            raise LogFull("session.wayfold", "no room")
        super().append(*appended)


def test_a_log_without_room_does_not_keep_a_client_open(scripted_server, open_descriptors):
    before, store = open_descriptors(), FullDisk(1000)
    client = wayfold.connect(scripted_server.new_client(), log=wayfold.Log(store))
    store.is_full = True
    with pytest.raises(LogFull):
        client.roundtrip()
    with pytest.raises(LogFull):
        client.close()
    client.close()
    with pytest.raises(ConnectionLost, match="closed on this side"):
        client.roundtrip()

    assert open_descriptors() <= before + 1  # the server's end of it


def test_the_environment_may_name_the_file(scripted_server, tmp_path, monkeypatch):
    monkeypatch.setenv("WAYFOLD_LOG", str(tmp_path / "session.wayfold"))
    with wayfold.connect(scripted_server.client_socket) as client:
        head = client.log.head

    with wayfold.Log.open(tmp_path / "session.wayfold", read_only=True) as log:
        assert log.head > head


def test_a_file_is_free_again_when_connecting_fails(tmp_path):
    path = tmp_path / "session.wayfold"
    with pytest.raises(wayfold.ConnectionFailed):
        wayfold.connect(str(tmp_path / "none"), log=path)

    wayfold.Log.open(path).close()


def test_a_plain_selectors_loop_drives_a_client(client):
    heard, fired = [], []
    client.on("wl_callback.done", heard.append)
    client.loop.call_later(0.01, lambda: fired.append(1))
    client.display.sync()
    with selectors.DefaultSelector() as selector:
        selector.register(client.fileno(), selectors.EVENT_READ)
        for _ in range(1000):
            if heard and fired:
                break
            selector.select(client.prepare())
            client.process()

    assert (len(heard), fired) == (1, [1])


def test_after_a_loss_every_use_tells_it(client, scripted_server):
    surface = client.bind("wl_compositor").create_surface()
    scripted_server.hang_up()
    with pytest.raises(ConnectionLost, match="the compositor closed the connection"):
        client.run(timeout=5)

    for use in (client.dispatch, client.roundtrip, surface.commit, lambda: client.bind("wl_shm")):
        with pytest.raises(ConnectionLost) as caught:
            use()
        assert caught.value.reason == "the compositor closed the connection"
    assert client.run() is True
    assert client.state.connection.status == "lost"


def test_what_a_loss_derives_is_told_once(client, scripted_server):
    heard = []
    client.on("output.removed", heard.append)
    scripted_server.hang_up()
    with pytest.raises(ConnectionLost):
        client.run(timeout=5)

    assert [record.subject for record in heard] == [
        record.subject for record in client.log.records(name="output.removed")
    ]
