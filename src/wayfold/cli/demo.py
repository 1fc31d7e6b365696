"""`wayfold demo`: show a window's session, told from its log."""

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import wayfold
from wayfold.cli.arguments import add_display, whole
from wayfold.cli.failures import CommandFailed
from wayfold.cli.picture import Picture
from wayfold.cli.screenshot import can_take_screenshot, take_screenshot
from wayfold.cli.story import story
from wayfold.cli.terminal import Progress
from wayfold.model import State
from wayfold.testing.image import Image
from wayfold.wayland.window import Canvas, Window

__all__ = ["add_arguments", "run"]

_SIZE = (640, 400)
_FRAMES = 120
_PICTURE = "wayfold-demo.png"
# weston 10 shows 60 frames a second with this, 40 without.
_WESTON_CONFIG = "[core]\nrepaint-window=16\n"

_ABOUT = f"""\
Open a window, animate it, tell its session from its log.

Without a compositor a headless weston is started for it, {_FRAMES} frames are
drawn and a screenshot is written. Under a desktop session the window opens
there and stays until it is closed, or for as many --frames as are asked for."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = _ABOUT
    parser.epilog = "example: wayfold demo --headless --frames 30 --output demo.png"
    parser.add_argument("--frames", type=whole, metavar="N", help="end after N frames")
    parser.add_argument(
        "--output",
        metavar="FILE",
        help=f"write the screenshot there (default, headless only: {_PICTURE})",
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help="start a weston even where there is a compositor",
    )
    add_display(parser)


def run(options: argparse.Namespace) -> int:
    """Show the window, print the story."""
    headless = options.headless or not (options.display or _has_compositor())
    frames = options.frames or (_FRAMES if headless else None)
    output = options.output or (_PICTURE if headless else None)
    if output:
        _check_writable(Path(output))
    picture = Picture()
    with _compositor(headless) as weston:
        display = weston.client_socket if headless else options.display
        with wayfold.connect(display) as client:
            if output:
                _check_screenshots(client)
            first, last = animate(client, picture, frames)
            shot = take_screenshot(client, _shown(client)) if output else None
            print("\n".join(story(client.log, first, last, _title(weston, client))))
    if shot is not None and output is not None:
        _save(shot, output)
        print(f"\nThe screenshot is in {output}: {shot.width}x{shot.height} pixels.")
    return 0


def _save(shot: Image, output: str) -> None:
    try:
        shot.save(output)
    except OSError as error:
        raise CommandFailed(f"the screenshot cannot be written: {error}") from error


def _has_compositor() -> bool:
    return bool(os.environ.get("WAYLAND_DISPLAY") or os.environ.get("WAYLAND_SOCKET"))


def _check_writable(path: Path) -> None:
    folder = path.parent
    is_place = folder.is_dir() and not path.is_dir()
    if not is_place or not os.access(path if path.exists() else folder, os.W_OK):
        raise CommandFailed(f"{path} cannot be written; name another file with --output")


def _compositor(headless: bool) -> AbstractContextManager[Any]:
    if not headless:
        return nullcontext()
    # The harness is not needed under a desktop session.
    from wayfold.testing import Weston

    why = "" if _has_compositor() else "No compositor is named in WAYLAND_DISPLAY: "
    print(f"{why}starting a headless weston.", file=sys.stderr)
    return Weston(screenshooter=True, config=_WESTON_CONFIG)


def _title(weston: Any, client: wayfold.Client) -> str:
    if weston is None:
        return str(client.state.connection.display)
    from wayfold.testing.programs import require, version_of

    return f"weston {version_of(require('weston'))}, headless, started for this demo"


def animate(client: wayfold.Client, picture: Picture, frames: int | None) -> tuple[int, int]:
    """Show the window; give the positions of its first configure and of its last frame."""
    progress = Progress()

    def draw(canvas: Canvas) -> bool:
        picture.caption = f"frame {canvas.number + 1}  ·  {client.log.head} records"
        picture.draw(canvas)
        of_all = f"/{frames}" if frames else ""
        progress.show(f"frame {canvas.number + 1}{of_all}, {client.log.head} records")
        return frames is None or canvas.number + 1 < frames

    window = client.window("wayfold demo", *_SIZE, draw=draw, app_id="wayfold.demo")
    try:
        client.run(until=_ending(window, frames))
    finally:
        progress.clear()
    _wait_for_last_frame(client, window)
    configured = next(client.log.records(name="xdg_surface.configure"), None)
    return configured.position if configured else client.log.cut, client.log.head


def _ending(window: Window, frames: int | None) -> Callable[[State], bool]:
    return lambda _: window.is_close_requested or (bool(frames) and window.frames >= (frames or 0))


def _wait_for_last_frame(client: wayfold.Client, window: Window) -> None:
    """Have the compositor show what was drawn last: it asks for a frame once it has."""
    if window.is_close_requested:
        return
    shown = window.surface.frame()
    window.surface.commit()
    client.wait_until(lambda _: not shown.is_alive)


def _check_screenshots(client: wayfold.Client) -> None:
    if not client.state.outputs:
        raise CommandFailed("the compositor has no output, and so no picture of one")
    if not can_take_screenshot(client):
        raise CommandFailed(
            "the compositor lets nobody take screenshots in a way known here "
            "(weston's own, or zwlr_screencopy_manager_v1); leave --output out"
        )


def _shown(client: wayfold.Client) -> Any:
    outputs = client.state.outputs
    shown_on = (name for surface in client.state.surfaces.values() for name in surface.outputs)
    chosen = [outputs[name] for name in shown_on if name in outputs]
    return (chosen or list(outputs.values()))[0]
