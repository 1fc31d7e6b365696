"""How soon a timeline shows a recording, and how it moves over a million records."""

import itertools
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from report import Extra, Goal, Report

from wayfold.cli.spelling import spell_enum
from wayfold.log import Fact, Log, Origin
from wayfold.model import SessionModel
from wayfold.timeline import Selection, page, read

sys.path.insert(0, str(Path(__file__).parents[1] / "timeline"))
from chromium import Browser
from stories import Uncounted
from tab import Tab

__all__ = ["measure"]

_OPENED, _MOVED = 200_000, 1_000_000
_FRAME_NS = 16_666_667
_START_NS = 1_764_072_184_120_000_000
_FRAMES = """(async () => {
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const taken = [];
  for (let k = 0; k < 90; k++) {
    %s;
    const began = await frame();
    taken.push((await frame()) - began);
  }
  return taken.sort((one, other) => one - other);
})()"""
"""Milliseconds from the frame in which something was drawn to the next: 17 where all is well."""

_MOVES = {
    "zooming": "app.viewport.zoom(k < 45 ? 0.75 : 1 / 0.75)",
    "moving": "app.viewport.set(app.recording.end * (0.2 + k / 200), app.recording.end / 5)",
    "scrolling, all lanes open": "k || app.toggleAll(true); app.scrollTo(k * 400)",
}


def measure(options: Namespace) -> Report:
    """Record sessions of frames, pointer motion and configures; draw and open them."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        small, large = (_drawn(folder, records) for records in (_OPENED, _MOVED))
        browser = Browser(folder)
        try:
            opened_s, first_ms = _opened(browser, small["page"])
            moved = _moved(browser, large["page"])
        finally:
            browser.close()
    goals = [Goal(f"opening {_OPENED} records", opened_s, 3, "s")]
    goals += [Goal(f"{name}: a frame, p95", ms[85], 50, "ms") for name, ms in moved.items()]
    extras = [
        Extra(f"first paint of {_OPENED} records", first_ms, "ms"),
        *(Extra(f"{name}: a frame, median", ms[45], "ms") for name, ms in moved.items()),
        Extra("drawing a page", large["us"], "µs/record"),
        Extra("size of a page", large["bytes"], "B/record"),
    ]
    about = f"{_MOVED} records in a headless Chromium"
    return Report(about, goals, extras, [], {"frames_ms": moved})


def _drawn(folder: Path, records: int) -> dict[str, object]:
    path = folder / f"{records}.wayfold"
    with Log.open(path, model=SessionModel()) as log:
        now = itertools.count(_START_NS, _FRAME_NS)
        log.join_session(lambda: next(now), Uncounted())
        for facts in _session():
            log.append_facts(facts)
            if log.head >= records:
                break
    target = path.with_suffix(".html")
    with Log.open(path, read_only=True, model=SessionModel()) as log:
        start = time.perf_counter()
        with target.open("w", encoding="utf-8") as file:
            file.writelines(page(read(log, Selection(), spell=spell_enum), path.name))
        took_s = time.perf_counter() - start
        us = took_s / log.head * 1e6
        return {"page": target, "us": us, "bytes": target.stat().st_size / log.head}


def _session() -> Iterator[list[Fact]]:
    """Give the facts of one frame after another, some forty records each."""
    surface, role, pointer = "wl_surface#11", "xdg_surface#12", "wl_pointer#9"
    made = {"id": role, "surface": surface}
    yield [
        _request("wl_compositor#4", "create_surface", id=surface),
        _request("xdg_wm_base#8", "get_xdg_surface", **made),
        _request(role, "get_toplevel", id="xdg_toplevel#13"),
    ]
    for frame in itertools.count(1):
        callback = f"wl_callback#{frame + 13}"
        facts = [
            fact
            for x in range(16)
            for fact in (
                _event(pointer, "motion", time=frame, surface_x=x, surface_y=frame % 400),
                _event(pointer, "frame"),
            )
        ]
        if frame % 50 == 0:
            facts += [
                _event("xdg_toplevel#13", "configure", width=frame, height=400, states=[4]),
                _event(role, "configure", serial=frame),
                _request(role, "ack_configure", serial=frame),
            ]
        yield [
            *facts,
            _request(surface, "frame", callback=callback),
            _request(surface, "attach", buffer=f"wl_buffer#{10 + frame % 2}", x=0, y=0),
            _request(surface, "damage_buffer", x=0, y=0, width=640, height=400),
            _request(surface, "commit"),
            _event(callback, "done", callback_data=frame * 16),
        ]


def _request(subject: str, message: str, **data: object) -> Fact:
    return Fact(f"{subject.partition('#')[0]}.{message}", subject, data, Origin.CLIENT)


def _event(subject: str, message: str, **data: object) -> Fact:
    return Fact(f"{subject.partition('#')[0]}.{message}", subject, data, Origin.COMPOSITOR)


def _opened(browser: Browser, file: object) -> tuple[float, float]:
    """Give seconds until the recording is drawn, and milliseconds until the first paint."""
    tab = Tab(browser)
    start = time.perf_counter()
    tab.open(file)
    took_s = time.perf_counter() - start
    first = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    first_ms = tab.run(first)
    tab.close()
    return took_s, first_ms


def _moved(browser: Browser, file: object) -> dict[str, list[float]]:
    tab = Tab(browser).open(file)
    taken = {name: tab.run(_FRAMES % move) for name, move in _MOVES.items()}
    tab.close()
    return taken
