"""Recordings made of what a test tells, a real one, and a browser to look at them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from wayfold.cli.spelling import spell_enum
from wayfold.log import Log
from wayfold.model import SessionModel
from wayfold.timeline import Selection, page, read

sys.path.insert(0, str(Path(__file__).parent))
from chromium import Browser
from stories import START_NS, STORY, WINDOW, Uncounted, fact_of
from tab import Tab


@pytest.fixture
def told():
    """Make a log of the lines of a story."""

    def tell(lines, log=None):
        now = [START_NS]
        log = Log.memory(model=SessionModel()) if log is None else log
        log.join_session(lambda: now[0], Uncounted())
        for at_ms, *line in lines:
            now[0] = START_NS + round(at_ms * 1e6)
            log.append_facts((fact_of(*line),))
        return log

    return tell


@pytest.fixture
def window(told):
    """The log of a window that was configured and shown."""
    return told(WINDOW)


@pytest.fixture
def story(told):
    """The log of a story of eight records in which something went wrong."""
    return told(STORY)


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """What `wayfold record` wrote of a demo of 20 frames."""
    folder = tmp_path_factory.mktemp("demo")
    wayfold = [sys.executable, "-m", "wayfold"]
    demo = [*wayfold, "demo", "--headless", "--frames", "20", "--output", "x.png"]
    command = [*wayfold, "record", "-o", "demo.wayfold", "--", *demo]
    environment = {n: v for n, v in os.environ.items() if not n.startswith("WAYLAND_")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / "demo.wayfold"


@pytest.fixture
def demo_log(demo):
    """The log of that session."""
    with Log.open(demo, read_only=True, model=SessionModel()) as log:
        yield log


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One Chromium for all tests of a worker."""
    made = Browser(tmp_path_factory.mktemp("chromium"))
    yield made
    made.close()


@pytest.fixture
def shown(browser, tmp_path):
    """Show a log in a tab of its own; at the end nothing may have gone wrong in it."""
    pages = []

    def show(log, selection=None, **options):
        file = tmp_path / f"page{len(pages)}.html"
        scene = read(log, selection or Selection(), spell=spell_enum)
        file.write_text("".join(page(scene, "a session.wayfold")), encoding="utf-8")
        pages.append(Tab(browser, **options))
        return pages[-1].open(file)

    yield show
    complaints = [complaint for page in pages for complaint in page.complaints()]
    for each in pages:
        each.close()
    assert not complaints
