"""Take a screenshot of an output in whichever way the compositor offers."""

from collections.abc import Callable, Iterable
from typing import Any

from wayfold.cli.failures import CommandFailed
from wayfold.client import Client
from wayfold.log import Record
from wayfold.model.state import Output
from wayfold.testing.image import Image, from_shm
from wayfold.wayland.shm import ARGB8888, XRGB8888, Buffer

__all__ = ["can_take_screenshot", "take_screenshot"]

_TIMEOUT_S = 5.0
_FRAMEBUFFER = 1  # weston_capture_v1.source
_Y_INVERT = 1  # zwlr_screencopy_frame_v1.flags
_SHM_FORMATS = {0x34325241: ARGB8888, 0x34325258: XRGB8888}  # AR24, XR24 of drm_fourcc.h


def can_take_screenshot(client: Client) -> bool:
    """Tell whether the compositor offers any way known here."""
    return _way(client) is not None


def take_screenshot(client: Client, output: Output) -> Image:
    """Copy what an output shows; raises CommandFailed where the compositor does not let us."""
    way = _way(client)
    if way is None:
        raise CommandFailed(f"the compositor offers none of {', '.join(_WAYS)}")
    return way(client, output)


def _way(client: Client) -> Callable[[Client, Output], Image] | None:
    offered = {each.interface for each in client.state.globals.values()}
    return next((way for interface, way in _WAYS.items() if interface in offered), None)


def _wait(client: Client, about: Any, endings: Iterable[str], after: int) -> Record:
    """Wait for the first of these events of an object behind a position."""
    names = [f"{about.interface.name}.{event}" for event in endings]

    def first(_: object) -> Record | None:
        return next(iter(client.log.records(after=after, name=names, subject=about.subject)), None)

    client.wait_until(first, _TIMEOUT_S)
    ending = first(None)
    assert ending is not None
    if ending.name.endswith(".failed"):
        raise CommandFailed(f"the compositor took no screenshot: {ending.data.get('msg') or ''}")
    return ending


def _buffer(client: Client, width: int, height: int, code: int) -> Buffer:
    code = _SHM_FORMATS.get(code, code)
    if code not in (ARGB8888, XRGB8888):
        raise CommandFailed(f"the compositor gives screenshots in format {code:#010x} only")
    return Buffer(client.bind("wl_shm"), width, height, code)


def _image(buffer: Buffer, *, is_upside_down: bool = False) -> Image:
    size, told = (buffer.width, buffer.height), bytes(buffer.data)
    image = from_shm(size, buffer.stride, XRGB8888, told, is_upside_down=is_upside_down)
    buffer.destroy()
    return image


def _by_screenshooter(client: Client, output: Output) -> Image:
    """Ask weston up to 11 (weston_screenshooter, version 1)."""
    if output.mode is None:
        raise CommandFailed(f"{output.subject} has no mode, and so no picture")
    shooter = client.bind("weston_screenshooter")
    buffer = _buffer(client, output.mode.width, output.mode.height, XRGB8888)
    after = client.log.head
    shooter.take_shot(client.resolve(output.subject), buffer.proxy)
    _wait(client, shooter, ["done"], after)
    return _image(buffer)


def _by_capture(client: Client, output: Output) -> Image:
    """Ask weston from 12 on (weston_capture_v1, versions 1 and 2)."""
    capture = client.bind("weston_capture_v1")
    source = capture.create(client.resolve(output.subject), _FRAMEBUFFER)
    for _ in range(3):  # `retry`: the size or the format has changed meanwhile
        _wait(client, source, ["size", "failed"], 0)
        code = _last(client, source, "format")["drm_format"]
        size = _last(client, source, "size")
        buffer = _buffer(client, size["width"], size["height"], code)
        after = client.log.head
        source.capture(buffer.proxy)
        ending = _wait(client, source, ["complete", "retry", "failed"], after)
        if ending.name.endswith(".complete"):
            source.destroy()
            return _image(buffer)
        buffer.destroy()
    raise CommandFailed("the output changes faster than a screenshot of it can be taken")


def _last(client: Client, about: Any, event: str) -> dict[str, Any]:
    name = f"{about.interface.name}.{event}"
    return list(client.log.records(name=name, subject=about.subject))[-1].data


def _by_screencopy(client: Client, output: Output) -> Image:
    """Ask wlroots' compositors (zwlr_screencopy_manager_v1, versions 1 to 3)."""
    manager = client.bind("zwlr_screencopy_manager_v1")
    frame = manager.capture_output(0, client.resolve(output.subject))
    told = _wait(client, frame, ["buffer", "failed"], 0).data
    buffer = _buffer(client, told["width"], told["height"], told["format"])
    if buffer.stride != told["stride"]:
        raise CommandFailed(f"the compositor pads rows to {told['stride']} bytes")
    frame.copy(buffer.proxy)
    _wait(client, frame, ["ready", "failed"], 0)
    flags = _last(client, frame, "flags")["flags"]
    frame.destroy()
    return _image(buffer, is_upside_down=bool(flags & _Y_INVERT))


_WAYS: dict[str, Callable[[Client, Output], Image]] = {
    "weston_capture_v1": _by_capture,
    "zwlr_screencopy_manager_v1": _by_screencopy,
    "weston_screenshooter": _by_screenshooter,
}
