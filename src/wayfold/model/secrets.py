"""What people type and copy: fields that must not reach a file unless asked for."""

from collections.abc import Mapping, Sequence

__all__ = ["SECRETS"]

_MODIFIERS = ("mods_depressed", "mods_latched", "mods_locked")

SECRETS: Mapping[str, Sequence[str]] = {
    "wl_keyboard.enter": ("keys",),
    "wl_keyboard.key": ("key",),
    "wl_keyboard.modifiers": _MODIFIERS,
    "zwp_virtual_keyboard_v1.key": ("key",),
    "zwp_virtual_keyboard_v1.modifiers": _MODIFIERS,
    "zwp_text_input_v3.set_surrounding_text": ("text",),
    "zwp_text_input_v3.preedit_string": ("text",),
    "zwp_text_input_v3.commit_string": ("text",),
    "zwp_text_input_v1.set_surrounding_text": ("text",),
    "zwp_text_input_v1.preedit_string": ("text", "commit"),
    "zwp_text_input_v1.commit_string": ("text",),
    "zwp_text_input_v1.keysym": ("sym", "modifiers"),
    "zwp_input_method_context_v1.surrounding_text": ("text",),
    "zwp_input_method_context_v1.preedit_string": ("text", "commit"),
    "zwp_input_method_context_v1.commit_string": ("text",),
    "zwp_input_method_context_v1.keysym": ("sym", "modifiers"),
    "zwp_input_method_context_v1.key": ("key",),
    "zwp_input_method_context_v1.modifiers": _MODIFIERS,
    "zwp_xwayland_keyboard_grab_v1.key": ("key",),
}
"""Fields by record name. What is copied or dragged passes by descriptors, and is in no record."""
