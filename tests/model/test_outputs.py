"""Outputs change once a group, whatever version they are bound at."""

from wayfold.log.record import Single
from wayfold.model import Mode, Subpixel, Transform

XDG = "zxdg_output_manager_v1"


def test_an_output_is_shown_from_its_first_done_on(session):
    output = session.bind("wl_output", 4)
    session.geometry(output)
    session.mode(output)
    session.tell(output, "name", name="HDMI-A-1")

    assert session.state.outputs == {}

    session.tell(output, "done")

    assert session.state.outputs[output].name == "HDMI-A-1"
    assert session.since() == [("output.added", output)]


def test_an_output_shows_all_that_its_events_told(session):
    output = session.bind("wl_output", 4)
    session.geometry(output, x=-5, y=7, subpixel=2, make="Acme", model="X1", transform=1)
    session.mode(output, flags=2, width=3840, height=2160, refresh=30_000)
    session.mode(output, flags=1)
    session.tell(output, "scale", factor=2)
    session.tell(output, "description", description="Acme X1")
    session.tell(output, "done")
    told = session.state.outputs[output]

    assert (told.x, told.y, told.width_mm, told.height_mm) == (-5, 7, 600, 340)
    assert (told.make, told.model, told.description) == ("Acme", "X1", "Acme X1")
    assert (told.subpixel, told.transform) == (Subpixel.HORIZONTAL_RGB, Transform.ROTATED_90)
    assert (told.scale, told.version) == (2, 4)
    assert told.mode == Mode(1920, 1080, 60_000)
    assert told.preferred_mode == Mode(3840, 2160, 30_000)


def test_a_group_changes_an_output_once(session):
    output = session.output()
    before = session.state
    session.since()
    session.mode(output, width=1280, height=720)
    session.tell(output, "scale", factor=2)

    assert session.state.outputs is before.outputs

    session.tell(output, "done")

    assert session.since() == [("output.changed", output)]
    assert session.state.outputs[output].mode == Mode(1280, 720, 60_000)


def test_a_change_names_the_fields_before_and_after(session):
    output = session.output()
    session.since()
    session.tell(output, "scale", factor=3)
    session.tell(output, "done")

    assert session.facts[0].data == {"changed": {"scale": {"before": 1, "after": 3}}}


def test_a_group_that_changes_nothing_derives_nothing(session):
    output = session.output()
    session.since()
    session.mode(output)
    session.tell(output, "done")

    assert session.since() == []


def test_an_output_of_version_1_is_shown_once_it_has_geometry_and_mode(session):
    output = session.bind("wl_output", 1)
    session.geometry(output)

    assert session.state.outputs == {}

    session.mode(output)

    assert session.since() == [("output.added", output)]


def test_an_output_of_version_1_changes_with_each_event(session):
    output = session.output(version=1)
    session.since()
    session.mode(output, width=800)

    assert session.state.outputs[output].mode.width == 800
    assert session.since() == [("output.changed", output)]


def test_unknown_values_stay_plain_numbers(session):
    output = session.bind("wl_output", 4)
    session.geometry(output, subpixel=77, transform=99)
    session.tell(output, "done")

    assert session.state.outputs[output].subpixel == 77
    assert type(session.state.outputs[output].transform) is int


def test_a_mode_that_is_neither_current_nor_preferred_is_passed_over(session):
    output = session.output()
    session.mode(output, flags=0, width=1)
    session.tell(output, "done")

    assert session.state.outputs[output].mode.width == 1920


def test_an_output_is_found_by_its_connector(session):
    session.output(name="DP-1")
    second = session.output(name="DP-2")

    assert session.state.output("DP-2").subject == second
    assert session.state.output("DP-3") is None


def test_a_removed_global_takes_its_outputs_with_it(session):
    output = session.output(name="DP-1")
    session.since()
    session.tell("wl_registry#1", "global_remove", name=session.state.outputs[output].global_name)

    assert session.state.outputs == {}
    assert [(fact.name, fact.data["name"]) for fact in session.facts] == [
        ("output.removed", "DP-1")
    ]


def test_events_that_were_under_way_do_not_bring_an_output_back(session):
    output = session.output()
    session.tell("wl_registry#1", "global_remove", name=session.state.outputs[output].global_name)
    session.mode(output)
    session.tell(output, "done")

    assert session.state.outputs == {}


