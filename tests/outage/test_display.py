"""What is broken about a display, as its sessions tell it."""

import pytest

from wayfold.outage import Incidents

OCCURRED, RESOLVED = "error.occurred", "error.resolved"


def test_a_screen_that_disappears_is_an_incident_until_it_is_back(world):
    made = world(Incidents())
    made.up("HDMI-A-1", "DP-1")
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")
    made.tell("output.added", "wl_output#12", name="DP-1")

    assert made.facts() == [(OCCURRED, "DP-1"), (RESOLVED, "DP-1")]
    occurred, resolved = made.log.records(name="error.*")
    assert occurred.data["incident"] == resolved.data["incident"] == "DP-1@5"
    assert occurred.data["what"] == "the screen is gone"


def test_a_lost_compositor_is_one_incident_and_its_screens_are_none(world):
    made = world(Incidents())
    made.up("DP-1")
    made.tell("connection.lost")
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")
    made.up("DP-1")

    assert made.facts() == [(OCCURRED, "compositor"), (RESOLVED, "compositor")]


def test_a_screen_that_does_not_come_back_with_its_compositor_is_missed(world):
    made = world(Incidents())
    made.up("DP-1", "DP-2")
    made.tell("connection.lost")
    made.up("DP-1")

    assert made.facts()[1:] == [(OCCURRED, "DP-2"), (RESOLVED, "compositor")]


def test_while_the_compositor_is_gone_nothing_is_known_of_the_screens(world):
    made = world(Incidents())
    made.up("DP-1")
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")
    made.tell("connection.lost")
    made.tell("connection.opened")
    made.tell("output.added", "wl_output#19", name="DP-1")
    assert made.facts() == [(OCCURRED, "DP-1"), (OCCURRED, "compositor")]

    made.tell("connection.ready")
    assert sorted(made.facts()[2:]) == [(RESOLVED, "DP-1"), (RESOLVED, "compositor")]


def test_an_expected_screen_is_missed_from_the_start(world):
    made = world(Incidents(["HDMI-A-1"]))
    made.up("DP-1")

    assert made.facts() == [(OCCURRED, "HDMI-A-1")]


@pytest.mark.parametrize(
    ("trouble", "end"),
    [
        ("display.silent", ("display.answered",)),
        ("display.unreachable", ("connection.opened", "connection.ready")),
    ],
)
def test_a_compositor_that_does_not_answer_is_an_incident(world, trouble, end):
    made = world(Incidents())
    made.up("DP-1")
    made.tell(trouble)
    made.tell(trouble)
    assert made.facts() == [(OCCURRED, "compositor")]
    for name in end:
        made.tell(name)

    assert (RESOLVED, "compositor") in made.facts()


def test_the_end_of_a_watch_is_no_incident(world):
    made = world(Incidents())
    made.up("DP-1")
    made.tell("connection.closed")
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")
    made.up("DP-1")

    assert made.facts() == []


def test_a_screen_without_a_name_goes_by_its_model_and_place(world):
    made = world(Incidents())
    made.up()
    for subject in ("wl_output#7", "wl_output#30"):
        made.tell("output.added", subject, name=None, model="LX", x=1024, y=0)
        made.tell("output.removed", subject, name=None, model="LX", x=1024, y=0)

    assert made.facts()[0] == (OCCURRED, "LX at 1024,0")
    assert made.facts()[1] == (RESOLVED, "LX at 1024,0")


def test_a_name_that_comes_after_the_screen_is_the_one_it_goes_by(world):
    made = world(Incidents(["HEADLESS-1"]))
    made.tell("connection.opened")
    made.tell("output.added", "wl_output#8", name=None, model="headless", x=0, y=0)
    made.tell("output.changed", "wl_output#8", changed=named("HEADLESS-1"))
    made.tell("connection.ready")
    made.tell("output.added", "wl_output#9", name=None, model="headless", x=1024, y=0)
    made.tell("output.changed", "wl_output#9", changed=named("HEADLESS-2"))
    assert made.facts() == []

    made.tell("output.removed", "wl_output#9", name="HEADLESS-2", model="headless", x=1024, y=0)
    assert made.facts() == [(OCCURRED, "HEADLESS-2")]


def named(name):
    return {"name": {"before": None, "after": name}}


def test_a_screen_without_a_name_that_moves_does_not_stand_in_for_another(world):
    made = world(Incidents())
    made.tell("connection.opened")
    for x in (0, 1024):
        made.tell("output.added", f"wl_output#{x}", name=None, model="LX", x=x, y=0)
    made.tell("connection.ready")
    made.tell("output.removed", "wl_output#0", name=None, model="LX", x=0, y=0)
    made.tell("output.changed", "wl_output#1024", changed={"x": {"before": 1024, "after": 0}})

    assert made.facts() == [(OCCURRED, "LX at 0,0")]
