"""Anybody's windows: zwlr_foreign_toplevel_handle_v1 and ext_foreign_toplevel_handle_v1."""

from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model.draft import Draft
from wayfold.model.enums import ToplevelState
from wayfold.model.fields import Data, known, subject, subject_or_none, text, words
from wayfold.model.reducers import Reducers, on_draft, on_object
from wayfold.model.state import Toplevel

__all__ = ["forget_output", "reducers"]


def forget_output(draft: Draft, gone: str) -> None:
    """Take an output that is gone off every toplevel."""
    for toplevel in draft.live(Toplevel):
        draft.pending.put(toplevel.subject, _without_output(toplevel, gone))
    for toplevel in draft.toplevels.values():
        draft.toplevels.put(toplevel.subject, _without_output(toplevel, gone))


def _without_output(toplevel: Toplevel, gone: str) -> Toplevel:
    if gone not in toplevel.outputs:
        return toplevel
    return replace(toplevel, outputs=tuple(one for one in toplevel.outputs if one != gone))


def _toplevel(draft: Draft, _: str, data: Data) -> None:
    new = subject(data, "toplevel")
    draft.create(new, Toplevel(new))


def _title(toplevel: Toplevel, data: Data) -> Toplevel:
    return replace(toplevel, title=text(data, "title"))


def _app_id(toplevel: Toplevel, data: Data) -> Toplevel:
    return replace(toplevel, app_id=text(data, "app_id"))


def _identifier(toplevel: Toplevel, data: Data) -> Toplevel:
    return replace(toplevel, identifier=text(data, "identifier"))


def _state(toplevel: Toplevel, data: Data) -> Toplevel:
    states = tuple(known(ToplevelState, state) for state in words(data, "state"))
    return replace(toplevel, states=states)


def _output_enter(toplevel: Toplevel, data: Data) -> Toplevel:
    output = subject(data, "output")
    if output in toplevel.outputs:
        return toplevel
    return replace(toplevel, outputs=(*toplevel.outputs, output))


def _output_leave(toplevel: Toplevel, data: Data) -> Toplevel:
    return _without_output(toplevel, subject(data, "output"))


def _parent(toplevel: Toplevel, data: Data) -> Toplevel:
    return replace(toplevel, parent=subject_or_none(data, "parent"))


def _done(draft: Draft, run: Run) -> None:
    toplevel = draft.find(Toplevel, run.subject)
    if toplevel is not None:
        draft.toplevels.put(run.subject, toplevel)


def _remove(draft: Draft, run: Run) -> None:
    """Forget a toplevel: its window has closed, or the handle was destroyed."""
    if draft.find(Toplevel, run.subject) is None:
        return
    draft.pending.drop(run.subject)
    draft.toplevels.drop(run.subject)
    for child in draft.live(Toplevel):
        if child.parent == run.subject:
            draft.pending.replace(child.subject, parent=None)
    for child in draft.toplevels.values():
        if child.parent == run.subject:
            draft.toplevels.replace(child.subject, parent=None)


def _handle(interface: str) -> Reducers:
    return {
        f"{interface}.title": on_object(Toplevel, _title),
        f"{interface}.app_id": on_object(Toplevel, _app_id),
        f"{interface}.done": _done,
        f"{interface}.closed": _remove,
        f"{interface}.destroy": _remove,
    }


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    wlr, ext = "zwlr_foreign_toplevel_handle_v1", "ext_foreign_toplevel_handle_v1"
    return {
        "zwlr_foreign_toplevel_manager_v1.toplevel": on_draft(_toplevel),
        "ext_foreign_toplevel_list_v1.toplevel": on_draft(_toplevel),
        **_handle(wlr),
        **_handle(ext),
        f"{wlr}.state": on_object(Toplevel, _state),
        f"{wlr}.output_enter": on_object(Toplevel, _output_enter),
        f"{wlr}.output_leave": on_object(Toplevel, _output_leave),
        f"{wlr}.parent": on_object(Toplevel, _parent),
        f"{ext}.identifier": on_object(Toplevel, _identifier),
    }
