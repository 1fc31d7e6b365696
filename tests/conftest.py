"""What tests of the client share: one of a scripted server, and a count of open descriptors."""

import ctypes
import gc
import os

import pytest

import wayfold


def pytest_terminal_summary(terminalreporter):
    """Print how each program of others did under each compositor, where any was run."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    found = {
        dict(each.user_properties)["program"]: each.outcome
        for each in reports
        if "program" in dict(each.user_properties)
    }
    if not found:
        return
    tiers = sorted({tier for _, tier in found})
    terminalreporter.section("programs of others")
    terminalreporter.write_line(f"{'':18}" + "".join(f"{tier:<14}" for tier in tiers).rstrip())
    for name in dict.fromkeys(name for name, _ in found):
        cells = [found.get((name, tier), "-") for tier in tiers]
        terminalreporter.write_line(
            f"{name:18}" + "".join(f"{each:<14}" for each in cells).rstrip()
        )


@pytest.fixture
def client(scripted_server):
    """A client of the scripted server, with its first state complete."""
    with wayfold.connect(scripted_server.client_socket) as made:
        yield made


@pytest.fixture
def open_descriptors():
    """Count the descriptors of this process."""

    def count():
        gc.collect()
        return len(os.listdir("/proc/self/fd"))

    return count


def keymap():
    """Give the default keymap as libxkbcommon writes it."""
    xkb = ctypes.CDLL("libxkbcommon.so.0")
    for name in ("xkb_context_new", "xkb_keymap_new_from_names", "xkb_keymap_get_as_string"):
        getattr(xkb, name).restype = ctypes.c_void_p
    context = ctypes.c_void_p(xkb.xkb_context_new(0))
    made = ctypes.c_void_p(xkb.xkb_keymap_new_from_names(context, None, 0))
    return ctypes.string_at(xkb.xkb_keymap_get_as_string(made, 1)) + b"\0"


@pytest.fixture
def plug_keyboard():
    """Plug in a virtual keyboard through a client, as another device of the seat."""

    def plug_keyboard(client):
        manager = client.bind("zwp_virtual_keyboard_manager_v1")
        keyboard = manager.create_virtual_keyboard(client.bind("wl_seat"))
        text = keymap()
        descriptor = os.memfd_create("keymap")
        os.write(descriptor, text)
        keyboard.keymap(1, descriptor, len(text))
        os.close(descriptor)
        return keyboard

    return plug_keyboard
