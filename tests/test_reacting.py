"""A client that reacts: processes hear Wayland's records and send requests."""

import pytest

import wayfold
from wayfold.reactions import Effect, Process


class Titles(Process):
    """Gives every window of ours a title when it is first configured."""

    name = "titles"
    hears = ("xdg_toplevel.configure", "title.*")
    initial = False

    def fold(self, state, record):
        return True

    def decide(self, state, record):
        if record.name == "xdg_toplevel.configure":
            arguments = {"subject": record.subject, "request": "set_title", "arguments": ["hello"]}
            yield Effect("wayland.request", arguments)
        if record.name == "title.wanted":
            yield Effect("wayland.request", record.data)


def test_a_process_sends_a_request_that_follows_from_an_event(weston_named):
    with wayfold.connect(weston_named.display) as client:
        reacting = client.react(Titles())
        client.window("plain", 64, 48)
        client.run(timeout=20, until=lambda state: "effect.done" in {r.name for r in client.log})
        titled = [r for r in client.log if r.name == "xdg_toplevel.set_title"]

        assert titled[-1].data == {"title": "hello"}
        assert reacting.lag <= 1


@pytest.mark.parametrize(
    "wanted",
    [
        {"subject": "wl_surface#999", "request": "commit"},
        {"subject": "wl_display#1", "request": "no_such_request"},
        {"subject": "wl_display#1", "request": "sync", "arguments": [1, 2]},
    ],
)
def test_a_request_that_cannot_be_sent_is_given_up(client, wanted):
    client.react(Titles())
    client.log.append("title.wanted", "wish", wanted)
    client.run(timeout=20, until=lambda state: client.log[-1].name == "effect.gave_up")

    assert client.log[-1].name == "effect.gave_up"
    client.roundtrip()


def test_a_view_follows_the_clients_log(client):
    class Globals(wayfold.View):
        name, hears, initial = "globals", "wl_registry.global", 0

        def fold(self, state, record):
            return state + 1

    view = client.runner.follow(Globals())
    view.wait_for(client.log.head)

    assert view.state == len(client.state.globals)


def test_a_closed_client_reacts_no_more(client):
    client.react(Titles())
    client.close()
    client.close()

    assert not client.is_open
