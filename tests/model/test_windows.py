"""Own windows change once a configure."""

import pytest

from wayfold.model import WindowCapability, WindowState


@pytest.fixture
def window(session):
    return session.window()


def configure(session, window, serial=1, width=640, height=480, states=(4,)):
    _, xdg, toplevel = window
    session.tell(toplevel, "configure", width=width, height=height, states=states)
    session.tell(xdg, "configure", serial=serial)


def test_a_window_is_shown_from_its_first_configure_on(session, window):
    surface, xdg, toplevel = window
    session.tell(toplevel, "set_title", title="hello")
    session.tell(toplevel, "set_app_id", app_id="org.example")

    assert session.state.windows == {}

    configure(session, window)
    told = session.state.windows[toplevel]

    assert (told.surface, told.xdg_surface) == (surface, xdg)
    assert (told.title, told.app_id) == ("hello", "org.example")
    assert (told.width, told.height, told.states) == (640, 480, (WindowState.ACTIVATED,))
    assert session.since() == [("window.added", toplevel)]
    assert session.state.surfaces[surface].role == "xdg_toplevel"


def test_a_configure_changes_a_window_once(session, window):
    _, xdg, toplevel = window
    configure(session, window)
    session.since()
    session.tell(toplevel, "configure_bounds", width=1000, height=900)
    session.tell(toplevel, "wm_capabilities", capabilities=[2, 99])
    session.tell(toplevel, "configure", width=0, height=0, states=[77])

    assert session.state.windows[toplevel].width == 640

    session.tell(xdg, "configure", serial=2)
    told = session.state.windows[toplevel]

    assert (told.width, told.bounds, told.states) == (0, (1000, 900), (77,))
    assert told.wm_capabilities == (WindowCapability.MAXIMIZE, 99)
    assert session.since() == [("window.changed", toplevel)]


def test_bounds_of_zero_are_unknown(session, window):
    _, _, toplevel = window
    session.tell(toplevel, "configure_bounds", width=0, height=0)
    configure(session, window)

    assert session.state.windows[toplevel].bounds is None


def test_serials_are_kept_and_are_no_news(session, window):
    _, xdg, toplevel = window
    configure(session, window, serial=7)
    session.since()
    configure(session, window, serial=8)
    session.tell(xdg, "ack_configure", serial=8)
    told = session.state.windows[toplevel]

    assert (told.configured_serial, told.acked_serial) == (8, 8)
    assert session.since() == []


def test_a_title_changes_at_once_and_brings_nothing_else(session, window):
    _, _, toplevel = window
    configure(session, window)
    session.since()
    session.tell(toplevel, "configure", width=1, height=1, states=[])
    session.tell(toplevel, "set_title", title="new")

    assert session.state.windows[toplevel].width == 640
    assert session.facts[0].data == {"changed": {"title": {"before": None, "after": "new"}}}


def test_close_is_remembered(session, window):
    _, _, toplevel = window
    configure(session, window)
    session.since()
    session.tell(toplevel, "close")

    assert session.state.windows[toplevel].close_requested
    assert session.since() == [("window.changed", toplevel)]


def test_states_may_come_as_the_bytes_of_the_wire(session, window):
    _, _, toplevel = window
    states = memoryview(bytearray(8)).cast("I")
    states[0], states[1] = 1, 4
    configure(session, window, states=states.tobytes())

    assert session.state.windows[toplevel].states == (
        WindowState.MAXIMIZED,
        WindowState.ACTIVATED,
    )


def show(session, window, buffer="wl_buffer#77"):
    session.tell(window[0], "attach", buffer=buffer, x=0, y=0)
    session.tell(window[0], "commit")


@pytest.fixture
def family(session):
    """Three windows that are shown, each the child of the one before."""
    made = []
    for _ in range(3):
        made.append(session.window())
        configure(session, made[-1])
        show(session, made[-1])
        parent = made[-2][2] if len(made) > 1 else None
        session.tell(made[-1][2], "set_parent", parent=parent)
    session.since()
    return made


def test_the_children_of_a_destroyed_window_are_its_parents(session, family):
    parent, child, grandchild = (window[2] for window in family)
    session.tell(child, "destroy")

    assert set(session.state.windows) == {parent, grandchild}
    assert session.state.windows[grandchild].parent == parent
    assert session.since() == [("window.removed", child), ("window.changed", grandchild)]

    session.tell(parent, "destroy")

    assert session.state.windows[grandchild].parent is None


def test_a_null_buffer_makes_a_window_as_new_as_it_was(session, family):
    _, child, grandchild = family
    session.tell(child[2], "set_title", title="hello")
    session.since()
    show(session, child, buffer=None)

    assert child[2] not in session.state.windows
    assert session.state.windows[grandchild[2]].parent == family[0][2]
    assert session.since() == [("window.removed", child[2]), ("window.changed", grandchild[2])]

    session.tell(child[1], "configure", serial=9)
    told = session.state.windows[child[2]]

    assert (told.title, told.parent, told.states, told.acked_serial) == (None, None, (), None)
    assert session.since() == [("window.added", child[2])]


def test_a_commit_without_a_buffer_before_the_first_changes_no_window(session, window):
    configure(session, window)
    session.tell(window[0], "commit")

    assert window[2] in session.state.windows


def test_an_xdg_surface_without_a_window_has_nothing_to_configure(session):
    surface = session.surface()
    xdg = session.make("xdg_wm_base#0", "get_xdg_surface", "xdg_surface", surface=surface)
    before = session.state
    session.tell(xdg, "configure", serial=1)

    assert session.state is before


def test_a_parent_is_told_at_once(session, window, family):
    _, _, toplevel = window
    configure(session, window)
    session.since()
    session.tell(toplevel, "set_parent", parent=family[2][2])

    assert session.state.windows[toplevel].parent == family[2][2]
    assert session.since() == [("window.changed", toplevel)]


def test_a_window_that_is_not_shown_is_nobodys_parent(session, window, family):
    configure(session, window)
    child = family[2][2]
    session.tell(child, "set_parent", parent=window[2])

    assert session.state.windows[child].parent is None
