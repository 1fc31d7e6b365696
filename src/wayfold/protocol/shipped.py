"""What pywayland's scanner leaves out of the modules that pywayland ships, and what no XML says.

For the protocols in `protocols/` the build writes the same tables itself, into `_index.py`.
From the XML of Wayland 1.23.92 and wayland-protocols 1.45; what is younger, from pywayland 0.4.19.
"""

from typing import Literal

__all__ = ["ARRAY_ELEMENTS", "DESTRUCTOR_EVENTS", "ENUM_USES", "Element"]

Element = Literal["u32", "u16", "bytes"]

ENUM_USES: dict[str, tuple[str, ...]] = {
    "ext_background_effect_manager_v1.capability": (
        "ext_background_effect_manager_v1.capabilities.flags",
    ),
    "ext_image_copy_capture_frame_v1.failure_reason": (
        "ext_image_copy_capture_frame_v1.failed.reason",
    ),
    "ext_image_copy_capture_manager_v1.options": (
        "ext_image_copy_capture_manager_v1.create_session.options",
    ),
    "ext_workspace_group_handle_v1.group_capabilities": (
        "ext_workspace_group_handle_v1.capabilities.capabilities",
    ),
    "ext_workspace_handle_v1.state": ("ext_workspace_handle_v1.state.state",),
    "ext_workspace_handle_v1.workspace_capabilities": (
        "ext_workspace_handle_v1.capabilities.capabilities",
    ),
    "wl_data_device_manager.dnd_action": (
        "wl_data_offer.action.dnd_action",
        "wl_data_offer.set_actions.dnd_actions",
        "wl_data_offer.set_actions.preferred_action",
        "wl_data_offer.source_actions.source_actions",
        "wl_data_source.action.dnd_action",
        "wl_data_source.set_actions.dnd_actions",
    ),
    "wl_keyboard.key_state": (
        "wl_keyboard.key.state",
        "zwp_input_method_context_v1.key.state",
        "zwp_virtual_keyboard_v1.key.state",
    ),
    "wl_keyboard.keymap_format": ("wl_keyboard.keymap.format",),
    "wl_output.mode": ("wl_output.mode.flags",),
    "wl_output.subpixel": ("wl_output.geometry.subpixel",),
    "wl_output.transform": (
        "ext_image_copy_capture_frame_v1.transform.transform",
        "wl_output.geometry.transform",
        "wl_surface.preferred_buffer_transform.transform",
        "wl_surface.set_buffer_transform.transform",
    ),
    "wl_pointer.axis": (
        "wl_pointer.axis.axis",
        "wl_pointer.axis_discrete.axis",
        "wl_pointer.axis_relative_direction.axis",
        "wl_pointer.axis_stop.axis",
        "wl_pointer.axis_value120.axis",
    ),
    "wl_pointer.axis_relative_direction": ("wl_pointer.axis_relative_direction.direction",),
    "wl_pointer.axis_source": ("wl_pointer.axis_source.axis_source",),
    "wl_pointer.button_state": ("wl_pointer.button.state",),
    "wl_seat.capability": ("wl_seat.capabilities.capabilities",),
    "wl_shell_surface.fullscreen_method": ("wl_shell_surface.set_fullscreen.method",),
    "wl_shell_surface.resize": (
        "wl_shell_surface.configure.edges",
        "wl_shell_surface.resize.edges",
    ),
    "wl_shell_surface.transient": (
        "wl_shell_surface.set_popup.flags",
        "wl_shell_surface.set_transient.flags",
    ),
    "wl_shm.format": (
        "ext_image_copy_capture_session_v1.shm_format.format",
        "wl_shm.format.format",
        "wl_shm_pool.create_buffer.format",
    ),
    "wp_color_manager_v1.feature": ("wp_color_manager_v1.supported_feature.feature",),
    "wp_color_manager_v1.primaries": (
        "wp_color_manager_v1.supported_primaries_named.primaries",
        "wp_image_description_creator_params_v1.set_primaries_named.primaries",
        "wp_image_description_info_v1.primaries_named.primaries",
    ),
    "wp_color_manager_v1.render_intent": (
        "wp_color_management_surface_v1.set_image_description.render_intent",
        "wp_color_manager_v1.supported_intent.render_intent",
    ),
    "wp_color_manager_v1.transfer_function": (
        "wp_color_manager_v1.supported_tf_named.tf",
        "wp_image_description_creator_params_v1.set_tf_named.tf",
        "wp_image_description_info_v1.tf_named.tf",
    ),
    "wp_color_representation_surface_v1.alpha_mode": (
        "wp_color_representation_manager_v1.supported_alpha_mode.alpha_mode",
        "wp_color_representation_surface_v1.set_alpha_mode.alpha_mode",
    ),
    "wp_color_representation_surface_v1.chroma_location": (
        "wp_color_representation_surface_v1.set_chroma_location.chroma_location",
    ),
    "wp_color_representation_surface_v1.coefficients": (
        "wp_color_representation_manager_v1.supported_coefficients_and_ranges.coefficients",
        "wp_color_representation_surface_v1.set_coefficients_and_range.coefficients",
    ),
    "wp_color_representation_surface_v1.range": (
        "wp_color_representation_manager_v1.supported_coefficients_and_ranges.range",
        "wp_color_representation_surface_v1.set_coefficients_and_range.range",
    ),
    "wp_content_type_v1.type": ("wp_content_type_v1.set_content_type.content_type",),
    "wp_cursor_shape_device_v1.shape": ("wp_cursor_shape_device_v1.set_shape.shape",),
    "wp_image_description_v1.cause": ("wp_image_description_v1.failed.cause",),
    "wp_presentation_feedback.kind": ("wp_presentation_feedback.presented.flags",),
    "wp_tearing_control_v1.presentation_hint": (
        "wp_tearing_control_v1.set_presentation_hint.hint",
    ),
    "xdg_positioner.anchor": ("xdg_positioner.set_anchor.anchor",),
    "xdg_positioner.constraint_adjustment": (
        "xdg_positioner.set_constraint_adjustment.constraint_adjustment",
    ),
    "xdg_positioner.gravity": ("xdg_positioner.set_gravity.gravity",),
    "xdg_session_manager_v1.reason": ("xdg_session_manager_v1.get_session.reason",),
    "xdg_toplevel.resize_edge": ("xdg_toplevel.resize.edges",),
    "xdg_toplevel.state": ("xdg_toplevel.configure.states",),
    "xdg_toplevel.wm_capabilities": ("xdg_toplevel.wm_capabilities.capabilities",),
    "zwlr_foreign_toplevel_handle_v1.state": ("zwlr_foreign_toplevel_handle_v1.state.state",),
    "zwp_fullscreen_shell_v1.capability": ("zwp_fullscreen_shell_v1.capability.capability",),
    "zwp_fullscreen_shell_v1.present_method": ("zwp_fullscreen_shell_v1.present_surface.method",),
    "zwp_input_panel_surface_v1.position": ("zwp_input_panel_surface_v1.set_toplevel.position",),
    "zwp_linux_buffer_params_v1.flags": (
        "zwp_linux_buffer_params_v1.create.flags",
        "zwp_linux_buffer_params_v1.create_immed.flags",
    ),
    "zwp_linux_dmabuf_feedback_v1.tranche_flags": (
        "zwp_linux_dmabuf_feedback_v1.tranche_flags.flags",
    ),
    "zwp_pointer_constraints_v1.lifetime": (
        "zwp_pointer_constraints_v1.confine_pointer.lifetime",
        "zwp_pointer_constraints_v1.lock_pointer.lifetime",
    ),
    "zwp_tablet_pad_ring_v2.source": ("zwp_tablet_pad_ring_v2.source.source",),
    "zwp_tablet_pad_strip_v2.source": ("zwp_tablet_pad_strip_v2.source.source",),
    "zwp_tablet_pad_v2.button_state": ("zwp_tablet_pad_v2.button.state",),
    "zwp_tablet_tool_v1.button_state": ("zwp_tablet_tool_v1.button.state",),
    "zwp_tablet_tool_v1.capability": ("zwp_tablet_tool_v1.capability.capability",),
    "zwp_tablet_tool_v1.type": ("zwp_tablet_tool_v1.type.tool_type",),
    "zwp_tablet_tool_v2.button_state": ("zwp_tablet_tool_v2.button.state",),
    "zwp_tablet_tool_v2.capability": ("zwp_tablet_tool_v2.capability.capability",),
    "zwp_tablet_tool_v2.type": ("zwp_tablet_tool_v2.type.tool_type",),
    "zwp_tablet_v2.bustype": ("zwp_tablet_v2.bustype.bustype",),
    "zwp_text_input_v1.content_hint": (
        "zwp_input_method_context_v1.content_type.hint",
        "zwp_text_input_v1.set_content_type.hint",
    ),
    "zwp_text_input_v1.content_purpose": (
        "zwp_input_method_context_v1.content_type.purpose",
        "zwp_text_input_v1.set_content_type.purpose",
    ),
    "zwp_text_input_v1.preedit_style": (
        "zwp_input_method_context_v1.preedit_styling.style",
        "zwp_text_input_v1.preedit_styling.style",
    ),
    "zwp_text_input_v1.text_direction": (
        "zwp_input_method_context_v1.text_direction.direction",
        "zwp_text_input_v1.text_direction.direction",
    ),
    "zwp_text_input_v3.action": (
        "zwp_text_input_v3.action.action",
        "zwp_text_input_v3.set_available_actions.available_actions",
    ),
    "zwp_text_input_v3.change_cause": ("zwp_text_input_v3.set_text_change_cause.cause",),
    "zwp_text_input_v3.content_hint": ("zwp_text_input_v3.set_content_type.hint",),
    "zwp_text_input_v3.content_purpose": ("zwp_text_input_v3.set_content_type.purpose",),
    "zwp_text_input_v3.preedit_hint": ("zwp_text_input_v3.preedit_hint.hint",),
    "zxdg_positioner_v6.anchor": ("zxdg_positioner_v6.set_anchor.anchor",),
    "zxdg_positioner_v6.constraint_adjustment": (
        "zxdg_positioner_v6.set_constraint_adjustment.constraint_adjustment",
    ),
    "zxdg_positioner_v6.gravity": ("zxdg_positioner_v6.set_gravity.gravity",),
    "zxdg_toplevel_decoration_v1.mode": (
        "zxdg_toplevel_decoration_v1.configure.mode",
        "zxdg_toplevel_decoration_v1.set_mode.mode",
    ),
    "zxdg_toplevel_v6.resize_edge": ("zxdg_toplevel_v6.resize.edges",),
    "zxdg_toplevel_v6.state": ("zxdg_toplevel_v6.configure.states",),
}
"""An enum, `interface.name`, and the arguments that are of it, `interface.message.argument`.

Of an array it is the elements that are.
"""

