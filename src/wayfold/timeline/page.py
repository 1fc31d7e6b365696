"""One HTML page that shows a recording, by itself, from a disk."""

import html
import re
from array import array
from collections.abc import Iterator, Sequence
from importlib.resources import files
from itertools import chain as joined
from typing import Any

import msgspec

from wayfold.timeline.chains import STEPS, Chain, Kind, Outcome
from wayfold.timeline.columns import Interned, pack_numbers
from wayfold.timeline.findings import TITLES
from wayfold.timeline.scene import CHUNK, ORIGINS, Scene
from wayfold.timeline.states import spellings

__all__ = ["page"]

_STYLES = ("page.css", "panel.css")
_SCRIPTS = (
    "unpack.js",
    "spelling.js",
    "recording.js",
    "states.js",
    "lanes.js",
    "viewport.js",
    "theme.js",
    "ruler.js",
    "painter.js",
    "chains.js",
    "overlay.js",
    "overview.js",
    "labels.js",
    "details.js",
    "folded.js",
    "findings.js",
    "search.js",
    "pointer.js",
    "walk.js",
    "tabs.js",
    "keys.js",
    "main.js",
)
_KINDS, _OUTCOMES = tuple(Kind), tuple(Outcome)
_MOST_STEPS = max(map(len, STEPS.values()))


def page(scene: Scene, title: str) -> Iterator[str]:
    """Give the page piece by piece: its frame, the recording, and what shows it."""
    before, between, after = re.split("<!-- (?:styles|recording) -->\n", _asset("page.html"))
    yield before.replace("{title}", html.escape(title))
    yield from _tag("style", "", map(_asset, _STYLES))
    yield between
    for name, lines in _blocks(scene):
        yield from _tag("script", f' type="application/x-wayfold" id="{name}"', lines)
    about = _json(_about(scene, title))
    yield from _tag("script", ' type="application/json" id="about"', [about])
    for name in _SCRIPTS:
        yield from _tag("script", "", [_asset(name)])
    yield after


def _asset(name: str) -> str:
    return (files("wayfold.timeline") / "assets" / name).read_text(encoding="utf-8")


def _tag(tag: str, attributes: str, lines: Any) -> Iterator[str]:
    yield f"<{tag}{attributes}>\n"
    for line in lines:
        yield line
        yield "\n"
    yield f"</{tag}>\n"


def _json(value: Any) -> str:
    # `<` could end the script, or begin a comment in it.
    return msgspec.json.encode(value).decode("utf-8", "replace").replace("<", "\\u003c")


def _about(scene: Scene, title: str) -> dict[str, Any]:
    """Give what is small enough to be read at once; subjects are meant by number."""
    numbers = scene.subjects
    found = [(TITLES.index(each.title), numbers[each.subject], each) for each in scene.findings]
    return {
        "title": title,
        "start_ns": str(scene.start_ns),  # more digits than a number has in a browser
        "end_ns": scene.end_ns,
        "cut": scene.cut,
        "after": scene.after,
        "chunk": CHUNK,
        "origins": ORIGINS,
        "kinds": [(kind, STEPS[kind]) for kind in _KINDS],
        "outcomes": _OUTCOMES,
        "finding_titles": TITLES,
        "findings": [
            (title, subject, each.position, each.time_ns, each.duration_ns)
            for title, subject, each in found
        ],
        "flags": scene.flags,
        "names": list(scene.names),
        "parents": list(_parents(scene)),
        "titles": {numbers[each]: text for each, text in scene.families.titles.items()},
        "subjects": list(numbers),  # last: the lines above may have added to them
        "paths": list(scene.states.path_names),
        "spellings": scene.spellings.table(),
        "state_spellings": spellings(),
    }


def _parents(scene: Scene) -> Iterator[int]:
    """Give the number of each subject's maker, -1 where there is none."""
    for subject in scene.subjects:
        maker = scene.families.parents.get(subject)
        yield -1 if maker is None or maker not in scene.subjects else scene.subjects[maker]


def _blocks(scene: Scene) -> Iterator[tuple[str, Sequence[str]]]:
    """Give what is large, by name: a packed column or chunk on each line."""
    columns = (scene.positions, scene.times, scene.back, scene.name, scene.subject, scene.version)
    states = scene.states
    yield "records", [pack_numbers(each) for each in (*columns, scene.origin)]
    yield "chains", [pack_numbers(each) for each in _chains(scene.chains, scene.subjects)]
    yield (
        "patches",
        [pack_numbers(each) for each in (states.positions, states.paths, states.starts)],
    )
    yield "data", scene.data.packed()
    yield "states", states.packed()


def _chains(chains: Sequence[Chain], numbers: Interned) -> "list[array[int]]":
    """Give kind, outcome, subject and end, then position and time of four steps; 0: not reached."""
    rows = []
    for each in chains:
        steps = [(step.position, step.time_ns) for step in each.steps]
        steps += [(0, 0)] * (_MOST_STEPS - len(steps))
        end = (_KINDS.index(each.kind), _OUTCOMES.index(each.outcome))
        rows.append((*end, numbers[each.subject], each.ended_ns, *joined(*steps)))
    width = 4 + 2 * _MOST_STEPS
    columns = zip(*rows, strict=True) if rows else [()] * width
    return [array("Q", column) for column in columns]
