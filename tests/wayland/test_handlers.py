"""Who hears what is asked again only where it may have changed."""

from wayfold.wayland.handlers import Handlers

NAMES = ("wl_output.mode", "wl_output.done", "wl_seat.name")


def test_a_handler_that_comes_or_goes_concerns_the_names_it_hears_and_no_others():
    concerned = []
    handlers = Handlers(lambda concerns: concerned.append([n for n in NAMES if concerns(n)]))
    handlers.on("wl_output.*", print)
    handlers.on("wl_seat.name", repr)
    handlers.off(print)
    handlers.off(print)

    outputs = ["wl_output.mode", "wl_output.done"]
    assert concerned == [outputs, ["wl_seat.name"], outputs]


def test_a_name_that_was_asked_for_before_is_heard_once_somebody_hears_it():
    handlers = Handlers(lambda concerns: None)
    assert not handlers.is_heard("wl_output.mode")

    handlers.on("wl_output.*", print)
    assert handlers.is_heard("wl_output.mode")
    handlers.off(print)
    assert not handlers.is_heard("wl_output.mode")


def test_a_handler_that_comes_later_hears_what_the_compositor_tells(client, scripted_server):
    heard = []
    client.roundtrip()
    client.on("wl_output.scale", heard.append)
    scripted_server.event("wl_output", "scale", 2)
    client.roundtrip()
    client.off(heard.append)
    scripted_server.event("wl_output", "scale", 3)
    client.roundtrip()

    assert [record.data["factor"] for record in heard] == [2]
