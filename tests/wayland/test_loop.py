"""One wait for the socket, for timers, for other descriptors and for other threads."""

import os
import signal
import sys
import threading
import time
from concurrent.futures import CancelledError

import pytest

import wayfold
from wayfold.errors import ConnectionLost, WaitTimeout
from wayfold.wayland.loop import Loop

DEADLINE_S = 20


def in_thread(function):
    thread = threading.Thread(target=function)
    thread.start()
    return thread


@pytest.fixture
def pipe():
    read, write = os.pipe()
    yield read, write
    for descriptor in (read, write):
        try:
            os.close(descriptor)
        except OSError:
            pass  # the test has closed it


def test_a_wait_of_ages_is_a_long_wait_and_no_error():
    loop = Loop()
    loop.wake()

    assert loop.wait(1e15) == []
    loop.close()


def test_a_wait_ends_in_time(client):
    start = time.monotonic()
    events = client.dispatch(0.05)

    assert events == 0
    assert 0.05 <= time.monotonic() - start < DEADLINE_S


@pytest.mark.parametrize("wait", ["roundtrip", "wait_until", "run"])
def test_every_wait_has_a_timeout_and_the_client_goes_on(wait, client, scripted_server):
    waits = {
        "roundtrip": lambda: client.roundtrip(timeout=0.05),
        "wait_until": lambda: client.wait_until(lambda state: False, timeout=0.05),
        "run": lambda: client.run(timeout=0.05),
    }
    with scripted_server.sync_held():
        if wait == "run":
            assert waits[wait]() is False
        else:
            with pytest.raises(WaitTimeout, match=r"did not come within 0\.05 s"):
                waits[wait]()

    client.roundtrip()


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_timeout_that_is_none_is_refused(timeout, client):
    with pytest.raises(ValueError, match="a timeout is 0 s or more"):
        client.roundtrip(timeout=timeout)


def test_wake_from_a_thread_ends_a_wait(client):
    thread = in_thread(client.wake)

    assert client.dispatch(DEADLINE_S) == 0
    thread.join()


def test_wake_before_the_wait_ends_it_too(client):
    client.wake()

    assert client.dispatch(DEADLINE_S) == 0


def test_stop_from_a_thread_ends_run(client):
    thread = in_thread(client.stop)

    assert client.run(timeout=DEADLINE_S) is True
    thread.join()


