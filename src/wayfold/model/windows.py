"""Own windows: xdg_surface and xdg_toplevel."""

from typing import Any

import msgspec
from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import surfaces
from wayfold.model.draft import Draft
from wayfold.model.enums import WindowCapability, WindowState
from wayfold.model.fields import (
    Data,
    known,
    signed,
    subject,
    subject_or_none,
    text,
    unsigned,
    words,
)
from wayfold.model.reducers import Reducers, on_draft, on_object
from wayfold.model.state import Surface, Window

__all__ = ["XdgSurface", "reducers"]


class XdgSurface(msgspec.Struct, frozen=True):
    """A live xdg_surface, and the window made of it, if any."""

    surface: str
    window: str | None = None


def _change(draft: Draft, window: str | None, **changes: Any) -> None:
    """Change what is no part of a configure: it holds at once."""
    if window is not None and draft.find(Window, window) is not None:
        draft.pending.replace(window, **changes)
        draft.windows.replace(window, **changes)


def _get_xdg_surface(draft: Draft, _: str, data: Data) -> None:
    draft.create(subject(data, "id"), XdgSurface(subject(data, "surface")))


def _get_toplevel(draft: Draft, live: str, data: Data) -> None:
    new = subject(data, "id")
    xdg_surface = draft.find(XdgSurface, live)
    if xdg_surface is None or not draft.create(new, Window(new, live, xdg_surface.surface)):
        return
    draft.pending.put(live, replace(xdg_surface, window=new))
    surfaces.give_role(draft, xdg_surface.surface, "xdg_toplevel")


def _get_popup(draft: Draft, run: Run) -> None:
    xdg_surface = draft.find(XdgSurface, run.subject)
    if xdg_surface is not None:
        surfaces.give_role(draft, xdg_surface.surface, "xdg_popup")


def _configure(window: Window, data: Data) -> Window:
    return replace(
        window,
        width=signed(data, "width"),
        height=signed(data, "height"),
        states=tuple(known(WindowState, state) for state in words(data, "states")),
    )


def _configure_bounds(window: Window, data: Data) -> Window:
    width, height = signed(data, "width"), signed(data, "height")
    return replace(window, bounds=(width, height) if width or height else None)


def _wm_capabilities(window: Window, data: Data) -> Window:
    told = words(data, "capabilities")
    return replace(window, wm_capabilities=tuple(known(WindowCapability, one) for one in told))


def _end_configure(draft: Draft, live: str, data: Data) -> None:
    """Publish what xdg_toplevel's events have gathered; xdg_surface ends their group."""
    serial = unsigned(data, "serial")
    xdg_surface = draft.find(XdgSurface, live)
    window = draft.find(Window, xdg_surface.window) if xdg_surface is not None else None
    if window is not None:
        window = replace(window, configured_serial=serial)
        draft.pending.put(window.subject, window)
        draft.windows.put(window.subject, window)


def _ack_configure(draft: Draft, live: str, data: Data) -> None:
    serial = unsigned(data, "serial")
    xdg_surface = draft.find(XdgSurface, live)
    if xdg_surface is not None:
        _change(draft, xdg_surface.window, acked_serial=serial)


def _close(draft: Draft, run: Run) -> None:
    _change(draft, run.subject, close_requested=True)


def _set_title(draft: Draft, live: str, data: Data) -> None:
    _change(draft, live, title=text(data, "title"))


def _set_app_id(draft: Draft, live: str, data: Data) -> None:
    _change(draft, live, app_id=text(data, "app_id"))


def _set_parent(draft: Draft, live: str, data: Data) -> None:
    """`Setting a parent which is not mapped is equivalent to setting a null parent.`"""
    parent = draft.find(Window, subject_or_none(data, "parent"))
    is_mapped = parent is not None and _has_content(draft, parent.surface)
    _change(draft, live, parent=parent.subject if parent is not None and is_mapped else None)


def _has_content(draft: Draft, surface: str | None) -> bool:
    shown = draft.surfaces.get(surface) if surface is not None else None
    return shown is not None and shown.buffer is not None


def _commit(draft: Draft, run: Run) -> None:
    """Publish a surface; `attaching a null buffer to a toplevel unmaps the surface`."""
    had_content = _has_content(draft, run.subject)
    surfaces.commit(draft, run)
    surface = draft.find(Surface, run.subject)
    if had_content and surface is not None and surface.buffer is None:
        for window in draft.live(Window):
            if window.surface == run.subject:
                _unmap(draft, window)


def _unmap(draft: Draft, window: Window) -> None:
    """`The xdg_toplevel returns to the state it had right after xdg_surface.get_toplevel.`"""
    draft.windows.drop(window.subject)
    draft.pending.put(window.subject, Window(window.subject, window.xdg_surface, window.surface))
    _bequeath(draft, window)


def _bequeath(draft: Draft, gone: Window) -> None:
    """`Its children's parent is set to the parent of the now-unmapped surface.`"""
    for window in draft.live(Window):
        if window.parent == gone.subject:
            _change(draft, window.subject, parent=gone.parent)


def _destroy(draft: Draft, run: Run) -> None:
    window = draft.find(Window, run.subject)
    if window is not None:
        draft.pending.drop(run.subject)
        draft.windows.drop(run.subject)
        _bequeath(draft, window)


def _xdg_surface_destroy(draft: Draft, run: Run) -> None:
    if draft.find(XdgSurface, run.subject) is not None:
        draft.pending.drop(run.subject)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_surface.commit": _commit,
        "xdg_wm_base.get_xdg_surface": on_draft(_get_xdg_surface),
        "xdg_surface.get_toplevel": on_draft(_get_toplevel),
        "xdg_surface.get_popup": _get_popup,
        "xdg_surface.configure": on_draft(_end_configure),
        "xdg_surface.ack_configure": on_draft(_ack_configure),
        "xdg_surface.destroy": _xdg_surface_destroy,
        "xdg_toplevel.configure": on_object(Window, _configure),
        "xdg_toplevel.configure_bounds": on_object(Window, _configure_bounds),
        "xdg_toplevel.wm_capabilities": on_object(Window, _wm_capabilities),
        "xdg_toplevel.close": _close,
        "xdg_toplevel.set_title": on_draft(_set_title),
        "xdg_toplevel.set_app_id": on_draft(_set_app_id),
        "xdg_toplevel.set_parent": on_draft(_set_parent),
        "xdg_toplevel.destroy": _destroy,
    }
