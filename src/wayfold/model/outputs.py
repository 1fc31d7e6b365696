"""Outputs: wl_output, and xdg-output's part of them."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import surfaces, toplevels
from wayfold.model.draft import Draft
from wayfold.model.enums import Subpixel, Transform
from wayfold.model.fields import Data, known, signed, subject, text, unsigned
from wayfold.model.reducers import Reducer, Reducers, on_draft, on_object
from wayfold.model.state import Mode, Output
from wayfold.model.table import Table

__all__ = ["XdgOutput", "create", "reducers", "remove"]

_CURRENT, _PREFERRED = 1, 2
_DONE_SINCE, _XDG_WITHOUT_DONE_SINCE = 2, 3
_FEW = 4
_SIGN, _SPAN = 2**31, 2**32


class XdgOutput(msgspec.Struct, frozen=True):
    """A live zxdg_output_v1; before version 3 it has groups of its own, kept in `changes`."""

    output: str
    version: int
    changes: Mapping[str, Any] = Table()


def create(draft: Draft, object_subject: str, global_name: int, version: int) -> None:
    """Begin an output that was just bound; it is shown from its first group on."""
    draft.create(object_subject, Output(object_subject, global_name, version))


def remove(draft: Draft, gone: str) -> None:
    """Take an output away from wherever it is named."""
    draft.pending.drop(gone)
    draft.outputs.drop(gone)
    for live in draft.pending:
        xdg = draft.find(XdgOutput, live)
        if xdg is not None and xdg.output == gone:
            draft.pending.drop(live)
    surfaces.forget_output(draft, gone)
    toplevels.forget_output(draft, gone)


def _publish_old(draft: Draft, output: Output) -> None:
    """Version 1 has no `done`: show the output once it has a geometry and a current mode."""
    is_complete = output.make is not None and output.mode is not None
    if output.version < _DONE_SINCE and is_complete:
        draft.outputs.put(output.subject, output)


def _done(draft: Draft, run: Run) -> None:
    output = draft.find(Output, run.subject)
    if output is not None and output.version >= _DONE_SINCE:
        draft.outputs.put(run.subject, output)


def _geometry(output: Output, data: Data) -> Output:
    return replace(
        output,
        x=signed(data, "x"),
        y=signed(data, "y"),
        width_mm=signed(data, "physical_width"),
        height_mm=signed(data, "physical_height"),
        subpixel=known(Subpixel, signed(data, "subpixel")),
        make=text(data, "make"),
        model=text(data, "model"),
        transform=known(Transform, signed(data, "transform")),
    )


def _mode(output: Output, data: Data) -> Output:
    flags = unsigned(data, "flags")
    mode = Mode(signed(data, "width"), signed(data, "height"), signed(data, "refresh"))
    if flags & _CURRENT and flags & _PREFERRED:
        return replace(output, mode=mode, preferred_mode=mode)
    if flags & _CURRENT:
        return replace(output, mode=mode)
    return replace(output, preferred_mode=mode) if flags & _PREFERRED else output


_each_mode = on_object(Output, _mode, _publish_old)


def _modes(draft: Draft, run: Run) -> None:
    """Fold a run by its last current and its last preferred mode; the others do not matter."""
    rows = run.words() if len(run) > _FEW else None
    output = None if rows is None else draft.find(Output, run.subject)
    if rows is None or output is None:
        _each_mode(draft, run)
        return
    flags, *columns = (rows.column(argument) for argument in range(4))
    changes: dict[str, Mode] = {}
    for field, bit in (("mode", _CURRENT), ("preferred_mode", _PREFERRED)):
        row = _last_with(flags, bit)
        if row is not None:
            changes[field] = _mode_at(columns, row)
    if changes:
        output = replace(output, **changes)
        draft.pending.put(run.subject, output)
        _publish_old(draft, output)


def _last_with(flags: list[int], bit: int) -> int | None:
    if not any(each & bit for each in set(flags)):
        return None  # found without a look at every row: floods seldom vary their flags
    return next(row for row in reversed(range(len(flags))) if flags[row] & bit)


def _mode_at(columns: list[list[int]], row: int) -> Mode:
    width, height, refresh = (_as_signed(column[row]) for column in columns)
    return Mode(width, height, refresh)


def _as_signed(word: int) -> int:
    return word - _SPAN if word >= _SIGN else word


def _name(output: Output, data: Data) -> Output:
    return replace(output, name=text(data, "name"))


def _description(output: Output, data: Data) -> Output:
    return replace(output, description=text(data, "description"))


def _scale(output: Output, data: Data) -> Output:
    return replace(output, scale=signed(data, "factor"))


def _get_xdg_output(draft: Draft, manager: str, data: Data) -> None:
    new, output = subject(data, "id"), subject(data, "output")
    draft.create(
        new, XdgOutput(output, draft.version_of(manager, otherwise=_XDG_WITHOUT_DONE_SINCE))
    )


def _xdg(read: Callable[[Data], Mapping[str, Any]]) -> Reducer:
    """Fold an event of xdg-output into its output, or from before version 3 into its group."""

    def step(draft: Draft, live: str, data: Data) -> None:
        xdg = draft.find(XdgOutput, live)
        if xdg is None:
            return
        changes = read(data)
        if xdg.version < _XDG_WITHOUT_DONE_SINCE:
            draft.pending.put(live, replace(xdg, changes=Table({**xdg.changes, **changes})))
        elif draft.find(Output, xdg.output) is not None:
            draft.pending.replace(xdg.output, **changes)

    return on_draft(step)


def _xdg_done(draft: Draft, run: Run) -> None:
    """End a group of xdg-output before version 3: only its own fields change."""
    xdg = draft.find(XdgOutput, run.subject)
    if xdg is None or xdg.version >= _XDG_WITHOUT_DONE_SINCE:
        return
    if draft.find(Output, xdg.output) is not None:
        draft.pending.replace(xdg.output, **xdg.changes)
        draft.outputs.replace(xdg.output, **xdg.changes)
        draft.pending.put(run.subject, replace(xdg, changes=Table()))


def _logical_position(data: Data) -> Mapping[str, Any]:
    return {"logical_x": signed(data, "x"), "logical_y": signed(data, "y")}


def _logical_size(data: Data) -> Mapping[str, Any]:
    return {"logical_width": signed(data, "width"), "logical_height": signed(data, "height")}


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_output.geometry": on_object(Output, _geometry, _publish_old),
        "wl_output.mode": _modes,
        "wl_output.scale": on_object(Output, _scale),
        "wl_output.name": on_object(Output, _name),
        "wl_output.description": on_object(Output, _description),
        "wl_output.done": _done,
        "zxdg_output_manager_v1.get_xdg_output": on_draft(_get_xdg_output),
        "zxdg_output_v1.logical_position": _xdg(_logical_position),
        "zxdg_output_v1.logical_size": _xdg(_logical_size),
        "zxdg_output_v1.name": _xdg(lambda data: {"name": text(data, "name")}),
        "zxdg_output_v1.description": _xdg(lambda data: {"description": text(data, "description")}),
        "zxdg_output_v1.done": _xdg_done,
    }
