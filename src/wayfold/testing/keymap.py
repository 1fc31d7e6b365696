"""Keys by name, through libxkbcommon, which every compositor brings.

Names are those of xkbcommon-keysyms.h without XKB_KEY_, such as Return or Shift_L, or the
character itself.
"""

import ctypes
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from wayfold.testing.failures import CompositorMissing

__all__ = ["KeyState", "Keymap", "Modifiers", "Stroke", "keymap_of"]

_LIBRARY = "libxkbcommon.so.0"
_TEXT_V1 = 1
_EVDEV_OFFSET = 8  # XKB's keycodes are the kernel's plus 8
_MOST_MASKS = 8
_HOLDERS = ("Shift_L", "ISO_Level3_Shift", "Control_L", "Alt_L", "Super_L")
_CRITICAL = 10
_DEPRESSED, _LATCHED, _LOCKED, _LAYOUT = 1 << 0, 1 << 1, 1 << 2, 1 << 7


class Stroke(NamedTuple):
    """How something is typed: a key, by its number in linux/input-event-codes.h, and those held."""

    code: int
    held: tuple[int, ...] = ()


class Modifiers(NamedTuple):
    """What a client is told in wl_keyboard.modifiers."""

    depressed: int
    latched: int
    locked: int
    group: int


class _Names(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")
    ]


class Keymap:
    """A keyboard's layout, as `setxkbmap` names them; raises ValueError where there is none."""

    def __init__(self, layout: str = "us", variant: str = "", options: str = "") -> None:
        xkb = _library()
        names = _Names(b"evdev", b"pc105", layout.encode(), variant.encode(), options.encode())
        self._keymap = xkb.xkb_keymap_new_from_names(_context(), ctypes.byref(names), 0)
        if not self._keymap:
            raise ValueError(f"libxkbcommon knows no layout {layout!r} with variant {variant!r}")
        self._strokes: Mapping[int, Stroke] | None = None
        self._descriptor = -1

    @property
    def descriptor(self) -> int:
        """Give a memory file with the keymap's text and a NUL, as wl_keyboard.keymap has it."""
        if self._descriptor < 0:
            self._descriptor = os.memfd_create("xkb-layout", os.MFD_CLOEXEC)
            os.write(self._descriptor, self.text.encode() + b"\0")
        return self._descriptor

    @property
    def text(self) -> str:
        """Give the whole keymap in XKB's text format, version 1."""
        found = _library().xkb_keymap_get_as_string(self._keymap, _TEXT_V1)
        try:
            return ctypes.string_at(found).decode()
        finally:
            _free(found)

    def code(self, name: str) -> int:
        """Give the key of this name, whatever must be held with it; raises ValueError."""
        return self.stroke(name).code

    def stroke(self, name: str) -> Stroke:
        """Tell how this key or character is typed; raises ValueError where it cannot be."""
        if self._strokes is None:
            self._strokes = dict(self._all_strokes())
        try:
            return self._strokes[_symbol(name)]
        except KeyError:
            raise ValueError(f"no key of this keyboard gives {name!r}") from None

    def _all_strokes(self) -> list[tuple[int, Stroke]]:
        # Level by level, the highest first: what is written last is typed with the least.
        found = [
            (level, symbol, key)
            for key in range(
                _library().xkb_keymap_min_keycode(self._keymap),
                _library().xkb_keymap_max_keycode(self._keymap) + 1,
            )
            for level in range(_library().xkb_keymap_num_levels_for_key(self._keymap, key, 0))
            for symbol in self._symbols(key, level)
        ]
        found.sort(key=lambda each: (-each[0], -each[2]))
        holders = self._holders(found)
        strokes = []
        for level, symbol, key in found:
            held = self._held(key, level, holders)
            if held is not None:
                strokes.append((symbol, Stroke(key - _EVDEV_OFFSET, held)))
        return strokes

    def _symbols(self, key: int, level: int) -> list[int]:
        symbols = ctypes.POINTER(ctypes.c_uint32)()
        count = _library().xkb_keymap_key_get_syms_by_level(
            self._keymap, key, 0, level, ctypes.byref(symbols)
        )
        return [symbols[place] for place in range(count)]

    def _holders(self, found: list[tuple[int, int, int]]) -> list[tuple[int, int]]:
        """Give the modifiers that each key sets while it is held."""
        keys = {symbol: key for level, symbol, key in found if level == 0}
        holders = []
        for name in _HOLDERS:
            key = keys.get(_symbol(name))
            if key is not None:
                state = KeyState(self)
                state.update(key - _EVDEV_OFFSET, True)
                holders.append((state.modifiers.depressed, key - _EVDEV_OFFSET))
        return holders

    def _held(self, key: int, level: int, holders: list[tuple[int, int]]) -> tuple[int, ...] | None:
        """Give the keys to hold for this level; None where no set of them leads to it."""
        masks = (ctypes.c_uint32 * _MOST_MASKS)()
        count = _library().xkb_keymap_key_get_mods_for_level(
            self._keymap, key, 0, level, masks, _MOST_MASKS
        )
        for mask in sorted(masks[:count], key=int.bit_count):
            held = tuple(code for sets, code in holders if sets & mask)
            reached = 0
            for sets, _ in holders:
                reached |= sets & mask
            if reached == mask:
                return held
        return None


