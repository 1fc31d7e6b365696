"""Protocols that the harness itself uses: pictures of outputs, and input where there is no module.

The XML is in `protocols/`; a test compares.
"""

from collections.abc import Mapping
from functools import cache

from wayfold.testing.interfaces import Interface, parse_interfaces, standard_interfaces

__all__ = ["known_interfaces"]


@cache
def known_interfaces() -> Mapping[str, Interface]:
    """Give the scripted server's interfaces and these."""
    return {**standard_interfaces(), **parse_interfaces(_TABLE)}


_TABLE = """
interface weston_screenshooter 1
request take_shot oo
event done
interface weston_capture_v1 2
request destroy destructor
request create oun creates=weston_capture_source_v1
interface weston_capture_source_v1 2
request destroy destructor
request capture o
event format u
event size ii
event complete
event retry
event failed ?s
event formats_done since=2
interface zwlr_screencopy_manager_v1 3
request capture_output nio creates=zwlr_screencopy_frame_v1
request capture_output_region nioiiii creates=zwlr_screencopy_frame_v1
request destroy destructor
interface zwlr_screencopy_frame_v1 3
request copy o
request destroy destructor
request copy_with_damage o since=2
event buffer uuuu
event flags u
event ready uuu
event failed
event damage uuuu since=2
event linux_dmabuf uuu since=3
event buffer_done since=3
interface zwlr_virtual_pointer_manager_v1 2
request create_virtual_pointer ?on creates=zwlr_virtual_pointer_v1
request destroy since=1 destructor
request create_virtual_pointer_with_output ?o?on since=2 creates=zwlr_virtual_pointer_v1
interface zwlr_virtual_pointer_v1 2
request motion uff
request motion_absolute uuuuu
request button uuu
request axis uuf
request frame
request axis_source u
request axis_stop uu
request axis_discrete uufi
request destroy since=1 destructor
interface zwp_virtual_keyboard_manager_v1 1
request create_virtual_keyboard on creates=zwp_virtual_keyboard_v1
interface zwp_virtual_keyboard_v1 1
request keymap uhu
request key uuu
request modifiers uuuu
request destroy since=1 destructor
"""
