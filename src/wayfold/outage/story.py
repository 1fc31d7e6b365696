"""What a watch says of incidents and reports while it runs."""

from datetime import datetime

from wayfold.log import Record

__all__ = ["is_told", "line"]

_TOLD = {
    "error.occurred",
    "error.resolved",
    "effect.done",
    "effect.failed",
    "effect.gave_up",
    "effect.cancelled",
}


def is_told(name: str, subject: str) -> bool:
    """Tell whether a record is worth a line."""
    return name in _TOLD


def line(record: Record) -> str:
    """Give what happened in one line."""
    data, device = record.data, record.subject.removeprefix("device/")
    match record.name:
        case "error.occurred":
            return f"{device}: {data['what']} (incident {data['incident']})"
        case "error.resolved":
            return f"{device}: mended (incident {data['incident']})"
    about = f"{data['effect']} of {data['key']}"
    match record.name:
        case "effect.failed":
            again = datetime.fromtimestamp(data["retry_at_ns"] / 1e9)
            return f"{about}: not told, again at {again:%H:%M:%S}: {data['error']}"
        case "effect.gave_up":
            return f"{about}: given up: {data['error']}"
        case "effect.cancelled":
            return f"{about}: not to be told any more"
    return f"{about}: told"
