"""Sessions told line by line: milliseconds, whose doing, subject, message or name, data."""

from wayfold.log import Fact, Origin

ORIGINS = {"event": Origin.COMPOSITOR, "request": Origin.CLIENT, "fact": Origin.APP}
START_NS = 1_764_072_184_120_000_000  # 2025-11-25 12:03:04.120 UTC

ROLE = {"id": "xdg_surface#12", "surface": "wl_surface#11"}
WINDOW = [
    (0, "own", "connection", "connection.opened", {"display": "wayland-1"}),
    (1, "request", "wl_compositor#4", "create_surface", {"id": "wl_surface#11"}),
    (1, "request", "xdg_wm_base#8", "get_xdg_surface", ROLE),
    (1, "request", "xdg_surface#12", "get_toplevel", {"id": "xdg_toplevel#13"}),
    (1, "request", "xdg_toplevel#13", "set_title", {"title": "shades"}),
    (2, "request", "wl_surface#11", "commit", {}),
    (3, "event", "xdg_toplevel#13", "configure", {"width": 640, "height": 480, "states": [4]}),
    (3, "event", "xdg_surface#12", "configure", {"serial": 41}),
    (5, "request", "xdg_surface#12", "ack_configure", {"serial": 41}),
    (6, "request", "wl_surface#11", "frame", {"callback": "wl_callback#14"}),
    (7, "request", "wl_surface#11", "commit", {}),
    (20, "event", "wl_callback#14", "done", {"callback_data": 9}),
]  # fmt: skip
"""A window: configured at 8, which derives `window.added` at 9, acknowledged, shown at 13."""

HOSTILE = "</script><img src=x onerror=alert(1)>"
STORY = [
    (0, "request", "wl_compositor#4", "create_surface", {"id": "wl_surface#11"}),
    (0, "request", "xdg_wm_base#8", "get_xdg_surface", ROLE),
    (10, "event", "xdg_surface#12", "configure", {"serial": 41}),
    (20, "fact", "marks", "mark", {"text": "plugged the dock"}),
    (30, "event", "wl_output#7", "geometry", {"make": "DEL", "transform": 1, "model": HOSTILE}),
    (5000, "fact", "lamp/1", "lamp.lit", {"by": "hand", "level": 2**60 + 1}),
    (5001, "request", "wl_surface#11", "commit", {}),
    (5002, "fact", "marks", "mark", {"text": "pulled it"}),
]
"""A configure that nobody acknowledges, two marks, a pause of 4.97 s."""


def fact_of(origin, subject, name, data):
    interface, mark, _ = subject.partition("#")
    full = f"{interface}.{name}" if mark and "." not in name else name
    return Fact(full, subject, data, ORIGINS.get(origin, Origin.WAYFOLD))


class Uncounted:
    """Counts no subject: the log does."""

    def version(self, subject):
        return None

    def advance(self, subject, version):
        return False
