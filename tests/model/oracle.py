"""A second, slow answer to what a session's records mean, written from the protocols' text.

Nothing is folded here. Every question is answered by looking through the whole history again, so
that no two answers can share a mistake about what was remembered. It is one file, so that it is
read as one, and takes only what a well-behaved compositor and client do. The sentences quoted are
those of wayland.xml, xdg-shell.xml and xdg-output-unstable-v1.xml.
"""

from typing import Any, NamedTuple

DESTRUCTORS = ("destroy", "release")
NONE: dict[str, Any] = {}
NAMING = ("name", "description", "logical_x", "logical_y", "logical_width", "logical_height")


class Told(NamedTuple):
    """One record: `of` is the object, `what` the message."""

    of: str
    what: str
    data: dict[str, Any]

    @property
    def interface(self) -> str:
        return self.of.partition("#")[0]


class Oracle:
    """What the newest session of a history amounts to."""

    def __init__(self, history: list[Told]) -> None:
        begins = [k for k, told in enumerate(history) if told.of == "connection"]
        self.connection = history[begins[-1]] if begins else Told("connection", "none", NONE)
        self.history = history[begins[-1] :] if begins else history
        self._about: dict[str, list[tuple[int, Told]]] = {}
        for place, told in enumerate(self.history):
            for key in (told.of, told.interface):
                self._about.setdefault(key, []).append((place, told))

    # -- looking through the history --------------------------------------------------------------

    def all(self, of: str, *whats: str, after: int = -1) -> list[tuple[int, Told]]:
        """Give the places and records about one object, or all of an interface's."""
        return [
            (place, told)
            for place, told in self._about.get(of, ())
            if place > after and (not whats or told.what in whats)
        ]

    def last(self, of: str, *whats: str, after: int = -1, before: int = 10**9) -> Told | None:
        found = [told for k, told in self.all(of, *whats, after=after) if k < before]
        return found[-1] if found else None

    def value(self, of: str, what: str, field: str, otherwise: Any, **bounds: int) -> Any:
        """Give a field of the last such message."""
        found = self.last(of, what, **bounds)
        return otherwise if found is None else found.data[field]

    def is_destroyed(self, subject: str) -> bool:
        return bool(self.all(subject, *DESTRUCTORS))

    def ends(self, of: str, what: str) -> int:
        """Give the place of the last such message, before everything where there was none."""
        found = self.all(of, what)
        return found[-1][0] if found else -1

    # -- wl_registry ------------------------------------------------------------------------------

    def globals(self) -> dict[int, Any]:
        """`The global object identified by name is no longer available` from global_remove on."""
        found = {}
        for place, told in self.all("wl_registry", "global"):
            name = told.data["name"]
            if self.is_offered(name, place):
                found[name] = {**told.data, "bound": self.bound(name)}
        return found

    def is_offered(self, name: int, since: int) -> bool:
        removed = self.all("wl_registry", "global_remove", after=since)
        return not any(told.data["name"] == name for _, told in removed)

    def bound(self, name: int) -> list[str]:
        binds = [told.data for _, told in self.all("wl_registry", "bind")]
        return [d["id"] for d in binds if d["name"] == name and not self.is_destroyed(d["id"])]

    def live(self, interface: str) -> list[tuple[str, int, int]]:
        """Give subject, global and version of what is bound to a global that is there."""
        return [
            (told.data["id"], told.data["name"], told.data["version"])
            for place, told in self.all("wl_registry", "bind")
            if told.data["interface"] == interface
            and self.is_offered(told.data["name"], place)
            and not self.is_destroyed(told.data["id"])
        ]

    def version_of(self, subject: str, otherwise: int) -> int:
        binds = (told.data for _, told in self.all("wl_registry", "bind"))
        return next((d["version"] for d in binds if d["id"] == subject), otherwise)

    # -- wl_output, zxdg_output_v1 ----------------------------------------------------------------

    def outputs(self) -> dict[str, Any]:
        return {
            subject: self.output(subject, name, version)
            for subject, name, version in self.live("wl_output")
            if self.is_complete(subject, version)
        }

    def is_complete(self, subject: str, version: int) -> bool:
        """`After all other properties have been sent after binding` comes `done` (version 2)."""
        if version >= 2:
            return bool(self.all(subject, "done"))
        return bool(self.all(subject, "geometry") and self.modes(subject, 1, 10**9))

    def modes(self, subject: str, flag: int, before: int) -> list[dict[str, Any]]:
        told = [(k, one.data) for k, one in self.all(subject, "mode")]
        return [data for k, data in told if k < before and data["flags"] & flag]

    def output(self, subject: str, name: int, version: int) -> dict[str, Any]:
        """`This allows changes to the output properties to be seen as atomic` (wl_output.done)."""
        until = self.ends(subject, "done") if version >= 2 else len(self.history)
        geometry = self.last(subject, "geometry", before=until)
        told = geometry.data if geometry else NONE
        return {
            "subject": subject,
            "global_name": name,
            "version": version,
            "make": told.get("make"),
            "model": told.get("model"),
            "x": told.get("x", 0),
            "y": told.get("y", 0),
            "width_mm": told.get("physical_width", 0),
            "height_mm": told.get("physical_height", 0),
            "subpixel": told.get("subpixel", 0),
            "transform": told.get("transform", 0),
            "scale": self.value(subject, "scale", "factor", 1, before=until),
            "mode": self.mode(subject, 1, until),
            "preferred_mode": self.mode(subject, 2, until),
            **self.named(subject, until),
        }

    def mode(self, subject: str, flag: int, until: int) -> dict[str, int] | None:
        """`The last mode that was received with the current flag set` is the current one."""
        found = self.modes(subject, flag, until)
        if not found:
            return None
        last = found[-1]
        return {"width": last["width"], "height": last["height"], "refresh_mhz": last["refresh"]}

    def named(self, output: str, until: int) -> dict[str, Any]:
        """Give what wl_output and xdg-output both tell, as the last group that ended had it."""
        found: dict[str, Any] = dict.fromkeys(NAMING, (-1, -1, None))
        for place, field, value in self.naming(output):
            counts_at = self.counts_at(output, place, until)
            if counts_at is not None:
                found[field] = max(found[field], (counts_at, place, value))
        return {field: value for field, (_, _, value) in found.items()}

    def naming(self, output: str) -> list[tuple[int, str, Any]]:
        told = [(k, one.what, one.data[one.what]) for k, one in self.all(output, "name")]
        told += [(k, one.what, one.data[one.what]) for k, one in self.all(output, "description")]
        for xdg in self.xdg_outputs(output):
            for k, one in self.all(xdg, "name", "description"):
                told.append((k, one.what, one.data[one.what]))
            for k, one in self.all(xdg, "logical_position", "logical_size"):
                told += [(k, f"logical_{field}", value) for field, value in one.data.items()]
        return told

    def xdg_outputs(self, output: str) -> list[str]:
        made = [told.data for _, told in self.all("zxdg_output_manager_v1", "get_xdg_output")]
        return [data["id"] for data in made if data["output"] == output]

    def counts_at(self, output: str, place: int, until: int) -> int | None:
        """Give where the group ended in which something was told; None where it did not yet.

        Of zxdg_output_v1: `For objects version 3 onwards, this event is deprecated. Compositors
        […] must send wl_output.done instead.`
        """
        of = self.history[place].of
        if of != output and self.xdg_version(of) < 3:
            return next((k for k, _ in self.all(of, "done", after=place)), None)
        if until == len(self.history):
            return place
        return next((k for k, _ in self.all(output, "done", after=place)), None)

    def xdg_version(self, xdg: str) -> int:
        made = self.all("zxdg_output_manager_v1", "get_xdg_output")
        manager = next(told.of for _, told in made if told.data["id"] == xdg)
        return self.version_of(manager, 3)

    # -- wl_seat and its devices ------------------------------------------------------------------

    def seats(self) -> dict[str, Any]:
        return {
            subject: {
                "subject": subject,
                "global_name": name,
                "version": version,
                "name": self.value(subject, "name", "name", None),
                "capabilities": self.value(subject, "capabilities", "capabilities", 0),
                "pointer": self.device(subject, version, "get_pointer", self.pointer),
                "keyboard": self.device(subject, version, "get_keyboard", self.keyboard),
                "touch": self.device(subject, version, "get_touch", self.touch),
            }
            for subject, name, version in self.live("wl_seat")
            if self.all(subject, "capabilities")
        }

    def device(self, seat: str, version: int, request: str, tell: Any) -> dict[str, Any] | None:
        made = [(k, told.data["id"]) for k, told in self.all(seat, request)]
        live = [(k, subject) for k, subject in made if not self.is_destroyed(subject)]
        if not live:
            return None
        since, subject = live[0]
        common = {"subject": subject, "seat": seat, "version": version}
        return {**common, **tell(subject, version, since)}

    def events_of(self, device: str, seat_bit: int, since: int) -> list[Told]:
        """Give a device's events, with what ends them: a capability or a surface that is gone."""
        seat = next(t.of for t in self.history if t.data.get("id") == device)
        found = []
        for told in self.history[since:]:
            if told.of == device:
                found.append(told)
            elif told.of == seat and told.what == "capabilities":
                if not told.data["capabilities"] & seat_bit:
                    found.append(Told(device, "gone", NONE))
            elif told.interface == "wl_surface" and told.what == "destroy":
                found.append(Told(device, "surface gone", {"surface": told.of}))
        return found

    def pointer(self, subject: str, version: int, since: int) -> dict[str, Any]:
        """Since version 5 a client accumulates `all events within the frame before proceeding`."""
        now: dict[str, Any] = {"focus": None, "x": None, "y": None, "buttons": []}
        shown = dict(now)
        for told in self.events_of(subject, 1, since):
            before, now = now, self.pointed(now, told)
            is_lost = before["focus"] is not None and now["focus"] is None
            if version < 5 or told.what in ("frame", "gone") or (is_lost and told.what != "leave"):
                shown = now
        return shown

    def pointed(self, now: dict[str, Any], told: Told) -> dict[str, Any]:
        data = told.data
        match told.what:
            case "enter":
                at = {"x": data["surface_x"], "y": data["surface_y"]}
                return {**now, "focus": data["surface"], **at}
            case "motion":
                return {**now, "x": data["surface_x"], "y": data["surface_y"]}
            case "button":
                others = [button for button in now["buttons"] if button != data["button"]]
                return {**now, "buttons": others + [data["button"]] * data["state"]}
            case "leave" | "gone":
                return {"focus": None, "x": None, "y": None, "buttons": []}
            case "surface gone" if data["surface"] == now["focus"]:
                return {"focus": None, "x": None, "y": None, "buttons": []}
        return now

    def is_pointer_amid_focus(self, pointer: str) -> bool:
        """True between an enter or leave and its frame: the focus is known before the frame."""
        told = [one.what for _, one in self.all(pointer)]
        open_group = told[len(told) - told[::-1].index("frame") :] if "frame" in told else told
        return bool({"enter", "leave"} & set(open_group))

    def keyboard(self, subject: str, version: int, since: int) -> dict[str, Any]:
        """`By default, the active surface is null, the keys currently logically down are empty,
        the active modifiers and the active group are 0.`
        """
        repeat = self.last(subject, "repeat_info")
        keymap = self.last(subject, "keymap")
        now = {"focus": None, "keys": [], "modifiers": [0, 0, 0, 0]}
        for told in self.events_of(subject, 2, since):
            now = self.typed(now, told)
        names = ("depressed", "latched", "locked", "group")
        return {
            "focus": now["focus"],
            "keys": now["keys"],
            "modifiers": dict(zip(names, now["modifiers"], strict=True)),
            "repeat_rate": repeat.data["rate"] if repeat else None,
            "repeat_delay_ms": repeat.data["delay"] if repeat else None,
            "keymap_format": keymap.data["format"] if keymap else None,
            "keymap_size": keymap.data["size"] if keymap else None,
        }

    def typed(self, now: dict[str, Any], told: Told) -> dict[str, Any]:
        """`Leave` (and what ends a device) `resets all values to their defaults`."""
        data = told.data
        default = {"focus": None, "keys": [], "modifiers": [0, 0, 0, 0]}
        match told.what:
            case "enter":
                return {**now, "focus": data["surface"], "keys": list(data["keys"])}
            case "key" if data["state"] == 1:
                return {**now, "keys": [*now["keys"], data["key"]]}
            case "key" if data["state"] == 0:
                return {**now, "keys": [key for key in now["keys"] if key != data["key"]]}
            case "modifiers":
                masks = ("mods_depressed", "mods_latched", "mods_locked", "group")
                return {**now, "modifiers": [data[mask] for mask in masks]}
            case "leave" | "gone":
                return default
            case "surface gone" if data["surface"] == now["focus"]:
                return default
        return now

    def touch(self, subject: str, version: int, since: int) -> dict[str, Any]:
        """`Any state not updated in a frame is unchanged`; cancel `applies to all touch points`."""
        now: dict[int, Any] = {}
        shown: dict[int, Any] = {}
        for told in self.events_of(subject, 4, since):
            if told.what == "frame":
                shown = dict(now)
            elif told.what in ("cancel", "gone"):
                now, shown = {}, {}
            elif told.what == "surface gone":
                gone = told.data["surface"]
                now = {key: one for key, one in now.items() if one["surface"] != gone}
                shown = {key: one for key, one in shown.items() if one["surface"] != gone}
            else:
                now = self.touched(now, told)
        return {"points": shown}

    def touched(self, now: dict[int, Any], told: Told) -> dict[int, Any]:
        key = told.data["id"]
        plain = {
            name: told.data[name] for name in told.data if name not in ("id", "serial", "time")
        }
        if told.what == "down":
            shape = {"major": None, "minor": None, "orientation": None}
            return {**now, key: {"id": key, **plain, **shape}}
        if told.what == "up":
            return {other: one for other, one in now.items() if other != key}
        return {**now, key: {**now[key], **plain}} if key in now else now

    # -- wl_surface -------------------------------------------------------------------------------

    def surfaces(self) -> dict[str, Any]:
        return {
            told.data["id"]: self.surface(told.data["id"], self.version_of(told.of, 1))
            for _, told in self.all("wl_compositor", "create_surface")
            if not self.is_destroyed(told.data["id"])
        }

    def surface(self, subject: str, version: int) -> dict[str, Any]:
        """`wl_surface.commit` copies what is pending; `otherwise […] values are never changed`."""
        until = self.ends(subject, "commit")
        return {
            "subject": subject,
            "version": version,
            "role": self.role(subject),
            "buffer": self.value(subject, "attach", "buffer", None, before=until),
            "scale": self.value(subject, "set_buffer_scale", "scale", 1, before=until),
            "transform": self.value(subject, "set_buffer_transform", "transform", 0, before=until),
            "outputs": self.places(subject, "enter", "leave"),
            "commits": len(self.all(subject, "commit")),
            "preferred_scale": self.value(subject, "preferred_buffer_scale", "factor", None),
            "preferred_scale_120": self.fractional(subject),
            "preferred_transform": self.value(
                subject, "preferred_buffer_transform", "transform", None
            ),
        }

    def places(self, subject: str, enter: str, leave: str, before: int = 10**9) -> list[str]:
        """Give the outputs entered and not left, and still there."""
        found: list[str] = []
        for place, told in self.all(subject, enter, leave):
            if place < before:
                output = told.data["output"]
                found = [one for one in found if one != output] + [output] * (told.what == enter)
        there = {one for one, _, _ in self.live("wl_output")}
        return [output for output in found if output in there]

    def role(self, subject: str) -> str | None:
        cursors = [told.data["surface"] for _, told in self.all("wl_pointer", "set_cursor")]
        if subject in cursors:
            return "cursor"
        xdg = self.xdg_surfaces_of(subject)
        is_window = any(self.all(one, "get_toplevel") for one in xdg)
        return "xdg_toplevel" if is_window else None

    def fractional(self, surface: str) -> int | None:
        made = self.all("wp_fractional_scale_manager_v1", "get_fractional_scale")
        for _, told in made:
            if told.data["surface"] == surface:
                return self.value(told.data["id"], "preferred_scale", "scale", None)
        return None

    # -- xdg_surface, xdg_toplevel ----------------------------------------------------------------

    def xdg_surfaces_of(self, surface: str) -> list[str]:
        made = [told.data for _, told in self.all("xdg_wm_base", "get_xdg_surface")]
        return [data["id"] for data in made if data["surface"] == surface]

    def surface_of(self, xdg: str) -> str:
        made = [told.data for _, told in self.all("xdg_wm_base", "get_xdg_surface")]
        return next(data["surface"] for data in made if data["id"] == xdg)

    def windows(self) -> dict[str, Any]:
        found = {}
        parents = self.parents()
        for made, told in self.all("xdg_surface", "get_toplevel"):
            window, xdg = told.data["id"], told.of
            since = self.mappings(window, made)[-1][0]
            if self.all(xdg, "configure", after=since) and not self.is_destroyed(window):
                found[window] = {**self.window(window, xdg, since), "parent": parents[window]}
        return found

    def window(self, window: str, xdg: str, since: int) -> dict[str, Any]:
        """`The xdg_surface.configure event marks the end of a configure sequence`."""
        bounds = {"after": since, "before": self.ends(xdg, "configure")}
        told = self.last(window, "configure", **bounds)
        sizes = self.last(window, "configure_bounds", **bounds)
        room = [sizes.data["width"], sizes.data["height"]] if sizes else [0, 0]
        return {
            "subject": window,
            "xdg_surface": xdg,
            "surface": self.surface_of(xdg),
            "title": self.value(window, "set_title", "title", None, after=since),
            "app_id": self.value(window, "set_app_id", "app_id", None, after=since),
            "width": told.data["width"] if told else 0,
            "height": told.data["height"] if told else 0,
            "states": list(told.data["states"]) if told else [],
            "bounds": room if any(room) else None,
            "wm_capabilities": self.value(window, "wm_capabilities", "capabilities", [], **bounds),
            "close_requested": bool(self.all(window, "close", after=since)),
            "configured_serial": self.value(xdg, "configure", "serial", None, after=since),
            "acked_serial": self.value(xdg, "ack_configure", "serial", None, after=since),
        }

    def mappings(self, window: str, made: int) -> list[tuple[int, bool]]:
        """Give since when a window was new, mapped, and new again.

        `Attaching a null buffer to a toplevel unmaps the surface […] The xdg_toplevel returns to
        the state it had right after xdg_surface.get_toplevel.`
        """
        surface = self.surface_of(self.history[made].of)
        found = [(made, False)]
        for place, _ in self.all(surface, "commit", after=made):
            has_buffer = bool(self.value(surface, "attach", "buffer", None, before=place))
            if has_buffer is not found[-1][1]:
                # A mapped window has been the same since it was new.
                found.append((found[-1][0] if has_buffer else place, has_buffer))
        return found

    def is_mapped(self, window: str, at: int) -> bool:
        made = next(k for k, t in self.all("xdg_surface", "get_toplevel") if t.data["id"] == window)
        surface = self.surface_of(self.history[made].of)
        commits = [k for k, _ in self.all(surface, "commit", after=made) if k <= at]
        gone = [k for k, _ in self.all(window, "destroy") if k <= at]
        if gone or not commits:
            return False
        return bool(self.value(surface, "attach", "buffer", None, before=commits[-1]))

    def parents(self) -> dict[str, str | None]:
        """`Setting a parent which is not mapped is equivalent to setting a null parent. If a
        surface becomes unmapped, its children's parent is set to the parent of the now-unmapped
        surface.`
        """
        found: dict[str, str | None] = {}
        mapped: set[str] = set()
        for place, told in enumerate(self.history):
            if told.what == "get_toplevel":
                found[told.data["id"]] = None
            elif told.what == "set_parent":
                parent = told.data["parent"]
                found[told.of] = parent if parent and self.is_mapped(parent, place) else None
            for window in list(found) if told.what in ("commit", "destroy") else ():
                if self.is_mapped(window, place):
                    mapped.add(window)
                elif window in mapped:
                    mapped.discard(window)
                    heir, found[window] = found[window], None
                    for child in found:
                        found[child] = heir if found[child] == window else found[child]
        return found

    # -- zwlr_foreign_toplevel_handle_v1, ext_foreign_toplevel_handle_v1 --------------------------

    def toplevels(self) -> dict[str, Any]:
        found = {}
        for interface in ("zwlr_foreign_toplevel_manager_v1", "ext_foreign_toplevel_list_v1"):
            for _, told in self.all(interface, "toplevel"):
                handle = told.data["toplevel"]
                if self.all(handle, "done") and self.has_window(handle):
                    found[handle] = self.toplevel(handle)
        return found

    def has_window(self, handle: str) -> bool:
        return not self.all(handle, "closed") and not self.is_destroyed(handle)

    def toplevel(self, handle: str) -> dict[str, Any]:
        """`done` comes `after all changes in the toplevel state have been sent`."""
        until = self.ends(handle, "done")
        parent = self.value(handle, "parent", "parent", None, before=until)
        return {
            "subject": handle,
            "title": self.value(handle, "title", "title", None, before=until),
            "app_id": self.value(handle, "app_id", "app_id", None, before=until),
            "identifier": self.value(handle, "identifier", "identifier", None, before=until),
            "states": list(self.value(handle, "state", "state", [], before=until)),
            "outputs": self.places(handle, "output_enter", "output_leave", before=until),
            "parent": parent if parent and self.has_window(parent) else None,
        }
