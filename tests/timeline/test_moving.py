"""Keys and mouse move through records and time."""

import pytest
from tab import CHART_LEFT, CONTROL, FIRST_LANE_Y, LANES_Y, ROW, SHIFT

pytestmark = pytest.mark.xdist_group("chromium")


def test_arrows_go_through_records_and_with_shift_through_those_of_a_lane(shown, demo_log):
    page = shown(demo_log)
    page.press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft")
    assert page.position == 2
    page.press("End")
    assert page.position == demo_log.head
    page.choose(5)
    page.press("Shift+ArrowRight", "Shift+ArrowRight")

    assert page.position == 7
    assert "wl_registry#2.global" in page.said


def test_zoom_goes_from_the_whole_to_microseconds_and_back(shown, demo_log):
    page = shown(demo_log)
    whole = page.span
    page.choose(40)
    page.press(*["w"] * 40)
    seen = page.run("[app.viewport.left, app.recording.times[app.index], app.viewport.right]")
    closest = page.span
    page.press("0")

    assert closest == 200
    assert seen == sorted(seen)
    assert page.span == whole > demo_log[-1].time_ns - demo_log[1].time_ns


def test_the_wheel_zooms_about_the_pointer_and_moves_in_time(shown, demo_log):
    page = shown(demo_log)
    time_there = "app.viewport.time(400)"
    before = page.run(time_there), page.span
    page.wheel(CHART_LEFT + 400, LANES_Y, dy=-200, modifiers=CONTROL)
    after = page.run(time_there), page.span
    left = page.run("app.viewport.left")
    page.wheel(CHART_LEFT + 400, LANES_Y, dy=90, modifiers=SHIFT)

    assert after[1] < before[1] / 2
    assert after[0] == pytest.approx(before[0], rel=1e-6)
    assert page.run("app.viewport.left") > left


def test_lanes_are_dragged_and_a_stretch_is_measured_with_shift(shown, demo_log):
    page = shown(demo_log)
    page.press("w", "w", "w")
    left = page.run("app.viewport.left")
    page.drag((700, LANES_Y), (650, LANES_Y), (600, LANES_Y))
    assert page.run("app.viewport.left") == pytest.approx(
        left + 100 * page.run("app.viewport.nsPerPixel")
    )
    page.drag((500, LANES_Y), (600, LANES_Y), modifiers=SHIFT)
    told = page.text("#stretch")
    page.press("f")

    assert "record" in told
    assert page.span < 200 * page.run("1.3 * app.viewport.nsPerPixel * 10")


def test_the_window_over_the_whole_is_dragged(shown, demo_log):
    page = shown(demo_log)
    page.drag((400, 70), (450, 70), (500, 70))
    middle = page.run("app.viewport.left")
    page.drag((450, 70), (480, 70), (500, 70))

    assert page.span == pytest.approx(page.run("app.recording.end / app.overview.width * 100"))
    assert page.run("app.viewport.left") > middle


def test_a_click_chooses_the_record_that_is_near(shown, window):
    page = shown(window)
    row = page.run("app.tree.ofSubject[app.recording.about.subjects.indexOf('xdg_surface#12')].row")
    page.click(page.x_of(10) + 3, FIRST_LANE_Y + row * ROW + 22)

    assert page.position == 10
    assert page.run("app.lane.label") == "xdg_surface#12"


def test_marks_and_findings_are_gone_through(shown, story):
    page = shown(story)
    page.press("m")
    assert page.position == 4
    page.press("m")
    assert page.position == 8
    page.press("Shift+M")
    assert page.said == "mark: plugged the dock"
    page.press("Home", "]")
    assert page.position == 3
    told = page.said
    page.press("]")

    assert told == "configure never acknowledged: xdg_surface#12, 4.99 s"
    assert page.run("app.findings.chosen.title") == "no records"
    assert page.run("app.findings.tab.dataset.count") == "1"


def test_a_chain_tells_its_waits_under_the_pointer_and_is_chosen_by_a_click(shown, window):
    page = shown(window)
    row = page.run("app.tree.ofSubject[app.recording.about.subjects.indexOf('wl_surface#11')].row")
    place = (page.x_of(12) + 150, FIRST_LANE_Y + row * ROW + 15)
    page.mouse("mouseMoved", *place)
    page.wait_for("!document.getElementById('tip').hidden")
    told = page.text("#tip")
    page.click(*place)

    assert "frame of wl_surface#11" in told
    assert "commit → done: 13.0 ms" in told
    assert page.position == 11


def test_arrows_belong_to_the_panel_while_it_has_the_focus(shown, demo_log):
    page = shown(demo_log)
    page.press("Home")
    page.run("document.getElementById('panel-record').focus()")
    page.press("ArrowRight", "ArrowDown")

    assert page.position == 1
    assert page.run("app.lane") is None