DESTRUCTOR_EVENTS: frozenset[str] = frozenset(
    {
        "ext_workspace_manager_v1.finished",
        "wl_callback.done",
        "wp_drm_lease_device_v1.released",
        "wp_image_description_info_v1.done",
        "wp_presentation_feedback.discarded",
        "wp_presentation_feedback.presented",
        "zwp_fullscreen_shell_mode_feedback_v1.mode_failed",
        "zwp_fullscreen_shell_mode_feedback_v1.mode_successful",
        "zwp_fullscreen_shell_mode_feedback_v1.present_cancelled",
        "zwp_linux_buffer_release_v1.fenced_release",
        "zwp_linux_buffer_release_v1.immediate_release",
    }
)
"""Events after which the object is gone, as `interface.event`."""

ARRAY_ELEMENTS: dict[str, Element] = {
    "ext_workspace_handle_v1.coordinates.coordinates": "u32",
    "wl_keyboard.enter.keys": "u32",
    "xdg_toplevel.configure.states": "u32",
    "xdg_toplevel.wm_capabilities.capabilities": "u32",
    "zwlr_foreign_toplevel_handle_v1.state.state": "u32",
    "zwp_linux_dmabuf_feedback_v1.tranche_formats.indices": "u16",
    "zwp_tablet_pad_group_v2.buttons.buttons": "u32",
    "zwp_text_input_v3.set_available_actions.available_actions": "u32",
    "zxdg_toplevel_v6.configure.states": "u32",
}
"""What an array holds where it is numbers; the XML says it in prose only."""
