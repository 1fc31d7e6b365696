"""An event log: records in one total order, bounded memory, queries, and the fold of it all.

Knows nothing of Wayland; any application may keep its facts here.
"""

from wayfold.log.decider import Decider
from wayfold.log.facts import FactModel
from wayfold.log.log import Log
from wayfold.log.record import Fact, Origin, Record
from wayfold.log.retention import Keep
from wayfold.log.upcast import Upcasters

__all__ = ["Decider", "Fact", "FactModel", "Keep", "Log", "Origin", "Record", "Upcasters"]
