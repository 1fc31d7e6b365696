"""Lanes, search, and the details of a record, in a real browser."""

import json

import msgspec
import pytest

from wayfold.log import Log
from wayfold.model import SessionModel
from wayfold.timeline import Selection
from wayfold.timeline.states import plain

pytestmark = pytest.mark.xdist_group("chromium")


def test_lanes_are_objects_under_their_makers_or_under_their_interfaces(shown, window):
    page = shown(window)
    by_object = page.lanes()
    page.press("i")
    by_interface = page.lanes()
    page.press("o", "c")

    assert by_object[1:6] == [
        "wl_compositor#4",
        "wl_surface#11",
        "xdg_surface#12",
        "xdg_toplevel#13",
        "wl_callback#14",
    ]
    assert by_interface[1] == "wl_compositor#4"
    assert page.lanes() == ["connection", "wl_compositor#4", "xdg_wm_base#8"]


def test_lanes_are_walked_opened_and_closed_by_keyboard(shown, window):
    page = shown(window)
    page.press("c", "ArrowDown", "ArrowDown", "Enter")
    opened = page.lanes()
    expanded = page.run("document.querySelector('.lane.chosen').getAttribute('aria-expanded')")
    page.press("Enter")

    assert opened == ["connection", "wl_compositor#4", "wl_surface#11", "xdg_wm_base#8"]
    assert expanded == "true"
    assert len(page.lanes()) == 3


def test_many_alike_are_one_lane_until_it_is_opened(shown, demo_log):
    page = shown(demo_log)
    group = "app.tree.rows.find((lane) => lane.label === 'wl_callback' && lane.isGroup)"
    before = len(page.lanes())
    page.run(f"app.toggle({group})")
    page.painted()

    assert page.run(f"{group}.title.slice(2)") == "21"
    assert len(page.lanes()) == before + 21


def test_many_that_each_say_one_thing_hide_nothing_below_them(shown, told):
    calls = [(k, "event", f"wl_callback#{k + 3}", "done", {"callback_data": k}) for k in range(9)]
    page = shown(told([*calls, (20, "fact", "device/DP-1", "error.occurred", {"what": "gone"})]))

    assert page.lanes()[-2:] == ["wl_callback", "device/DP-1"]


def test_an_effect_is_titled_by_what_it_is_about(shown, told):
    required = {"effect": "outage", "key": "DP-1@5", "idempotency_key": "0adf"}
    page = shown(told([(0, "own", "effect/0adf", "effect.required", required)]))

    assert page.run("app.tree.rows.at(-1).fullName") == "effect/0adf outage of DP-1@5"


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ("wl_surface.*", lambda record: record.name.startswith("wl_surface.")),
        ("xdg_toplevel#13", lambda record: "xdg_toplevel#13" in str(record)),
        ("Wayfold Demo", lambda record: "wayfold" in str(record) and "demo" in str(record)),
        ("callback done", lambda record: record.name == "wl_callback.done"),
        ("no such thing", lambda record: False),
    ],
)
def test_records_are_searched_by_name_object_and_text(shown, demo_log, query, chosen):
    page = shown(demo_log)
    found = page.search(query)

    assert found == [record.position for record in demo_log if chosen(record)]


def test_what_is_searched_for_may_be_spelled_in_any_case(shown, told):
    page = shown(told([(0, "fact", "display/HDMI-A-1", "display.Lit", {"By": "Hand"})]))

    assert [page.search("hdmi-A"), page.search("lit hand"), page.search("*.LIT")] == [[1]] * 3


def test_hits_are_gone_through_round_and_round(shown, demo_log):
    page = shown(demo_log)
    positions = page.search("xdg_surface.*configure")
    gone = []
    for key in ("Enter", "Enter", "Enter", "Shift+Enter"):
        page.press(key)
        gone.append(page.position)
    told = page.run("document.querySelector('#search output').value")
    page.press("Escape", "Escape")

    assert gone == [positions[0], positions[1], positions[0], positions[1]]
    assert told == "2 of 2"
    assert page.run("app.search.places.length") == 0


def test_a_derived_record_leads_to_its_cause_and_its_object(shown, demo_log):
    page = shown(demo_log)
    (added,) = demo_log.records(name="window.added")
    page.choose(added.position)
    links = "[...document.querySelectorAll('#panel-record .link')]"
    named = "find((each) => each.textContent.startsWith('{}'))"
    page.run(f"{links}.{named.format('wl_surface#')}.click()")
    lane = page.run("app.lane.label")
    page.run(f"{links}.{named.format('record ')}.click()")

    assert lane == added.data["surface"]
    assert page.position == added.data["cause"]


def test_a_derived_change_is_told_field_by_field(shown, demo_log):
    page = shown(demo_log)
    changed = next(demo_log.records(name="output.changed"))
    page.choose(changed.position)

    assert "logical_widthnull → 1024" in page.text("#panel-record")


def test_the_chain_of_a_record_is_told_step_by_step(shown, window):
    page = shown(window)
    page.choose(10)
    steps = page.run(
        "[...document.querySelectorAll('ol.chain li')].map((item) => item.textContent)"
    )
    page.press("ArrowRight", "f")

    assert steps == ["configure", "ack_configure+2.00 ms", "commit+2.00 ms", "done+13.0 ms"]
    assert page.span == pytest.approx(1.3 * 14e6)  # from frame to done, and some room


def test_numbers_are_named_and_large_ones_exact(shown, story):
    page = shown(story)
    page.run("app.choose(4)")
    named = page.text("#panel-record")
    page.run("app.choose(5)")

    assert "90 (1)" in named
    assert str(2**60 + 1) in page.text("#panel-record")


def test_what_was_masked_is_said_to_be(shown, told, tmp_path):
    log = Log.open(tmp_path / "typed.wayfold", model=SessionModel())
    key = {"serial": 1, "time": 1, "key": 30, "state": 1}
    page = shown(told([(0, "event", "wl_keyboard#5", "key", key)], log))
    page.press("End")
    log.close()

    assert page.text(".masked") == "masked"


def test_help_tells_every_key_and_goes_again(shown, story):
    page = shown(story)
    page.press("?")
    keys = page.run("[...document.querySelectorAll('#keys kbd')].map((key) => key.textContent)")
    is_open = page.run("document.getElementById('help').open")
    page.press("Escape")

    assert is_open
    assert {"→", "w", "/", "]", "?"} <= set(keys)
    assert not page.run("document.getElementById('help').open")


def test_only_a_part_is_shown_with_the_state_of_all(shown, demo_log):
    page = shown(demo_log, Selection(names=("xdg_surface.*", "window.*")))
    page.press("End", "ArrowLeft")
    at = page.position
    page.wait_for(f"app.folded.current.position === {at}")
    state = json.loads(page.run("JSON.stringify(app.folded.current.state)"))

    assert page.run("app.recording.count") < 12
    assert state == json.loads(msgspec.json.encode(plain(demo_log.state_at(at))))


def test_ten_thousand_records_in_a_lane_are_drawn_as_density(shown, told, tmp_path):
    lines = [(k, "event", "wl_pointer#9", "motion", {"time": k}) for k in range(10_000)]
    page = shown(told(lines))
    whole = page.colours(tmp_path / "x.png")[page.run("app.theme.colours.kinds[0]")]
    page.run("app.choose(5000)")
    page.press(*["w"] * 16)

    assert whole > 5000
    assert page.run("app.viewport.right - app.viewport.left") < 10e6
    assert page.run("app.drawMs") < 500