def test_a_released_output_goes_and_its_global_stays(session):
    output = session.output()
    name = session.state.outputs[output].global_name
    session.since()
    session.tell(output, "release")

    assert session.since() == [("output.removed", output)]
    assert session.state.globals[name].bound == ()


def test_a_global_bound_twice_has_two_outputs(session):
    first = session.output(name="DP-1")
    name = session.state.outputs[first].global_name
    second = session.bind("wl_output", 4, name=name)
    session.tell(second, "done")

    assert set(session.state.outputs) == {first, second}
    assert session.state.globals[name].bound == (first, second)

    session.tell(first, "release")

    assert set(session.state.outputs) == {second}


def test_xdg_output_version_3_shows_at_the_done_of_its_output(session):
    output = session.output()
    manager = session.bind(XDG, 3)
    xdg = session.make(manager, "get_xdg_output", "zxdg_output_v1", output=output)
    session.since()
    session.tell(xdg, "logical_position", x=1920, y=-10)
    session.tell(xdg, "logical_size", width=960, height=540)
    session.tell(xdg, "done")

    assert session.state.outputs[output].logical_width is None

    session.tell(output, "done")
    told = session.state.outputs[output]

    assert (told.logical_x, told.logical_y) == (1920, -10)
    assert (told.logical_width, told.logical_height) == (960, 540)
    assert session.since() == [("output.changed", output)]


def test_xdg_output_version_2_shows_at_its_own_done(session):
    output = session.output(version=3)
    manager = session.bind(XDG, 2)
    xdg = session.make(manager, "get_xdg_output", "zxdg_output_v1", output=output)
    session.tell(xdg, "name", name="eDP-1")
    session.tell(output, "scale", factor=2)
    session.tell(output, "done")

    assert session.state.outputs[output].name is None

    session.tell(output, "scale", factor=3)
    session.tell(xdg, "description", description="panel")
    session.tell(xdg, "done")
    told = session.state.outputs[output]

    assert (told.name, told.description, told.scale) == ("eDP-1", "panel", 2)


def test_xdg_output_version_2_waits_for_the_first_done_of_its_output(session):
    output = session.bind("wl_output", 3)
    manager = session.bind(XDG, 2)
    xdg = session.make(manager, "get_xdg_output", "zxdg_output_v1", output=output)
    session.tell(xdg, "logical_size", width=960, height=540)
    session.tell(xdg, "done")

    assert session.state.outputs == {}

    session.tell(output, "done")

    assert session.state.outputs[output].logical_width == 960


def test_a_group_of_xdg_output_tells_nothing_twice(session):
    output = session.output(version=4)
    xdg = session.make(session.bind(XDG, 2), "get_xdg_output", "zxdg_output_v1", output=output)
    session.tell(xdg, "description", description="early")
    session.tell(xdg, "done")
    session.tell(output, "description", description="late")
    session.tell(output, "done")
    session.tell(xdg, "logical_size", width=960, height=540)
    session.tell(xdg, "done")
    told = session.state.outputs[output]

    assert (told.description, told.logical_width) == ("late", 960)


def test_a_run_of_modes_equals_its_records_one_by_one(session, modes):
    output = session.bind("wl_output", 4)
    rows = [(2, 1, 1, 1), (3, 2, 2, 2), (2, 3, 3, 3), (1, -4, 4, 4), (0, 5, 5, 5)]
    run = modes(output, *rows)
    before = session.state
    singles = [Single(run.name, output, data) for data in run.data()]
    session.fold(run)

    assert session.state == session.model.fold(before, singles)
    assert session.state.pending[output].mode == Mode(-4, 4, 4)
    assert session.state.pending[output].preferred_mode == Mode(3, 3, 3)


def test_a_run_of_modes_of_no_account_changes_nothing(session, modes):
    output = session.output()
    before = session.state
    session.fold(modes(output, *[(0, 1, 1, 1), (4, 2, 2, 2)] * 5))

    assert session.state is before


def test_a_run_of_modes_shows_at_once_at_version_1(session, modes):
    output = session.output(version=1)
    session.since()
    session.fold(modes(output, *[(1, 1, 1, 1)] * 9, (1, 2, 2, 2)))

    assert session.state.outputs[output].mode == Mode(2, 2, 2)
    assert session.since() == [("output.changed", output)]
