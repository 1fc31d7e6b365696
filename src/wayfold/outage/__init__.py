"""Watch a display, and report to a partner what stays broken.

    error.occurred   a screen is gone, or the compositor is: lost, silent, not to be reached
    error.resolved   it is back

An incident that stays open for a while is reported by HTTP; one that ends before is not, and one
that ends later is reported as resolved. All of it is in the log: `wayfold outage` is its face.
"""

from wayfold.outage.display import Display, Incidents
from wayfold.outage.listing import IncidentList
from wayfold.outage.reports import Incident, Reports
from wayfold.outage.watch import Watch

__all__ = ["Display", "Incident", "IncidentList", "Incidents", "Reports", "Watch"]
