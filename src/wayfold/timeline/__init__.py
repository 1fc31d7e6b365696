"""Pictures of a log over time: a page for a browser, a trace for Perfetto."""

from wayfold.timeline.page import page
from wayfold.timeline.scene import Scene, Selection, Told, read
from wayfold.timeline.trace import trace

__all__ = ["Scene", "Selection", "Told", "page", "read", "trace"]
