"""A page is one file that needs nothing else, whatever a recording holds."""

import base64
import json
import re
import zlib
from importlib.resources import files

import pytest

from wayfold.log import Log
from wayfold.model import SessionModel
from wayfold.timeline import Selection, page, read
from wayfold.timeline.families import Families

HOSTILE = "</script><script>throw 1</script><!--"


def text_of(log, title="x", **selection):
    return "".join(page(read(log, Selection(**selection)), title))


def test_a_page_refers_to_nothing_outside_itself(window):
    text = text_of(window)

    assert not re.findall(r"""(?:src|href)\s*=\s*["'](?!#|data:)""", text)
    assert not re.findall(r"@import|url\(|import\(|fetch\(|XMLHttpRequest", text)
    assert "default-src 'none'" in text


def test_every_asset_is_part_of_the_page(window):
    text = text_of(window)
    assets = list((files("wayfold.timeline") / "assets").iterdir())

    assert len(assets) > 15
    for asset in assets:
        if not asset.name.endswith(".html"):
            assert asset.read_text(encoding="utf-8").strip() in text, asset.name


def test_nothing_in_a_recording_ends_a_script_or_a_title(told):
    log = told([(0, "fact", f"lamp/{HOSTILE}", HOSTILE, {HOSTILE: HOSTILE})])
    text = text_of(log, title=HOSTILE)

    assert HOSTILE not in text
    assert "throw 1</script>" not in text


def test_a_log_that_was_cut_is_drawn_from_there_with_the_state_at_the_cut(told, tmp_path):
    path = tmp_path / "x.wayfold"
    lines = [
        (0, "request", "wl_compositor#4", "create_surface", {"id": "wl_surface#11"}),
        *((k, "request", "wl_surface#11", "commit", {}) for k in range(1, 1400)),
    ]
    told(lines, Log.open(path, model=SessionModel(), keep=200)).close()
    with Log.open(path, read_only=True, model=SessionModel()) as log:
        scene = read(log, Selection())
        packed = base64.b64decode(scene.states.packed()[0])
        state = json.loads(zlib.decompress(packed).split(b"\n")[0])
        surface = log.state_at(log.cut).surfaces["wl_surface#11"]

        assert scene.cut == log.cut > 0
        assert list(scene.positions) == [*range(log.cut + 1, log.head + 1)]
        assert state["surfaces"]["wl_surface#11"]["commits"] == surface.commits > 0


def test_families_are_objects_under_their_makers(window):
    families = read(window, Selection()).families

    assert families.parents == {
        "wl_surface#11": "wl_compositor#4",
        "xdg_surface#12": "wl_surface#11",
        "xdg_toplevel#13": "xdg_surface#12",
        "wl_callback#14": "wl_surface#11",
    }
    assert families.titles == {"xdg_toplevel#13": "shades"}


def test_an_object_from_before_the_recording_has_no_maker(told):
    lines = [(0, "event", "wl_surface#11", "enter", {"output": "wl_output#7"})]
    families = Families()
    for record in told(lines).records():
        families.see(record)

    assert families.parents == {}


def test_no_two_objects_are_each_others_makers_whatever_records_say(told):
    lines = [
        (0, "request", "wl_compositor#4", "get", {"id": "wl_surface#5", "surface": "wl_surface#9"}),
        (1, "request", "wl_surface#5", "get", {"id": "wl_surface#9", "surface": "wl_surface#5"}),
    ]
    parents = read(told(lines), Selection()).families.parents

    assert parents == {"wl_surface#5": "wl_compositor#4", "wl_surface#9": "wl_compositor#4"}


def palettes():
    """Give the colours of the page by theme."""
    styles = (files("wayfold.timeline") / "assets" / "page.css").read_text(encoding="utf-8")
    light, dark = styles.split(':root[data-theme="dark"]')
    return {
        theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))
        for theme, text in (("light", light), ("dark", dark.partition("}")[0]))
    }


def luminance(colour):
    """Give the relative luminance (WCAG 2.2)."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "raised", "select"])
@pytest.mark.parametrize("name", ["text", "muted", "accent", "event", "request", "fact", "stall"])
def test_every_colour_of_text_can_be_read(theme, ground, name):
    palette = palettes()[theme]
    low, high = sorted(luminance(palette[each]) for each in (ground, name))

    assert (high + 0.05) / (low + 0.05) >= (4.5 if ground != "select" or name == "text" else 3)
