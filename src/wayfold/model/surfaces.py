"""Own surfaces: wl_surface and the roles given to it."""

from typing import Any

import msgspec
from msgspec.structs import replace

from wayfold.log.record import Run
from wayfold.model import seats
from wayfold.model.draft import Draft
from wayfold.model.enums import Transform
from wayfold.model.fields import (
    Data,
    known,
    signed,
    subject,
    subject_or_none,
    unsigned,
)
from wayfold.model.reducers import Reducer, Reducers, on_draft, on_object
from wayfold.model.state import Surface

__all__ = ["commit", "forget_output", "give_role", "reducers"]

_ROLES = {
    "wl_pointer.set_cursor": "cursor",
    "wl_subcompositor.get_subsurface": "wl_subsurface",
    "zwlr_layer_shell_v1.get_layer_surface": "zwlr_layer_surface_v1",
    "ext_session_lock_v1.get_lock_surface": "ext_session_lock_surface_v1",
}


class FractionalScale(msgspec.Struct, frozen=True):
    """A live wp_fractional_scale_v1."""

    surface: str


def forget_output(draft: Draft, gone: str) -> None:
    """Take an output that is gone off every surface."""
    for surface in draft.live(Surface):
        _leave_output(draft, surface.subject, gone)


def give_role(draft: Draft, surface: str | None, role: str) -> None:
    """Note what a surface is for; it keeps its role for good."""
    if surface is not None:
        _change(draft, surface, role=role)


def _change(draft: Draft, surface: str, **changes: Any) -> None:
    """Change what no commit has to publish."""
    if draft.find(Surface, surface) is not None:
        draft.pending.replace(surface, **changes)
        draft.surfaces.replace(surface, **changes)


def _create_surface(draft: Draft, compositor: str, data: Data) -> None:
    new = subject(data, "id")
    surface = Surface(new, draft.version_of(compositor, otherwise=1))
    if draft.create(new, surface):
        draft.surfaces.put(new, surface)


def _destroy(draft: Draft, run: Run) -> None:
    if draft.find(Surface, run.subject) is not None:
        draft.pending.drop(run.subject)
        draft.surfaces.drop(run.subject)
        seats.forget_surface(draft, run.subject)


def commit(draft: Draft, run: Run) -> None:
    """Publish what a surface is to become."""
    surface = draft.find(Surface, run.subject)
    if surface is not None:
        surface = replace(surface, commits=surface.commits + len(run))
        draft.pending.put(run.subject, surface)
        draft.surfaces.put(run.subject, surface)


def _attach(surface: Surface, data: Data) -> Surface:
    return replace(surface, buffer=subject_or_none(data, "buffer"))


def _set_buffer_scale(surface: Surface, data: Data) -> Surface:
    return replace(surface, scale=signed(data, "scale"))


def _set_buffer_transform(surface: Surface, data: Data) -> Surface:
    return replace(surface, transform=known(Transform, signed(data, "transform")))


def _enter(draft: Draft, live: str, data: Data) -> None:
    output = subject(data, "output")
    surface = draft.find(Surface, live)
    if surface is not None and output not in surface.outputs:
        _change(draft, live, outputs=(*surface.outputs, output))


def _leave(draft: Draft, live: str, data: Data) -> None:
    _leave_output(draft, live, subject(data, "output"))


def _leave_output(draft: Draft, live: str, gone: str) -> None:
    surface = draft.find(Surface, live)
    if surface is not None and gone in surface.outputs:
        left = tuple(output for output in surface.outputs if output != gone)
        _change(draft, live, outputs=left)


def _preferred_buffer_scale(draft: Draft, live: str, data: Data) -> None:
    _change(draft, live, preferred_scale=signed(data, "factor"))


def _preferred_buffer_transform(draft: Draft, live: str, data: Data) -> None:
    transform = known(Transform, unsigned(data, "transform"))
    _change(draft, live, preferred_transform=transform)


def _get_fractional_scale(draft: Draft, _: str, data: Data) -> None:
    draft.create(subject(data, "id"), FractionalScale(subject(data, "surface")))


def _preferred_scale(draft: Draft, live: str, data: Data) -> None:
    fractional = draft.find(FractionalScale, live)
    scale = unsigned(data, "scale")
    if fractional is not None:
        _change(draft, fractional.surface, preferred_scale_120=scale)


def _fractional_scale_destroy(draft: Draft, run: Run) -> None:
    if draft.find(FractionalScale, run.subject) is not None:
        draft.pending.drop(run.subject)


def _role(role: str) -> Reducer:
    def step(draft: Draft, _: str, data: Data) -> None:
        give_role(draft, subject_or_none(data, "surface"), role)

    return on_draft(step)


def reducers() -> Reducers:
    """Give this capability's reducers by record name."""
    return {
        "wl_compositor.create_surface": on_draft(_create_surface),
        "wl_surface.attach": on_object(Surface, _attach),
        "wl_surface.set_buffer_scale": on_object(Surface, _set_buffer_scale),
        "wl_surface.set_buffer_transform": on_object(Surface, _set_buffer_transform),
        "wl_surface.enter": on_draft(_enter),
        "wl_surface.leave": on_draft(_leave),
        "wl_surface.preferred_buffer_scale": on_draft(_preferred_buffer_scale),
        "wl_surface.preferred_buffer_transform": on_draft(_preferred_buffer_transform),
        "wl_surface.destroy": _destroy,
        "wp_fractional_scale_manager_v1.get_fractional_scale": on_draft(_get_fractional_scale),
        "wp_fractional_scale_v1.preferred_scale": on_draft(_preferred_scale),
        "wp_fractional_scale_v1.destroy": _fractional_scale_destroy,
        **{name: _role(role) for name, role in _ROLES.items()},
    }
