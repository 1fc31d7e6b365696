"""What a message is called and made of, for the interfaces that a scripted server speaks."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

__all__ = ["Interface", "Message", "parse_interfaces", "standard_interfaces"]


@dataclass(frozen=True, slots=True)
class Message:
    """One request or event; `opcode` is its place among its interface's."""

    name: str
    opcode: int
    signature: str = ""
    creates: str | None = None
    since: int = 1
    is_destructor: bool = False


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface at its newest known version."""

    name: str
    version: int
    requests: tuple[Message, ...] = ()
    events: tuple[Message, ...] = ()

    def event(self, name: str) -> Message:
        """Find an event by name; raises LookupError."""
        for event in self.events:
            if event.name == name:
                return event
        raise LookupError(f"{self.name} has no event {name!r} in the server's table")


def parse_interfaces(text: str) -> dict[str, Interface]:
    """Read a table like the one in this module; raises ValueError at a line it cannot read.

    A line is `interface NAME VERSION`, or `request|event NAME [SIGNATURE] [creates=INTERFACE]
    [since=VERSION] [destructor]` with a signature as in `wayfold.testing.wire`.
    """
    found: dict[str, Interface] = {}
    for block in text.split("interface ")[1:]:
        head, *lines = block.strip().splitlines()
        name, version = head.split()
        requests = [line for line in lines if line.startswith("request ")]
        events = [line for line in lines if line.startswith("event ")]
        if len(requests) + len(events) < len(lines):
            raise ValueError(f"a line of {name} is neither a request nor an event")
        found[name] = Interface(name, int(version), _messages(requests), _messages(events))
    return found


def _messages(lines: list[str]) -> tuple[Message, ...]:
    return tuple(_message(opcode, line.split()[1:]) for opcode, line in enumerate(lines))


def _message(opcode: int, words: list[str]) -> Message:
    name, *rest = words
    options = dict(word.split("=") for word in rest if "=" in word)
    plain = [word for word in rest if "=" not in word and word != "destructor"]
    return Message(
        name,
        opcode,
        plain[0] if plain else "",
        options.get("creates"),
        int(options.get("since", "1")),
        "destructor" in rest,
    )


@cache
def standard_interfaces() -> Mapping[str, Interface]:
    """Give the core protocol, xdg-shell, xdg-output and ext-foreign-toplevel-list."""
    return parse_interfaces(_TABLE)


# The versions are those of pywayland 0.4.19.
_TABLE = """
interface wl_display 1
request sync n creates=wl_callback
request get_registry n creates=wl_registry
event error ous
event delete_id u
interface wl_registry 1
request bind usun
event global usu
event global_remove u
interface wl_callback 1
event done u
interface wl_output 4
request release since=3 destructor
event geometry iiiiissi
event mode uiii
event done since=2
event scale i since=2
event name s since=4
event description s since=4
interface wl_compositor 7
request create_surface n creates=wl_surface
request create_region n creates=wl_region
request release since=7 destructor
interface wl_shm 3
request create_pool nhi creates=wl_shm_pool
request release since=2 destructor
event format u
interface wl_shm_pool 3
request create_buffer niiiiu creates=wl_buffer
request destroy destructor
request resize i
interface wl_buffer 1
request destroy destructor
event release
interface wl_surface 7
request destroy destructor
request attach ?oii
request damage iiii
request frame n creates=wl_callback
request set_opaque_region ?o
request set_input_region ?o
request commit
request set_buffer_transform i since=2
request set_buffer_scale i since=3
request damage_buffer iiii since=4
request offset ii since=5
request get_release n creates=wl_callback since=7
event enter o
event leave o
event preferred_buffer_scale i since=6
event preferred_buffer_transform u since=6
interface wl_region 7
request destroy destructor
request add iiii
request subtract iiii
interface wl_seat 11
request get_pointer n creates=wl_pointer
request get_keyboard n creates=wl_keyboard
request get_touch n creates=wl_touch
request release since=5 destructor
event capabilities u
event name s since=2
interface wl_pointer 11
request set_cursor u?oii
request release since=3 destructor
event enter uoff
event leave uo
event motion uff
event button uuuu
event axis uuf
event frame since=5
event axis_source u since=5
event axis_stop uu since=5
event axis_discrete ui since=5
event axis_value120 ui since=8
event axis_relative_direction uu since=9
event warp ff since=11
interface wl_keyboard 11
request release since=3 destructor
event keymap uhu
event enter uoa
event leave uo
event key uuuu
event modifiers uuuuu
event repeat_info ii since=4
interface wl_touch 11
request release since=3 destructor
event down uuoiff
event up uui
event motion uiff
event frame
event cancel
event shape iff since=6
event orientation if since=6
interface wl_fixes 2
request destroy destructor
request destroy_registry o
request ack_global_remove ou since=2
interface xdg_wm_base 7
request destroy destructor
request create_positioner n creates=xdg_positioner
request get_xdg_surface no creates=xdg_surface
request pong u
event ping u
interface xdg_positioner 7
request destroy destructor
request set_size ii
request set_anchor_rect iiii
request set_anchor u
request set_gravity u
request set_constraint_adjustment u
request set_offset ii
request set_reactive since=3
request set_parent_size ii since=3
request set_parent_configure u since=3
interface xdg_surface 7
request destroy destructor
request get_toplevel n creates=xdg_toplevel
request get_popup n?oo creates=xdg_popup
request set_window_geometry iiii
request ack_configure u
event configure u
interface xdg_toplevel 7
request destroy destructor
request set_parent ?o
request set_title s
request set_app_id s
request show_window_menu ouii
request move ou
request resize ouu
request set_max_size ii
request set_min_size ii
request set_maximized
request unset_maximized
request set_fullscreen ?o
request unset_fullscreen
request set_minimized
event configure iia
event close
event configure_bounds ii since=4
event wm_capabilities a since=5
interface xdg_popup 7
request destroy destructor
request grab ou
request reposition ou since=3
event configure iiii
event popup_done
event repositioned u since=3
interface zxdg_output_manager_v1 3
request destroy destructor
request get_xdg_output no creates=zxdg_output_v1
interface zxdg_output_v1 3
request destroy destructor
event logical_position ii
event logical_size ii
event done
event name s since=2
event description s since=2
interface ext_foreign_toplevel_list_v1 1
request stop
request destroy destructor
event toplevel n creates=ext_foreign_toplevel_handle_v1
event finished
interface ext_foreign_toplevel_handle_v1 1
request destroy destructor
event closed
event done
event title s
event app_id s
event identifier s
"""
