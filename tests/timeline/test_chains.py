"""Records that answer one another make chains, and chains that take too long are found."""

import pytest

from wayfold.timeline import Selection, read
from wayfold.timeline.chains import Kind, Outcome

CONFIGURE = ("event", "xdg_surface#12", "configure")
ACK = ("request", "xdg_surface#12", "ack_configure")
COMMIT = ("request", "wl_surface#11", "commit", {})
FRAME = ("request", "wl_surface#11", "frame")
MADE = {"id": "xdg_surface#12", "surface": "wl_surface#11"}
ROLE = (0, "request", "xdg_wm_base#8", "get_xdg_surface", MADE)


@pytest.fixture
def scene(told):
    return lambda *lines: read(told([ROLE, *lines]), Selection())


def spelled(scene, kind):
    return [
        ([step.position for step in chain.steps], chain.outcome)
        for chain in scene.chains
        if chain.kind is kind
    ]


def titles(scene):
    return [(each.title, each.position, each.duration_ns / 1e6) for each in scene.findings]


def test_a_configure_leads_to_the_frame_that_shows_it(window):
    scene = read(window, Selection())

    assert spelled(scene, Kind.CONFIGURE) == [([8, 10, 12, 13], Outcome.DONE)]
    assert spelled(scene, Kind.FRAME) == [([11, 12, 13], Outcome.DONE)]
    assert scene.findings == []


def test_a_configure_without_a_frame_callback_ends_with_the_commit(scene):
    made = scene((1, *CONFIGURE, {"serial": 1}), (2, *ACK, {"serial": 1}), (3, *COMMIT))

    assert spelled(made, Kind.CONFIGURE) == [([2, 3, 4], Outcome.DONE)]


def test_a_later_acknowledgement_supersedes_the_configures_before(scene):
    configures = [(at, *CONFIGURE, {"serial": at}) for at in (1, 2, 3)]
    made = scene(*configures, (300, *ACK, {"serial": 2}), (301, *COMMIT))

    assert spelled(made, Kind.CONFIGURE) == [
        ([2], Outcome.SUPERSEDED),
        ([3, 5, 6], Outcome.DONE),
        ([4], Outcome.OPEN),
    ]
    assert titles(made) == [
        ("configure acknowledged late", 3, 298.0),
        ("configure never acknowledged", 4, 298.0),
    ]


def test_two_acknowledgements_before_a_commit_leave_the_last(scene):
    made = scene(
        (1, *CONFIGURE, {"serial": 1}),
        (1, *ACK, {"serial": 1}),
        (2, *CONFIGURE, {"serial": 2}),
        (2, *ACK, {"serial": 2}),
        (3, *COMMIT),
    )

    assert [outcome for _, outcome in spelled(made, Kind.CONFIGURE)] == ["superseded", "done"]


def test_a_configure_of_a_window_that_was_destroyed_is_abandoned(scene):
    made = scene(
        (1, *CONFIGURE, {"serial": 1}),
        (2, *FRAME, {"callback": "wl_callback#20"}),
        (3, *COMMIT),
        (500, "request", "xdg_surface#12", "destroy", {}),
        (501, "own", "connection", "connection.lost", {"reason": "it crashed"}),
    )

    assert [chain.outcome for chain in made.chains] == [Outcome.ABANDONED, Outcome.ABANDONED]
    assert titles(made) == [
        ("configure never acknowledged", 2, 499.0),
        ("frame callback never came", 4, 498.0),
        ("connection lost", 6, 0.0),
    ]


def test_a_late_frame_callback_is_found_where_it_began(scene):
    made = scene(
        (1, *FRAME, {"callback": "wl_callback#20"}),
        (2, *COMMIT),
        (402, "event", "wl_callback#20", "done", {"callback_data": 0}),
    )

    assert titles(made) == [("frame callback late", 3, 400.0)]


def test_pings_and_roundtrips_are_chains(scene):
    made = scene(
        (1, "event", "xdg_wm_base#8", "ping", {"serial": 5}),
        (2, "request", "xdg_wm_base#8", "pong", {"serial": 5}),
        (3, "event", "xdg_wm_base#8", "ping", {"serial": 6}),
        (4, "request", "wl_display#1", "sync", {"callback": "wl_callback#20"}),
        (5, "event", "wl_callback#20", "done", {"callback_data": 0}),
        (900, "own", "connection", "connection.closed", {}),
    )

    assert spelled(made, Kind.PING) == [([2, 3], Outcome.DONE), ([4], Outcome.ABANDONED)]
    assert spelled(made, Kind.ROUNDTRIP) == [([5, 6], Outcome.DONE)]
    assert titles(made) == [("ping never answered", 4, 897.0)]


def test_a_pause_and_a_clock_that_was_set_back_are_found_and_drawn_in_order(scene):
    made = scene((5000, *COMMIT), (1000, *COMMIT), (1500, *COMMIT), (6500, *COMMIT))

    assert titles(made) == [
        ("no records", 2, 5000.0),
        ("clock set back", 3, 0.0),
        ("no records", 5, 1500.0),
    ]
    assert [time / 1e6 for time in made.times] == [0, 5000, 5000, 5000, 6500]
    assert [back / 1e6 for back in made.back] == [0, 0, 4000, 3500, 0]


@pytest.mark.parametrize(
    "line",
    [
        (1, *CONFIGURE, {"serial": "1"}),
        (1, *CONFIGURE, {}),
        (1, *ACK, {"serial": 9}),
        (1, *FRAME, {}),
        (1, "event", "wl_callback#99", "done", {}),
        (1, "event", "xdg_wm_base#8", "ping", {}),
        (1, "request", "xdg_wm_base#8", "pong", {"serial": 3}),
        (1, "request", "wl_display#1", "sync", {"callback": 3}),
        (1, "request", "wl_surface#99", "destroy", {}),
    ],
)
def test_what_answers_nothing_is_no_chain(scene, line):
    assert scene(line).chains == []
