"""What a page shows in a real browser: colours, sizes, themes, text."""

import pytest
from stories import HOSTILE

from wayfold.log import Log
from wayfold.model import SessionModel

pytestmark = pytest.mark.xdist_group("chromium")


def test_events_requests_and_facts_are_drawn_in_colours_of_their_own(shown, demo_log, tmp_path):
    page = shown(demo_log)
    drawn = page.colours(tmp_path / "x.png")
    event, request, fact = page.run("app.theme.colours.kinds")

    assert page.text("#summary").startswith(f"{len(demo_log)} records")
    assert min(drawn[event], drawn[request], drawn[fact]) > 30


def test_the_page_holds_the_numbers_of_the_log_exactly(shown, told):
    marks = [(at, "fact", "marks", "mark", {}) for at in (0, 3.000001, 70_000, 9e9, 8e9)]
    log = told([*[(0, "fact", "lamp/1", "lamp.lit", {})] * 700, *marks])
    page = shown(log)
    own_times = "Array.from(app.recording.times, (time, i) => time - app.recording.back[i])"
    records = list(log)

    assert page.run("Array.from(app.recording.positions)") == [r.position for r in records]
    assert page.run("Array.from(app.recording.version)") == [r.version for r in records]
    assert page.run(own_times) == [r.time_ns - records[0].time_ns for r in records]


def test_it_follows_the_system_to_the_dark_and_the_reader_anywhere(shown, story, tmp_path):
    page = shown(story, is_dark=True)
    dark = page.run("app.theme.colours.ground")
    assert max(page.colours(tmp_path / "x.png"), key=page.colours(tmp_path / "x.png").get) == dark
    page.press("t")
    light = page.run("app.theme.colours.ground")

    assert (dark, light) == ("#16181d", "#ffffff")
    assert max(page.colours(tmp_path / "x.png"), key=page.colours(tmp_path / "x.png").get) == light


@pytest.mark.parametrize(("width", "height"), [(420, 800), (800, 500), (2400, 1200)])
def test_every_size_of_screen_is_filled_and_not_more(shown, story, width, height):
    page = shown(story, width=width, height=height)

    assert page.run(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    ) == [
        width,
        height,
    ]
    assert page.run("app.painter.width") > width * 0.4
    assert page.run("app.painter.height") > 150


def test_text_of_a_recording_stays_text(shown, story):
    page = shown(story)
    page.run("app.choose(4)")
    page.press("2", "1")

    assert HOSTILE in page.text("#panel-record")
    assert page.run("document.querySelectorAll('img').length") == 0


def test_a_recording_without_its_beginning_says_so(shown, told, tmp_path):
    log = Log.open(tmp_path / "cut.wayfold", model=SessionModel(), keep=50)
    told([(k, "fact", "lamp/1", "lamp.lit", {"k": k}) for k in range(200)], log)
    page = shown(log)
    log.close()

    assert page.run("document.getElementById('dropped').checkVisibility()")
    assert str(log.cut) in page.text("#dropped")


def test_a_log_without_records_is_an_empty_page(shown):
    page = shown(Log.memory(model=SessionModel()))
    page.press("ArrowRight", "End", "]", "m", "f", "w", "/", "Escape", "i", "e", "ArrowDown")

    assert page.text("#summary").startswith("0 records")
    assert page.position is None


def test_everything_that_can_be_pressed_has_a_name_for_those_who_do_not_see_it(shown, demo_log):
    page = shown(demo_log)
    page.choose(60)
    page.press("2")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    found = {}
    for node in nodes:
        role = node.get("role", {}).get("value")
        found.setdefault(role, []).append(node.get("name", {}).get("value", ""))

    for role in ("button", "tab", "searchbox", "treeitem", "tree", "application", "tablist"):
        assert found[role], role
        assert all(found[role]), role
    count = len(list(demo_log.records(subject="wl_registry#2")))
    assert f"wl_registry#2, {count} records" in found["treeitem"]


def test_a_recording_of_many_days_is_told_by_days(shown, told):
    day_ms = 24 * 3600 * 1000
    lines = [(day * day_ms, "fact", "marks", "mark", {"text": f"day {day}"}) for day in range(40)]
    page = shown(told(lines))
    page.press("End")

    assert page.text("#left-time").startswith("2025-11-25 12:03:04")
    assert "40 records · 39 d 00 h" in page.text("#summary")
    assert "2026-01-03 12:03:04.120" in page.text("#cursor")
    assert page.run("tickStep(app.viewport.nsPerPixel, 110) / DAY") == 10


def test_a_microsecond_is_told_by_its_digits(shown, window):
    page = shown(window)
    page.choose(10)
    page.press(*["w"] * 30)

    assert page.span == 200
    assert page.text("#panel-record").count("125\u2009000\u2009000") == 1
    assert page.text("#span") == "200 ns seen"
