"""Every server of the harness gives wayfold.connect a complete first state."""

import wayfold


def test_the_scripted_server_does(scripted_server):
    with wayfold.connect(scripted_server.client_socket) as client:
        (output,) = client.state.outputs.values()

        assert output.name == "SCRIPTED-1"
        assert len(client.state.seats) == 1


def test_weston_does(weston):
    with wayfold.connect(weston.client_socket) as client:
        assert len(client.state.outputs) == 1


def test_sway_does(sway):
    with wayfold.connect(sway.display) as client:
        assert len(client.state.outputs) == 1
        assert len(client.state.seats) == 1
