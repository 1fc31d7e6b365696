"""The state that the page shows is the fold of the log."""

import json

import msgspec
import pytest
from tab import CHART_LEFT, RULER_Y

from wayfold.timeline.states import plain

pytestmark = pytest.mark.xdist_group("chromium")


def test_the_state_of_the_page_is_the_fold_of_the_log_at_every_position(shown, demo_log):
    page = shown(demo_log)
    all_states = f"""Promise.all([...Array({demo_log.head + 1}).keys()]
        .map((position) => app.folded.track.at(position))
        .map((asked) => asked.then((found) => JSON.stringify(found.state))))"""
    for position, state in enumerate(page.run(all_states)):
        expected = msgspec.json.encode(plain(demo_log.state_at(position)))
        assert json.loads(state) == json.loads(expected), position


def test_the_changes_of_the_page_are_those_of_the_log(shown, demo_log):
    page = shown(demo_log)
    all_changes = f"""Promise.all([...Array({demo_log.head}).keys()].map((before) =>
        app.folded.track.at(before + 1).then((found) => found.changes.map((each) => each.path))))"""
    for before, paths in enumerate(page.run(all_changes)):
        expected = [change.path for change in demo_log.diff(before, before + 1)]
        assert sorted(paths) == sorted(expected), before


def test_the_ruler_is_dragged_to_see_the_state_there(shown, demo_log):
    page = shown(demo_log)
    page.press("2")
    (added,) = demo_log.records(name="window.added")
    page.drag(
        (CHART_LEFT + 300, RULER_Y),
        (CHART_LEFT + 200, RULER_Y),
        (page.x_of(added.position) + 9, RULER_Y),
    )
    at = page.position
    page.wait_for(f"app.folded.current.position === {at}")
    told = page.run("document.querySelector('#panel-state .state').textContent")

    assert added.position <= at < added.position + 60
    assert added.subject in demo_log.state_at(at).windows
    assert f"{added.subject}wayfold demo" in told


def test_a_value_leads_to_the_record_that_made_it_so(shown, demo_log):
    page = shown(demo_log)
    (added,) = demo_log.records(name="window.added")
    path = f"windows.{added.subject}.title"
    page.press("End")
    page.choose(added.position)
    page.run(f"app.folded.why('{path}')")
    why = demo_log.why(path, until=added.position)[0]

    assert page.position == why.position
