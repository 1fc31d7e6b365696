"""Report what stays broken: a deadline an incident, and an HTTP POST when it has passed."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from wayfold.log import Record
from wayfold.reactions import (
    CancelDeadline,
    CancelEffect,
    Effect,
    Outcome,
    Process,
    Retry,
    SetDeadline,
)
from wayfold.reactions.http import check_address

__all__ = ["Incident", "Reports"]


class Incident(msgspec.Struct, frozen=True):
    """What a partner may have to be told; times are Unix nanoseconds."""

    device: str = ""
    what: str = ""
    since_ns: int = 0
    resolved_ns: int | None = None
    is_told: bool = False
    """True once a report was attempted: whatever came of it, it may have arrived."""


class Reports(Process[Incident]):
    """Reports to `url` an incident that stays open for `after_s` seconds, and then its end.

    The body is JSON: `report` is "outage" or "resolution", `incident` the same name in both;
    `sender` says whose display it is. Resolved before: nothing is sent. Resolved later: the report
    is attempted no more, and the partner is told the end, also where it never answered: a report
    that it took before the line broke must not stay open there for ever.

    Raises ValueError where `url` is no address of an HTTP server.
    """

    name = "reports"
    hears = "error.*"
    initial = Incident()

    def __init__(
        self, url: str, after_s: float = 900.0, *, sender: str = "", retry: Retry | None = None
    ) -> None:
        check_address(url)
        self._url = url
        self._after_ns = round(after_s * 10**9)
        self._sender = sender
        self._retry = retry or Retry(attempts=50)

    def key(self, record: Record) -> str | None:
        """Give the incident."""
        found = record.data.get("incident")
        return found if isinstance(found, str) else None

    def fold(self, state: Incident, record: Record) -> Incident:
        """Give what is known of an incident."""
        replace = msgspec.structs.replace
        match record.name, record.data.get("effect"):
            case "error.occurred", _:
                told = record.data
                return Incident(told["device"], told["what"], record.time_ns)
            case "error.resolved", _:
                return replace(state, resolved_ns=record.time_ns)
            case "effect.attempted", "outage":
                return replace(state, is_told=True)
        return state

    def holds(self, state: Incident, record: Record) -> bool:
        """Tell whether an incident is still open when its time is up."""
        return state.resolved_ns is None

    def decide(self, state: Incident, record: Record) -> Iterator[Outcome]:
        """Give the deadline of a new incident, its report when that has passed, and its end."""
        match record.name, record.data.get("effect"):
            case "error.occurred", _:
                yield SetDeadline("outage", state.since_ns + self._after_ns)
            case "deadline.expired", _:
                yield self._post("outage", state, record)
            case "error.resolved", _:
                yield CancelDeadline("outage")
                yield CancelEffect("outage")
                if state.is_told:
                    yield self._post("resolution", state, record)

    def _post(self, report: str, state: Incident, record: Record) -> Effect:
        body: dict[str, Any] = {
            "report": report,
            "incident": record.data.get("incident") or record.data["key"],
            "sender": self._sender,
            "device": state.device,
            "what": state.what,
            "since": _spelled(state.since_ns),
            "resolved": _spelled(state.resolved_ns),
        }
        arguments = {"url": self._url, "json": body}
        return Effect("http.post", arguments, name=report, retry=self._retry)


def _spelled(time_ns: int | None) -> str | None:
    """Give a time as RFC 3339 has it, in UTC to the millisecond."""
    if time_ns is None:
        return None
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat(timespec="milliseconds")
