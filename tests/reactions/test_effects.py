"""Effects done for real: over HTTP, by commands, on threads, on an asyncio loop."""

import asyncio
import importlib.util
import sys
import threading
from pathlib import Path

import pytest

from wayfold.log import Log
from wayfold.reactions import AsyncioExecutor, Call, Effect, EffectRefused, Process, Retry, Runner
from wayfold.reactions.command import run_command
from wayfold.reactions.http import post

# A module beside this one; tests are no package.
_SPEC = importlib.util.spec_from_file_location("partner", Path(__file__).with_name("partner.py"))
partner_module = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(partner_module)

RETRY = Retry(attempts=4, timeout_s=0.3, first_s=0.01)


class Letters(Process):
    """Does what a letter says."""

    name = "letters"
    hears = "letter.*"
    initial = None

    def fold(self, state, record):
        return state

    def decide(self, state, record):
        if record.name == "letter.written":
            action = record.data.get("action", "http.post")
            yield Effect(action, record.data["arguments"], retry=RETRY)


@pytest.fixture
def partner():
    made = partner_module.Partner()
    yield made
    made.close()


@pytest.fixture
def letters(path):
    with Log.open(path) as log, Runner(log) as runner:
        runner.react(Letters())

        def write(count=1, **data):
            for number in range(count):
                log.append("letter.written", f"letter/{number}", data)
            runner.run(timeout=20, until=lambda: not runner.pending())
            assert runner.pending() == []

        write.log, write.runner = log, runner
        yield write


def last(log):
    return log[-1].name, log[-1].data


def call(timeout_s=5.0, **arguments):
    return Call("key-1", "letter", arguments, 1, timeout_s)


def test_a_post_is_accepted_with_its_key(letters, partner):
    letters(arguments={"url": partner.url, "json": {"to": "anna"}})
    (key,) = partner.accepted

    assert partner.accepted[key] == {"to": "anna"}
    assert last(letters.log)[1]["result"] == {"status": 200, "answer": "ok"}
    required = next(r for r in letters.log if r.name == "effect.required")
    assert required.data["idempotency_key"] == key


@pytest.mark.parametrize("mood", [500, 429, "hang", "close", "dribble"])
def test_a_partner_in_a_mood_is_asked_again_with_the_same_key_and_body(letters, partner, mood):
    partner.moods = [mood]
    letters(arguments={"url": partner.url, "json": {"to": "anna"}})

    ((key, bodies),) = partner.bodies.items()
    assert bodies == [b'{"to":"anna"}'] * 2
    assert partner.accepted == {key: {"to": "anna"}}
    assert last(letters.log)[0] == "effect.done"