@cache
def keymap_of(layout: str) -> Keymap:
    """Give the keymap of a layout, compiled once in a process: it takes longer than a roundtrip."""
    return Keymap(layout)


class KeyState:
    """Which modifiers hold while keys go down and up."""

    def __init__(self, keymap: Keymap) -> None:
        self._keymap = keymap  # the state refers to it
        self._state = _library().xkb_state_new(keymap._keymap)

    def update(self, code: int, is_down: bool) -> None:
        """Let a key go down or up."""
        _library().xkb_state_update_key(self._state, code + _EVDEV_OFFSET, int(is_down))

    @property
    def modifiers(self) -> Modifiers:
        """Give what holds now."""
        xkb = _library()
        return Modifiers(
            depressed=xkb.xkb_state_serialize_mods(self._state, _DEPRESSED),
            latched=xkb.xkb_state_serialize_mods(self._state, _LATCHED),
            locked=xkb.xkb_state_serialize_mods(self._state, _LOCKED),
            group=xkb.xkb_state_serialize_layout(self._state, _LAYOUT),
        )


def _symbol(name: str) -> int:
    xkb = _library()
    symbol: int = xkb.xkb_keysym_from_name(name.encode(), 0)
    if not symbol and len(name) == 1:
        symbol = xkb.xkb_utf32_to_keysym(ord(_KEYS_OF.get(name, name)))
    if not symbol:
        raise ValueError(f"libxkbcommon knows no key {name!r}; names are such as Return or Shift_L")
    return symbol


_KEYS_OF = {"\n": "\r"}  # what is typed at the end of a line is Return


@cache
def _library() -> Any:
    try:
        xkb = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise CompositorMissing(_LIBRARY, "libxkbcommon0") from error
    for name, (result, *arguments) in _SIGNATURES.items():
        function: Any = getattr(xkb, name)
        function.restype, function.argtypes = result, arguments
    return xkb


@cache
def _context() -> Any:
    context = _library().xkb_context_new(0)
    _library().xkb_context_set_log_level(context, _CRITICAL)  # what is wrong is raised, not printed
    return context


def _free(address: int) -> None:
    free: Callable[[ctypes.c_void_p], None] = ctypes.CDLL(None).free
    free(ctypes.c_void_p(address))


_POINTER, _UINT, _INT, _TEXT = ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_char_p
_SIGNATURES: Mapping[str, tuple[Any, ...]] = {
    "xkb_context_new": (_POINTER, _INT),
    "xkb_context_set_log_level": (None, _POINTER, _INT),
    "xkb_keymap_new_from_names": (_POINTER, _POINTER, _POINTER, _INT),
    "xkb_keymap_get_as_string": (_POINTER, _POINTER, _INT),
    "xkb_keymap_min_keycode": (_UINT, _POINTER),
    "xkb_keymap_max_keycode": (_UINT, _POINTER),
    "xkb_keymap_num_levels_for_key": (_UINT, _POINTER, _UINT, _UINT),
    "xkb_keymap_key_get_syms_by_level": (_INT, _POINTER, _UINT, _UINT, _UINT, _POINTER),
    "xkb_keymap_key_get_mods_for_level": (
        *(ctypes.c_size_t, _POINTER, _UINT, _UINT, _UINT),
        *(_POINTER, ctypes.c_size_t),
    ),
    "xkb_keysym_from_name": (_UINT, _TEXT, _INT),
    "xkb_utf32_to_keysym": (_UINT, _UINT),
    "xkb_state_new": (_POINTER, _POINTER),
    "xkb_state_update_key": (_INT, _POINTER, _UINT, _INT),
    "xkb_state_serialize_mods": (_UINT, _POINTER, _INT),
    "xkb_state_serialize_layout": (_UINT, _POINTER, _INT),
}
