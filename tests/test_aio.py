"""The same client under asyncio: no thread, no polling, safe to cancel at every await."""

import asyncio
import socket
import threading
import time

import pytest

import wayfold
import wayfold.aio
from wayfold.errors import (
    ConnectionLost,
    ConnectTimeout,
    NoSuchSocket,
    PositionCut,
    WaitTimeout,
)
from wayfold.testing import ScriptedServer

DEADLINE_S = 20


def run(main):
    """Run a coroutine with a deadline, and have asyncio tell its own mistakes."""

    async def limited():
        async with asyncio.timeout(DEADLINE_S):
            return await main

    return asyncio.run(limited(), debug=True)


@pytest.fixture
def server():
    with ScriptedServer() as made:
        yield made


def connected(server, **options):
    return wayfold.aio.connect(server.new_client(), **options)


def test_the_first_state_is_complete(server):
    async def main():
        async with connected(server) as client:
            return len(client.state.globals), client.is_open, repr(client.client)

    globals_, is_open, _ = run(main())
    assert (globals_, is_open) == (4, True)


def test_a_record_is_waited_for_and_missed_in_time(server):
    async def main():
        async with connected(server) as client:
            asyncio.get_running_loop().call_later(0.01, server.add_output, "DP-9")
            added = await client.eventually("output.added", data={"name": "DP-9"})
            with pytest.raises(wayfold.ExpectationFailed, match=r"no output\.removed"):
                await client.eventually("output.removed", timeout=0.05)
            return added.name, client.is_open

    assert run(main()) == ("output.added", True)


def test_roundtrips_and_waits_end(server):
    async def main():
        async with connected(server) as client:
            await client.roundtrip()
            server.event("wl_output", "scale", 3)
            server.event("wl_output", "done")
            state = await client.wait_until(
                lambda state: any(output.scale == 3 for output in state.outputs.values())
            )
            assert state is client.state
            assert await client.run(timeout=0.01) is False
            assert await client.run(until=lambda state: True) is True
            asyncio.get_running_loop().call_later(0.01, client.stop)
            assert await client.run() is True

    run(main())


def test_waits_have_timeouts_and_the_client_goes_on(server):
    async def main():
        async with connected(server) as client:
            with server.sync_held():
                with pytest.raises(WaitTimeout, match=r"did not come within 0\.05 s"):
                    await client.roundtrip(timeout=0.05)
                with pytest.raises(WaitTimeout):
                    await client.wait_until(lambda state: False, timeout=0.05)
            await client.roundtrip()

    run(main())


def test_records_come_in_order_without_gaps(server):
    async def main():
        async with connected(server) as client:
            before = client.log.head
            for scale in range(1, 501):
                server.event("wl_output", "scale", scale)
            found = []
            async for record in client.records("wl_output.scale", after=before):
                found.append(record.data["factor"])
                if len(found) == 500:
                    return found
        return None

    assert run(main()) == list(range(1, 501))


def test_a_slow_reader_reads_on_from_the_log(server):
    async def main():
        async with connected(server) as client:
            after = client.log.head
            for scale in range(100):
                server.event("wl_output", "scale", scale)
            await client.roundtrip()
            reader = client.records("wl_output.scale", after=after, ahead=2)
            first = await anext(reader)
            for scale in range(100, 200):
                server.event("wl_output", "scale", scale)
            await client.roundtrip()
            rest = [(await anext(reader)).data["factor"] for _ in range(199)]
            await reader.aclose()
            return [first.data["factor"], *rest]

    assert run(main()) == list(range(200))


def test_a_reader_that_may_hold_nothing_is_refused(server):
    async def main():
        async with connected(server) as client:
            with pytest.raises(ValueError, match="ahead must be at least 1"):
                client.records(ahead=0)

    run(main())


def test_a_reader_that_is_too_slow_for_a_bounded_log_is_told(server):
    async def main():
        async with connected(server, log=wayfold.Log.memory(keep=50)) as client:
            reader = client.records("wl_output.scale")
            server.event("wl_output", "scale", 0)
            await anext(reader)
            for _ in range(40):
                for scale in range(500):
                    server.event("wl_output", "scale", scale)
                await client.roundtrip()
            with pytest.raises(PositionCut, match="was cut"):
                async for _ in reader:
                    pass

    run(main())


def test_records_end_with_the_connection(server):
    async def main():
        async with connected(server) as client:
            reader = client.records()
            server.hang_up()
            with pytest.raises(ConnectionLost):
                async for record in reader:
                    last = record
            assert last.name in ("connection.lost", "output.removed", "seat.removed")

    run(main())


def test_records_end_when_the_client_is_closed(server):
    async def main():
        async with connected(server) as client:
            asyncio.get_running_loop().call_later(0.01, client.close)
            names = [record.name async for record in client.records()]
        assert "connection.closed" in names

    run(main())


def test_a_handlers_exception_comes_out_of_the_await(server):
    async def main():
        async with connected(server) as client:

            @client.on("wl_output.scale")
            def boom(record):
                raise RuntimeError("boom")

            server.event("wl_output", "scale", 2)
            with pytest.raises(RuntimeError, match="boom"):
                await client.run()
            client.off(boom)
            await client.roundtrip()

    run(main())