def test_a_partner_that_never_accepts_is_given_up(letters, partner):
    partner.moods = [500] * 4
    letters(arguments={"url": partner.url})

    assert (partner.count, partner.accepted) == (4, {})
    assert last(letters.log)[0] == "effect.gave_up"
    assert "answered 500" in last(letters.log)[1]["error"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_redirect_for_now_is_tried_again_where_it_was(letters, partner, status):
    partner.moods = [f"{status} http://127.0.0.1:9/login"]
    letters(arguments={"url": partner.url, "json": {"to": "anna"}})
    (failed,) = letters.log.records(name="effect.failed")

    assert list(partner.accepted.values()) == [{"to": "anna"}]
    assert f"answered {status} " in failed.data["error"]
    assert "leads to http://127.0.0.1:9/login, which a POST does not follow" in failed.data["error"]


@pytest.mark.parametrize("status", [301, 308])
def test_a_redirect_for_good_is_given_up_with_where_it_leads(letters, partner, status):
    partner.moods = [f"{status} {partner.url}/v2"]
    letters(arguments={"url": partner.url})
    name, data = last(letters.log)

    assert (partner.count, name) == (1, "effect.gave_up")
    assert f"it leads to {partner.url}/v2, which a POST does not follow; POST to" in data["error"]


@pytest.mark.parametrize("status", [301, 400, 404])
def test_a_request_that_is_wrong_is_not_repeated(letters, partner, status):
    partner.moods = [status]
    letters(arguments={"url": partner.url})

    assert partner.count == 1
    assert last(letters.log)[0] == "effect.gave_up"


def test_nobody_listening_is_tried_again_and_no_address_is_refused(partner):
    partner.close()
    with pytest.raises(Exception, match=r"Connection refused|NewConnection"):
        post(call(url=partner.url))
    for url in ("nowhere", "http://", "ftp://x/"):
        with pytest.raises(EffectRefused):
            post(call(url=url))


def test_a_command_is_run_with_its_input_and_key(letters):
    program = "import os, sys; print(sys.stdin.read() + os.environ['WAYFOLD_IDEMPOTENCY_KEY'])"
    letters(action="command", arguments={"argv": [sys.executable, "-c", program], "input": "key: "})
    name, data = last(letters.log)

    assert name == "effect.done"
    assert data["result"]["output"].startswith("key: ")
    assert len(data["result"]["output"].split()[1]) == 32


def test_a_command_that_fails_says_how():
    with pytest.raises(RuntimeError, match="sh ended with status 3: no paper"):
        run_command(call(argv=["sh", "-c", "echo no paper >&2; exit 3"]))
    with pytest.raises(EffectRefused, match="cannot be run"):
        run_command(call(argv=["/no/such/program"]))


@pytest.mark.parametrize("told", [{"a": 1}, 5, None, "caf\udce9"])
def test_a_command_is_not_run_without_the_input_that_was_meant_for_it(tmp_path, told):
    with pytest.raises(EffectRefused, match="input as text"):
        run_command(call(argv=["touch", str(tmp_path / "run")], input=told))

    assert not (tmp_path / "run").exists()


def test_a_command_that_hangs_is_ended_with_what_it_started():
    with pytest.raises(TimeoutError, match="did not end within"):
        run_command(call(0.2, argv=["sh", "-c", "sleep 1000 & sleep 1000"]))


def test_effects_are_done_side_by_side_on_threads(letters):
    together = threading.Barrier(3)
    letters.runner.perform("meet", lambda call: {"place": together.wait(10) >= 0})
    letters(3, action="meet", arguments={})

    assert [r.data["result"] for r in letters.log if r.name == "effect.done"] == [
        {"place": True}
    ] * 3


def test_a_coroutine_is_awaited_on_a_thread_too(letters):
    async def greet(call):
        await asyncio.sleep(0)
        return {"hello": call.arguments["to"]}

    letters.runner.perform("greet", greet)
    letters(action="greet", arguments={"to": "anna"})

    assert last(letters.log)[1]["result"] == {"hello": "anna"}


def test_an_action_may_be_the_log_threads_own(letters):
    threads = []
    letters.runner.perform("here", lambda call: threads.append(threading.get_ident()), here=True)
    letters(action="here", arguments={})

    assert threads == [threading.get_ident()]
    assert last(letters.log)[0] == "effect.done"


def test_a_coroutine_is_not_done_by_the_log_threads_own_action(letters):
    async def act(call):
        """Answer nothing."""

    letters.runner.perform("here", act, here=True)
    letters(action="here", arguments={})

    assert last(letters.log)[0] == "effect.gave_up"
    assert "perform it without `here`" in last(letters.log)[1]["error"]


def test_effects_are_done_on_an_asyncio_loop(path):
    moods = ["slow", "bad", None, None]

    async def greet(call):
        mood = moods.pop(0)
        if mood == "slow":
            await asyncio.sleep(60)
        if mood == "bad":
            raise ConnectionError("no route")
        return {"hello": call.arguments["to"]}

    async def main():
        loop, quiet = asyncio.get_running_loop(), asyncio.Event()
        with Log.open(path) as log, Runner(log, executor=AsyncioExecutor(loop)) as runner:

            def turn():
                runner.turn()
                if log.head > 1 and not runner.pending():
                    quiet.set()

            runner.perform("greet", greet)
            runner.perform("plain", lambda call: {"plain": True})
            runner.react(Letters())
            loop.add_reader(runner.fileno(), turn)
            log.append("letter.written", "a", {"action": "greet", "arguments": {"to": "anna"}})
            log.append("letter.written", "b", {"action": "plain", "arguments": {}})
            await asyncio.wait_for(quiet.wait(), 20)
            loop.remove_reader(runner.fileno())
            return [record.data for record in log if record.name == "effect.done"]

    results = [data["result"] for data in asyncio.run(main())]

    assert sorted(results, key=str) == [{"hello": "anna"}, {"plain": True}]
