"""Records as lines of text: what a failed expectation shows, and a failed test's report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wayfold.expect.pattern import Recorded

__all__ = ["Line", "last_records", "tell"]

_MOST_LINES = 30
_MOST_CHARACTERS = 60
_NAME_CHARACTERS = 28


@dataclass(frozen=True, slots=True)
class Line:
    """A record to be told: `mark` is `>` where it is as it should be, `!` where it is not."""

    record: Recorded
    mark: str = " "
    note: str = ""


def tell(lines: Iterable[Line], start_ns: int) -> str:
    """Give one line a record, in order, with its position and its time since `start_ns`.

    Of very many the middle is left out; gaps between positions are told.
    """
    ordered = sorted(lines, key=lambda line: line.record.position)
    left_out = len(ordered) - _MOST_LINES
    if left_out <= 0:
        return "\n".join(_told(ordered, start_ns))
    half = _MOST_LINES // 2
    first, last = ordered[:half], ordered[-half:]
    middle = f"    … {left_out} more of them …"
    return "\n".join([*_told(first, start_ns), middle, *_told(last, start_ns)])


def last_records(records: Iterable[Recorded], start_ns: int) -> str:
    """Give the last records of a session as lines of text."""
    return "\n".join(_told([Line(record) for record in records], start_ns))


def _told(lines: Sequence[Line], start_ns: int) -> Iterator[str]:
    before: int | None = None
    for line in lines:
        position = line.record.position
        if before is not None and position > before + 1:
            gap = position - before - 1
            yield f"    … {gap} other record{'s' if gap > 1 else ''}"
        before = position
        yield _line(line, start_ns)


def _line(line: Line, start_ns: int) -> str:
    record = line.record
    time_s = (record.time_ns - start_ns) / 1e9
    data = " ".join(f"{name}={_short(value)}" for name, value in record.data.items())
    told = (
        f"  {line.mark} {record.position:>6} {time_s:+12.6f} s  {record.origin:<10}  "
        f"{record.subject:<{_NAME_CHARACTERS}}  {record.name} {data}"
    ).rstrip()
    return f"{told}   ← {line.note}" if line.note else told


def _short(value: Any) -> str:
    told = repr(value)
    return told if len(told) <= _MOST_CHARACTERS else f"{told[: _MOST_CHARACTERS - 1]}…"
