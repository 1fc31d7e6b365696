import subprocess
import sys

import pytest

from wayfold.protocol import schema


def test_an_unknown_interface_is_told_with_the_names_most_like_it():
    with pytest.raises(
        schema.UnknownInterface, match=r"wl_ouput.*did you mean wl_output"
    ) as caught:
        schema.interface("wl_ouput")

    assert caught.value.name == "wl_ouput"
    assert "wl_output" in caught.value.close
    assert isinstance(caught.value, LookupError)


def test_a_name_like_no_other_is_told_without_a_guess():
    with pytest.raises(schema.UnknownInterface) as caught:
        schema.interface("")

    assert str(caught.value) == "no known protocol has an interface ''"
    assert caught.value.close == ()


def test_an_interface_whose_module_is_gone_is_unknown(monkeypatch):
    monkeypatch.setitem(sys.modules, "pywayland.protocol.xdg_activation_v1", None)

    with pytest.raises(schema.UnknownInterface, match="xdg_activation_v1"):
        schema.interface.__wrapped__("xdg_activation_v1")


def test_looking_up_loads_no_protocol_before_it_is_asked_for():
    code = (
        "import sys; from wayfold.protocol import schema; schema.interfaces();"
        "schema.array_element('wl_keyboard', 'enter', 'keys');"
        "print([name for name in sys.modules if name.startswith('pywayland.protocol.')])"
    )
    printed = subprocess.check_output([sys.executable, "-c", code], text=True)

    assert printed == "[]\n"


@pytest.mark.parametrize(
    ("interface", "event", "expected"),
    [
        ("wl_callback", "done", True),
        ("wp_presentation_feedback", "presented", True),
        ("zwlr_output_manager_v1", "finished", True),
        ("zwlr_output_head_v1", "finished", False),
        ("wl_output", "done", False),
        ("no_such", "done", False),
    ],
)
def test_events_that_end_their_object_are_known(interface, event, expected):
    assert schema.is_destructor_event(interface, event) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("wl_keyboard.enter.keys", "u32"),
        ("xdg_toplevel.configure.states", "u32"),
        ("xdg_toplevel.wm_capabilities.capabilities", "u32"),
        ("zwlr_foreign_toplevel_handle_v1.state.state", "u32"),
        ("zwp_linux_dmabuf_feedback_v1.tranche_formats.indices", "u16"),
        ("zwp_linux_dmabuf_feedback_v1.main_device.device", "bytes"),
        ("no_such.message.argument", "bytes"),
    ],
)
def test_what_an_array_holds_is_known(path, expected):
    assert schema.array_element(*path.split(".")) == expected


@pytest.mark.parametrize(
    ("interface", "code", "expected"),
    [
        ("wl_display", 1, "invalid_method"),
        ("xdg_wm_base", 3, "invalid_popup_parent"),
        ("zwlr_layer_shell_v1", 0, "role"),
        ("wl_display", 99, None),
        ("wl_callback", 0, None),
        ("no_such", 0, None),
    ],
)
def test_error_codes_have_names(interface, code, expected):
    assert schema.error_name(interface, code) == expected


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("wl_output.geometry.subpixel", 2, "horizontal_rgb"),
        ("wl_output.geometry.transform", 0, "normal"),
        ("wl_output.geometry.transform", 1, "90"),
        ("wl_output.geometry.transform", 5, "flipped_90"),
        ("wl_output.geometry.transform", 8, None),
        ("wl_output.geometry.x", 0, None),
        ("wl_keyboard.keymap.format", 1, "xkb_v1"),
        ("wl_keyboard.key.state", 1, "pressed"),
        ("wl_pointer.axis.axis", 1, "horizontal_scroll"),
        ("wl_pointer.button.state", 0, "released"),
        ("wl_shm.format.format", 0x34324258, "xbgr8888"),
        ("xdg_toplevel.resize.edges", 5, "top_left"),
        ("xdg_toplevel.configure.states", 4, "activated"),
        ("xdg_toplevel.wm_capabilities.capabilities", 2, "maximize"),
        ("zxdg_toplevel_decoration_v1.configure.mode", 2, "server_side"),
        ("zwlr_layer_shell_v1.get_layer_surface.layer", 3, "overlay"),
        ("zwlr_output_head_v1.transform.transform", 7, "flipped_270"),
        ("zwlr_foreign_toplevel_handle_v1.state.state", 2, "activated"),
        ("zwp_virtual_keyboard_v1.key.state", 1, "pressed"),
        ("no_such.message.argument", 0, None),
    ],
)
def test_values_have_the_names_of_the_xml(path, value, expected):
    assert schema.enum_name(*path.split("."), value) == expected


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("wl_output.mode.flags", 1, "current"),
        ("wl_output.mode.flags", 3, "current|preferred"),
        ("wl_seat.capabilities.capabilities", 7, "pointer|keyboard|touch"),
        ("wl_data_offer.source_actions.source_actions", 0, "none"),
        ("wl_data_offer.source_actions.source_actions", 3, "copy|move"),
        ("zwlr_layer_surface_v1.set_anchor.anchor", 15, "top|bottom|left|right"),
        ("wl_shell_surface.resize.edges", 5, "top_left"),
        ("wl_seat.capabilities.capabilities", 0, None),
        ("wl_seat.capabilities.capabilities", 1 | 1 << 20, None),
        ("wl_seat.capabilities.capabilities", -1, None),
    ],
)
def test_flags_are_joined_and_unknown_bits_make_them_unknown(path, value, expected):
    assert schema.enum_name(*path.split("."), value) == expected


@pytest.mark.parametrize(
    ("request_path", "expected"),
    [
        ("wl_display.sync", "callback"),
        ("wl_display.get_registry", "registry"),
        ("wl_registry.bind", "id"),
        ("wl_surface.frame", "callback"),
        ("wl_compositor.create_surface", "id"),
        ("wp_presentation.feedback", "callback"),
        ("zwp_linux_dmabuf_v1.create_params", "params_id"),
        ("zwp_linux_buffer_params_v1.create_immed", "buffer_id"),
        ("zwp_tablet_manager_v2.get_tablet_seat", "tablet_seat"),
        ("zwlr_screencopy_manager_v1.capture_output", "frame"),
        ("weston_capture_v1.create", "capture_source_new_id"),
    ],
)
def test_new_objects_have_the_argument_names_of_the_xml(request_path, expected):
    assert schema.new_id_name(*request_path.split(".")) == expected


@pytest.mark.parametrize("request_name", ["destroy", "attach", "no_such", "enter"])
def test_a_request_that_makes_nothing_has_no_new_object(request_name):
    with pytest.raises(LookupError, match=f"wl_surface.{request_name} is not a request"):
        schema.new_id_name("wl_surface", request_name)
