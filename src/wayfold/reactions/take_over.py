"""Begin where a process was before it was split otherwise: whole, or in another number of parts."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from wayfold.errors import PositionCut
from wayfold.log import Log
from wayfold.log.beside import Beside
from wayfold.reactions.partition import Part, part_of

__all__ = ["take_over"]

_PARKED = "SELECT position, key FROM parked WHERE follower = ?"
_MOVE = "UPDATE parked SET follower = ? WHERE follower = ? AND position = ?"
_FIRST = "SELECT min(position) FROM parked WHERE follower = ? AND is_dropped <> 1"


def take_over(log: Log, process: str, parts: Sequence[Part] = ()) -> None:
    """Move the position and what is parked to some parts, or to the whole without any.

    States are folded anew. Raises ValueError where the parts that there were are at different
    positions, PositionCut where the records to fold from are gone; nothing is changed then.
    """
    whole = f"process/{process}"
    is_own = re.compile(rf"{re.escape(whole)}(/\d+of\d+)?").fullmatch
    rows: list[Any] = log.read("SELECT name, position FROM hold")
    old = {name: position for name, position in rows if is_own(name)}
    wanted = [part.hold for part in parts] or [whole]
    if not old or old.keys() >= set(wanted):
        return
    position = _common(process, old, parts)
    if log.cut:
        raise PositionCut(1, log.cut + 1)

    def work(beside: Beside) -> None:
        for name in old:
            _move_parked(
                beside, name, lambda key: wanted[part_of(key, len(parts))] if parts else whole
            )
            for suffix in ("", "/state", "/parked"):
                beside.hold(name + suffix, None)
        for name in wanted:
            _begin_at(beside, name, position, is_kept=log.outlives_process)

    log.write(work)


def _common(process: str, old: dict[str, int], parts: Sequence[Part]) -> int:
    """Give the one position that all are at."""
    if len(set(old.values())) > 1:
        then = f"split it into {len(parts)}" if parts else "run it whole"
        raise ValueError(
            f"{process} was split otherwise, and its parts are at different positions: run it as "
            f"it was until it has caught up, then {then}"
        )
    return next(iter(old.values()))


def _move_parked(beside: Beside, former: str, owner: Callable[[str], str]) -> None:
    for position, key in beside.execute(_PARKED, (former,)):
        beside.execute(_MOVE, (owner(key), former, position))


def _begin_at(beside: Beside, name: str, position: int, *, is_kept: bool) -> None:
    beside.hold(name, position)
    if is_kept:
        beside.hold(f"{name}/state", 0)
    ((first,),) = beside.execute(_FIRST, (name,))
    if first is not None:
        beside.hold(f"{name}/parked", first - 1)