def test_an_exception_that_nobody_waits_for_goes_to_the_loops_handler(server):
    async def main():
        told = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().set_exception_handler(
            lambda loop, context: told.set_result(context["exception"])
        )
        async with connected(server) as client:
            client.on("wl_output.scale", lambda record: 1 / 0)
            server.event("wl_output", "scale", 2)
            return await told

    assert isinstance(run(main()), ZeroDivisionError)


def test_a_loss_while_a_wait_is_ending_ends_the_next_one(server):
    async def main():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with connected(server) as client:
            client.on("lamp.lit", lambda record: None)
            with server.sync_held():
                waiting = asyncio.create_task(client.roundtrip())
                await asyncio.sleep(0)
                server.hang_up()
                client.log.append("lamp.lit", "lamp/1")  # ends the wait, and then comes the loss
                with pytest.raises(ConnectionLost, match="the compositor closed the connection"):
                    await waiting
        return [type(context["exception"]) for context in told]

    assert run(main()) == [ConnectionLost]


def test_a_client_needs_no_thread(server, tmp_path):
    server.listen(str(tmp_path / "wayland-0"))

    async def main():
        before = threading.active_count()
        async with wayfold.aio.connect(tmp_path / "wayland-0") as client:
            await client.roundtrip()
            return threading.active_count() - before

    assert run(main()) == 0


@pytest.fixture
def busy(tmp_path):
    """A listener that has no room for another connection until somebody accepts one."""
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(tmp_path / "wayland-0"))
        listener.listen(0)
        first.connect(str(tmp_path / "wayland-0"))
        yield listener


async def entered(connecting):
    async with connecting:
        pass


def accept_two(listener):
    return [listener.accept()[0] for _ in range(2)]


def test_a_compositor_without_room_is_waited_for(busy):
    async def main():
        task = asyncio.create_task(entered(wayfold.aio.connect(busy.getsockname(), timeout=1)))
        await asyncio.sleep(0)
        accepted = await asyncio.to_thread(accept_two, busy)
        with pytest.raises(ConnectTimeout, match="did not answer within 1 s"):
            await task
        for each in accepted:
            each.close()

    run(main())


def test_a_connection_that_nobody_waits_for_any_more_is_closed(busy):
    async def main():
        task = asyncio.create_task(entered(wayfold.aio.connect(busy.getsockname())))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        first, second = await asyncio.to_thread(accept_two, busy)
        with first, second:
            return await asyncio.to_thread(second.recv, 1)

    assert run(main()) == b""


@pytest.mark.parametrize("steps", range(12))
def test_connecting_may_be_cancelled_at_every_step(server, steps, open_descriptors):
    async def main():
        async def connect_and_wait():
            async with connected(server) as client:
                await client.run()

        task = asyncio.create_task(connect_and_wait())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.get_running_loop().shutdown_default_executor()

    with server.new_client(), server.new_client():
        pass
    run(main())
    before = open_descriptors()
    run(main())

    assert open_descriptors() - before <= 1  # the server's end, until it has noticed


@pytest.mark.parametrize("wait", ["roundtrip", "wait_until", "run", "records"])
def test_a_cancelled_wait_loses_nothing(server, wait):
    async def main():
        async with connected(server) as client:
            after = client.log.head
            waits = {
                "roundtrip": client.roundtrip,
                "wait_until": lambda: client.wait_until(lambda state: False),
                "run": client.run,
                "records": lambda: anext(client.records("none.such")),
            }
            with server.sync_held():
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.02):
                        await waits[wait]()
                server.event("wl_output", "scale", 7)
            await client.roundtrip()
            found = client.log.records(after=after, name="wl_output.scale")
            assert [record.data["factor"] for record in found] == [7]

    run(main())


def test_an_idle_client_uses_no_processor(server):
    async def main():
        async with connected(server) as client:
            await client.roundtrip()
            before = time.process_time()
            await client.run(timeout=0.3)
            return time.process_time() - before

    assert run(main()) < 0.15


def test_requests_are_sent_without_being_asked_for(server):
    async def main():
        async with connected(server) as client:
            client.bind("wl_compositor").create_surface()
            await asyncio.to_thread(server.wait_for, "wl_compositor.create_surface")

    run(main())


def test_a_full_socket_is_written_to_when_it_empties(server):
    async def main():
        async with connected(server) as client:
            surface = client.bind("wl_compositor").create_surface()
            server.freeze()
            for number in range(20_000):
                surface.damage(number, 0, 1, 1)
            await asyncio.sleep(0)
            server.thaw()
            await client.roundtrip()
        return sum(request.key == "wl_surface.damage" for request in server.requests)

    assert run(main()) == 20_000


def test_errors_of_connecting_are_those_of_connect(tmp_path):
    async def main():
        async with wayfold.aio.connect(str(tmp_path / "none")):
            pass

    with pytest.raises(NoSuchSocket):
        run(main())


def test_two_clients_share_a_loop(server):
    async def main():
        async with connected(server) as one, connected(server) as other:
            await asyncio.gather(one.roundtrip(), other.roundtrip(), one.roundtrip())
            window = one.window
            assert callable(window)
            with pytest.raises(AttributeError, match="AsyncClient has no dispatch"):
                one.dispatch  # noqa: B018

    run(main())


def test_a_window_draws_under_asyncio(weston):
    async def main():
        async with wayfold.aio.connect(weston.client_socket) as client:
            window = client.window("w", 20, 20, draw=lambda canvas: True)
            await client.run(until=lambda _: window.frames >= 5)
            return window.frames

    assert run(main()) >= 5
