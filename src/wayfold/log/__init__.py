"""An event log: records in one total order, bounded memory, queries, and the fold of it all.

Knows nothing of Wayland; any application may keep its facts here.
"""

from wayfold.log.log import Log
from wayfold.log.record import Fact, Origin, Record

__all__ = ["Fact", "Log", "Origin", "Record"]
