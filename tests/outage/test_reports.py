"""Only what stays broken is reported, once, and its end to whoever was told."""

import json

import pytest

from wayfold.outage import Incidents, Reports
from wayfold.reactions import Retry

SOON = Retry(attempts=5, timeout_s=0.5, first_s=0.01, longest_s=0.02)
MINUTES_15 = 900.0


@pytest.fixture
def told(world, partner):
    """A display that is up, whose partner answers in some moods."""

    def make(*moods):
        taking = partner(*moods)
        made = world(Incidents(), Reports(taking.url, sender="kiosk", retry=SOON))
        made.up("DP-1")
        made.partner = taking
        return made

    return make


def unplug(made):
    made.tell("output.removed", "wl_output#DP-1", name="DP-1")


def plug(made):
    made.tell("output.added", "wl_output#12", name="DP-1")


def settle(made):
    """Do what is to be done, retries too; the clock goes on when everybody waits."""
    while made.runner.pending():
        made.runner.run(0.05, until=lambda: not made.runner.pending())
        made.clock.advance(1.0)
        made.runner.settle()


def bodies(made):
    return [json.loads(each[0]) for each in made.partner.bodies.values()]


def test_what_stays_broken_is_reported_when_its_time_is_up(told):
    made = told()
    unplug(made)
    made.clock.advance(MINUTES_15 - 1)
    made.runner.settle()
    assert not made.runner.pending()
    made.clock.advance(1)
    made.runner.settle()
    settle(made)

    (body,) = bodies(made)
    assert body["report"] == "outage"
    assert (body["device"], body["what"]) == ("DP-1", "the screen is gone")
    assert (body["sender"], body["resolved"]) == ("kiosk", None)
    assert body["since"].endswith("+00:00")


def test_what_ends_before_is_never_reported(told):
    made = told()
    unplug(made)
    made.clock.advance(MINUTES_15 - 1)
    plug(made)
    made.clock.advance(10 * MINUTES_15)
    made.runner.settle()

    assert made.runner.deadlines() == made.runner.pending() == []
    assert made.partner.count == 0


def test_the_end_of_what_was_reported_is_reported(told):
    made = told()
    unplug(made)
    made.clock.advance(MINUTES_15)
    made.runner.settle()
    settle(made)
    plug(made)
    settle(made)

    outage, resolution = bodies(made)
    assert resolution["report"] == "resolution"
    assert resolution["incident"] == outage["incident"]
    assert resolution["resolved"] > resolution["since"] == outage["since"]


def test_a_report_is_repeated_until_it_is_taken_with_one_key_and_one_body(told):
    made = told(500, "close", "hang", 503)
    unplug(made)
    made.clock.advance(MINUTES_15)
    made.runner.settle()
    settle(made)

    (sent,) = made.partner.bodies.values()
    assert len(sent) >= 3
    assert len(set(sent)) == 1
    assert len(made.partner.accepted) == 1


def test_a_report_that_nobody_took_is_given_up_when_its_incident_ends(told):
    made = told(500)
    unplug(made)
    made.clock.advance(MINUTES_15)
    made.runner.settle()
    made.partner.wait_for(1)
    made.runner.run(5, until=lambda: any(made.log.records(name="effect.failed")))
    plug(made)
    settle(made)

    assert [body["report"] for body in made.partner.accepted.values()] == ["resolution"]
    assert any(made.log.records(name="effect.cancelled"))


def test_of_a_report_that_was_under_way_the_end_is_told_too(told):
    made = told("close")  # taken, though it looks as if it had failed
    unplug(made)
    made.clock.advance(MINUTES_15)
    made.runner.settle()
    settle(made)
    plug(made)
    settle(made)

    assert [body["report"] for body in bodies(made)] == ["outage", "resolution"]


def test_each_incident_has_its_own_time(told):
    made = told()
    made.tell("output.added", "wl_output#10", name="DP-2")
    unplug(made)
    made.clock.advance(600)
    made.tell("output.removed", "wl_output#10", name="DP-2")
    made.clock.advance(300)
    made.runner.settle()
    settle(made)

    assert [body["device"] for body in bodies(made)] == ["DP-1"]
    assert len(made.runner.deadlines()) == 1