@pytest.fixture
def hasty_threads():
    """Have threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)
    yield
    sys.setswitchinterval(before)


def test_no_wake_is_lost_where_several_threads_wake_at_once(hasty_threads):
    loop, rounds, told = Loop(), 4000, []
    start = threading.Barrier(4)

    def wake(note):
        for number in range(rounds):
            start.wait()
            if note:
                told.append(number)
            loop.wake()

    threads = [in_thread(lambda note=note: wake(note)) for note in (False, False, True)]
    late = 0
    for number in range(rounds):
        start.wait()
        while len(told) <= number:
            began = time.monotonic()
            loop.wait(1.0)
            late += time.monotonic() - began > 0.9
    for thread in threads:
        thread.join()
    loop.close()

    assert late == 0


def test_stop_before_run_ends_it_once(client):
    client.stop()

    assert client.run(timeout=DEADLINE_S) is True
    assert client.run(timeout=0.01) is False


def test_stop_from_a_signal_handler_ends_run(client):
    before = signal.signal(signal.SIGUSR1, lambda *_: client.stop())
    try:
        timer = threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGUSR1))
        timer.start()
        assert client.run(timeout=DEADLINE_S) is True
        timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_an_exception_of_a_signal_handler_leaves_the_wait(client):
    def alarm(*_):
        raise TimeoutError("alarm")

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        with pytest.raises(TimeoutError, match="alarm"):
            client.run(timeout=DEADLINE_S)
    finally:
        signal.signal(signal.SIGALRM, before)
    client.roundtrip()


def test_a_call_from_a_thread_is_done_by_the_clients(client):
    ran = []

    def ask():
        ran.append(client.call(threading.get_ident).result(DEADLINE_S))
        client.stop()

    thread = in_thread(ask)
    client.run(timeout=DEADLINE_S)
    thread.join()

    assert ran == [threading.get_ident()]


def test_an_exception_of_a_call_belongs_to_its_future(client):
    future = client.call(lambda: 1 / 0)
    client.dispatch(DEADLINE_S)

    with pytest.raises(ZeroDivisionError):
        future.result(0)


def test_calls_are_cancelled_when_the_client_is_closed(client):
    early = client.call(lambda: None)
    client.close()
    late = client.call(lambda: None)

    for future in (early, late):
        with pytest.raises(CancelledError):
            future.result(0)


def test_calls_of_many_threads_are_all_done(client):
    done = []
    threads = [in_thread(lambda k=k: client.call(lambda: done.append(k))) for k in range(50)]
    client.run(timeout=DEADLINE_S, until=lambda _: len(done) == 50)
    for thread in threads:
        thread.join()

    assert sorted(done) == list(range(50))


def test_a_call_may_wait_for_the_compositor_while_other_calls_wait(client):
    futures = [client.call(client.roundtrip) for _ in range(3)]
    client.run(timeout=DEADLINE_S, until=lambda _: all(each.done() for each in futures))

    assert [each.exception() for each in futures] == [None] * 3


def test_a_call_that_closes_the_client_cancels_the_others(client):
    client.call(client.close)
    other = client.call(lambda: None)
    client.loop.call_later(0.0, lambda: 1 / 0)

    assert client.run(timeout=DEADLINE_S) is True
    assert other.cancelled()


@pytest.mark.parametrize("timeout", [1e12, float("inf")])
def test_a_wait_may_be_as_long_as_anybody_wants(timeout, client):
    client.wake()

    assert client.dispatch(timeout) == 0


def test_timers_fire_in_order_and_once(client):
    fired = []
    for delay_s in (0.03, 0.01, 0.02):
        client.loop.call_later(delay_s, lambda delay_s=delay_s: fired.append(delay_s))
    client.run(timeout=DEADLINE_S, until=lambda _: len(fired) == 3)
    client.run(timeout=0.05)

    assert fired == [0.01, 0.02, 0.03]


def test_a_cancelled_timer_does_not_fire(client):
    timer = client.loop.call_later(0.0, lambda: 1 / 0)
    timer.cancel()
    timer.cancel()
    client.dispatch(0.01)

    assert not timer.is_waiting


def test_an_exception_of_a_timer_leaves_the_wait_and_later_timers_go_on(client):
    fired = []
    client.loop.call_later(0.0, lambda: 1 / 0)
    client.loop.call_later(0.0, lambda: fired.append(1))
    with pytest.raises(ZeroDivisionError):
        client.dispatch(DEADLINE_S)
    client.dispatch(DEADLINE_S)

    assert fired == [1]


def test_a_delay_that_is_none_is_refused(client):
    with pytest.raises(ValueError, match="a delay is 0 s or more"):
        client.loop.call_later(-1, print)


def test_another_descriptor_is_waited_for(client, pipe):
    read, write = pipe
    got = []
    client.loop.add(read, lambda: got.append(os.read(read, 10)))
    os.write(write, b"told")
    client.run(timeout=DEADLINE_S, until=lambda _: got)

    assert got == [b"told"]
    with pytest.raises(ValueError, match="already waited for"):
        client.loop.add(read, print)


def test_a_descriptor_may_be_removed_in_its_own_callback(client, pipe):
    read, write = pipe
    calls = []

    def once():
        calls.append(1)
        client.loop.remove(read)
        client.loop.remove(read)

    client.loop.add(read, once)
    os.write(write, b"told")
    client.dispatch(DEADLINE_S)
    client.dispatch(0.01)

    assert calls == [1]


def test_a_descriptor_may_be_closed_before_it_is_removed(client, pipe):
    read, write = pipe
    client.loop.add(read, lambda: 1 / 0)
    os.close(read)
    os.dup2(write, read)  # another has its number
    client.loop.remove(read)
    client.loop.remove(read)

    assert client.dispatch(0) == 0


def test_waking_a_closed_client_is_harmless(client):
    client.close()
    client.wake()
    client.stop()


def test_hearing_more_or_less_of_a_closed_client_is_harmless(client):
    client.on("wl_output.*", print)
    client.close()
    client.off(print)
    client.on("wl_output.*", print)
    client.off(print)


def test_a_client_is_not_closed_under_a_thread_that_waits_in_it(client):
    thread = in_thread(client.run)
    deadline = time.monotonic() + DEADLINE_S
    while not client.loop.is_awaited_elsewhere:
        assert time.monotonic() < deadline
    with pytest.raises(RuntimeError, match=r"end that by stop\(\)"):
        client.close()
    client.call(client.close)
    thread.join()

    assert client.is_closed


def test_waiting_with_a_closed_client_is_told(client):
    client.close()
    for wait in (client.dispatch, client.roundtrip, lambda: client.bind("wl_shm")):
        with pytest.raises(ConnectionLost, match="closed on this side"):
            wait()

    assert client.run() is True


def test_a_client_is_collected_without_its_descriptors(scripted_server, open_descriptors):
    before = open_descriptors()
    client = wayfold.connect(scripted_server.new_client())
    client.on("*", client.wake)
    del client

    assert open_descriptors() <= before + 1  # the server's end of it
