"""Pictures of a log over time: a page for a browser."""

from wayfold.timeline.page import page
from wayfold.timeline.scene import Scene, Selection, Told, read

__all__ = ["Scene", "Selection", "Told", "page", "read"]
