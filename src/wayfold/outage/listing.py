"""The incidents as a table that people and plain SQL read."""

from typing import Any

from wayfold.log import Log, Record
from wayfold.outage.reports import Reports
from wayfold.reactions import Tables, TableView

__all__ = ["COLUMNS", "IncidentList", "incidents"]

COLUMNS = ("incident", "device", "what", "since_ns", "resolved_ns", "report", "resolution", "error")
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM incident ORDER BY since_ns, incident"


class IncidentList(TableView):
    """One row an incident: when it began and ended, and what became of its reports.

    `report` and `resolution` are null, or what the newest record says of the POST: `required`,
    `failed`, `done`, `gave_up`, `cancelled`. `error` is why the newest attempt failed, null where
    it did not. The effects are those of the process `reporting`, called as those of `Reports` are.
    """

    name = "incident_list"
    hears = ("error.*", "effect.*")
    tables = ("incident",)
    schema = """
CREATE TABLE {incident} (
    incident    TEXT PRIMARY KEY,
    device      TEXT NOT NULL,
    what        TEXT NOT NULL,
    since_ns    INTEGER NOT NULL,
    resolved_ns INTEGER,
    report      TEXT,
    resolution  TEXT,
    error       TEXT
) WITHOUT ROWID
"""

    def __init__(self, reporting: str = Reports.name) -> None:
        self._reporting = reporting

    def key(self, record: Record) -> str | None:
        """Give the incident; None for effects of others."""
        if record.name.startswith("error."):
            return str(record.data.get("incident"))
        return str(record.data["key"]) if record.data.get("process") == self._reporting else None

    def apply(self, tables: Tables, record: Record) -> None:
        """Write what a record says of its incident."""
        data, key = record.data, self.key(record)
        if record.name == "error.occurred":
            row = (key, data["device"], data["what"], record.time_ns)
            tables.execute(
                "INSERT OR IGNORE INTO {incident} VALUES (?, ?, ?, ?, NULL, NULL, NULL, NULL)", row
            )
        elif record.name == "error.resolved":
            statement = "UPDATE {incident} SET resolved_ns = ? WHERE incident = ?"
            tables.execute(statement, (record.time_ns, key))
        elif data.get("effect") in _REPORTS:
            column, what = _REPORTS[data["effect"]], record.name.removeprefix("effect.")
            tables.execute(f"UPDATE {{incident}} SET {column} = ? WHERE incident = ?", (what, key))
            if what != "attempted":  # why the one before failed is of interest until it is over
                statement = "UPDATE {incident} SET error = ? WHERE incident = ?"
                tables.execute(statement, (data.get("error"), key))


_REPORTS = {"outage": "report", "resolution": "resolution"}


def incidents(log: Log) -> list[dict[str, Any]]:
    """Give the rows as a watch has left them, the oldest first; raises StatementRefused of none."""
    return [dict(zip(COLUMNS, row, strict=True)) for row in log.read(_SELECT)]
