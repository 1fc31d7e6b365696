"""A compositor that dies and comes back: the log goes on, and so does the client."""

import asyncio

import pytest

import wayfold
from wayfold.errors import ConnectionLost, ProtocolViolation
from wayfold.log import Log
from wayfold.model import SessionModel


@pytest.fixture
def client(weston_named):
    with wayfold.connect(weston_named.display, reconnect=True) as client:
        yield client


def opened(log):
    return len(names(log, "connection.opened"))


def names(log, *wanted):
    return [record.name for record in log.records(name=wanted)]


def test_the_log_goes_on_over_a_restart(client, weston_named):
    (before,) = client.state.outputs
    weston_named.restart()
    client.wait_until(lambda state: state.outputs and before not in state.outputs)
    client.run(until=lambda _: client.log[-1].name == "connection.ready", timeout=20)
    (after,) = client.state.outputs

    assert names(client.log, "connection.*", "output.added", "output.removed") == [
        "connection.opened",
        "output.added",
        "connection.ready",
        "connection.lost",
        "output.removed",
        "connection.opened",
        "output.added",
        "connection.ready",
    ]
    assert after.startswith("wl_output#")
    assert [record.position for record in client.log] == list(range(1, client.log.head + 1))


def test_handlers_see_the_loss_and_the_return_as_records(client, weston_named):
    heard = []
    client.on(
        ("connection.*", "output.added", "output.removed"), lambda record: heard.append(record.name)
    )
    weston_named.kill()
    client.wait_until(lambda state: not state.outputs)
    assert not client.is_open
    assert not client.is_over
    weston_named.restart()
    client.run(until=lambda _: "connection.ready" in heard, timeout=20)

    assert heard == [
        "connection.lost",
        "output.removed",
        "connection.opened",
        "output.added",
        "connection.ready",
    ]


def test_a_window_can_be_opened_again_when_the_client_is_ready(client, weston_named):
    windows = [client.window("w", 20, 20)]
    client.run(until=lambda _: windows[0].frames, timeout=20)
    client.on("connection.ready", lambda record: windows.append(client.window("w", 20, 20)))
    weston_named.restart()
    client.run(until=lambda _: len(windows) == 2 and windows[1].frames, timeout=20)

    assert len(client.state.windows) == 1
    with pytest.raises(ConnectionLost, match="the compositor closed"):
        windows[0].surface.commit()
    windows[0].destroy()


def test_what_waits_for_the_compositor_itself_is_told_that_it_is_gone(client, weston_named):
    callback = client.display.sync()
    weston_named.kill()
    with pytest.raises(ConnectionLost):
        while callback.is_alive:
            client.roundtrip()
    with pytest.raises(ConnectionLost):
        client.bind("wl_compositor")

    weston_named.restart()
    client.run(until=lambda state: state.outputs, timeout=20)
    client.roundtrip()


def test_it_waits_longer_and_longer_and_writes_nothing_down_meanwhile(client, weston_named):
    weston_named.kill()
    client.wait_until(lambda state: not state.outputs)
    head = client.log.head
    waits = 0
    while client.loop.due_s() < 0.3:
        client.dispatch()
        waits += 1

    assert 3 <= waits <= 12
    assert client.log.head == head


def test_a_client_that_is_closed_comes_back_no_more(weston_named):
    with wayfold.connect(weston_named.display, reconnect=True) as client:
        weston_named.kill()
        client.wait_until(lambda state: not state.outputs)

    assert client.is_over
    assert client.run()


def test_a_fault_of_our_own_is_raised_and_ends_it(client):
    surface = client.bind("wl_compositor").create_surface()
    client.bind("xdg_wm_base").get_xdg_surface(surface)
    surface.commit()
    with pytest.raises(ProtocolViolation, match="not_constructed"):
        client.run(timeout=20)

    assert client.is_over
    assert names(client.log, "connection.lost") == ["connection.lost"]


def test_a_compositor_that_takes_the_connection_and_dies_again_is_left(weston_named):
    with wayfold.connect(weston_named.display, reconnect=True) as client:
        for count in (2, 3, 4):
            weston_named.restart()
            client.run(until=lambda _: opened(client.log) == count, timeout=20)  # noqa: B023
        client.run(until=lambda state: state.outputs, timeout=20)

    assert len(names(client.log, "connection.lost")) == 3


def test_a_descriptor_cannot_be_come_back_to(weston, open_descriptors):
    before = open_descriptors()
    with pytest.raises(ValueError, match="cannot be opened again: to reconnect, name a display"):
        wayfold.connect(weston.client_socket, reconnect=True)

    assert open_descriptors() < before  # it had been taken over


def test_a_recording_of_two_sessions_folds_to_what_was_seen(weston_named, tmp_path):
    path = tmp_path / "session.wayfold"
    with wayfold.connect(weston_named.display, log=path, reconnect=True) as client:
        weston_named.restart()
        client.run(until=lambda _: len(names(client.log, "connection.ready")) == 2, timeout=20)
        live, head = client.state, client.log.head
    with Log.open(path, read_only=True, model=SessionModel()) as log:
        assert log.state_at(head) == live
        assert log.verify() == len(log)


def test_an_asyncio_client_comes_back_too(weston_named):
    async def main():
        async with wayfold.aio.connect(weston_named.display, reconnect=True) as client:
            weston_named.restart()
            with pytest.raises(ConnectionLost):
                await client.roundtrip()
            async for record in client.records("connection.*"):
                if record.name == "connection.ready":
                    break
            await client.roundtrip()
            return client.state.outputs

    assert asyncio.run(asyncio.wait_for(main(), 30))
