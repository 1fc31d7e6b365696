"""Seats, and which of their devices are shown."""

from wayfold.model import SeatCapability


def test_a_seat_is_shown_from_its_first_capabilities_on(session):
    seat = session.bind("wl_seat", 7)
    session.tell(seat, "name", name="seat0")

    assert session.state.seats == {}

    session.tell(seat, "capabilities", capabilities=3)
    told = session.state.seats[seat]

    assert told.name == "seat0"
    assert told.capabilities == SeatCapability.POINTER | SeatCapability.KEYBOARD
    assert session.since() == [("seat.added", seat)]


def test_a_name_that_comes_late_is_a_change(session):
    seat = session.seat()
    session.since()
    session.tell(seat, "name", name="seat0")

    assert session.facts[0].data == {"changed": {"name": {"before": None, "after": "seat0"}}}


def test_unknown_capabilities_stay_plain_numbers(session):
    seat = session.seat(capabilities=0x13)

    assert session.state.seats[seat].capabilities == 0x13
    assert type(session.state.seats[seat].capabilities) is int


def test_devices_show_in_their_seat_with_its_version(session):
    seat = session.seat(version=7)
    pointer = session.make(seat, "get_pointer", "wl_pointer")
    keyboard = session.make(seat, "get_keyboard", "wl_keyboard")
    touch = session.make(seat, "get_touch", "wl_touch")
    told = session.state.seats[seat]

    assert (told.pointer.subject, told.pointer.version) == (pointer, 7)
    assert (told.keyboard.subject, told.touch.subject) == (keyboard, touch)


def test_of_two_pointers_the_oldest_is_shown(session):
    seat = session.seat()
    first = session.make(seat, "get_pointer", "wl_pointer")
    second = session.make(seat, "get_pointer", "wl_pointer")

    assert session.state.seats[seat].pointer.subject == first

    session.tell(first, "release")

    assert session.state.seats[seat].pointer.subject == second

    session.tell(second, "release")

    assert session.state.seats[seat].pointer is None


def test_a_hidden_device_gives_no_focus_facts(session):
    seat = session.seat()
    session.make(seat, "get_pointer", "wl_pointer")
    second = session.make(seat, "get_pointer", "wl_pointer")
    surface = session.surface()
    session.since()
    session.tell(second, "enter", serial=1, surface=surface, surface_x=0.0, surface_y=0.0)

    assert session.since() == []
    assert session.state.seats[seat].pointer.focus is None


def test_a_lost_capability_takes_focus_and_keys_away(session):
    seat = session.seat()
    keyboard = session.make(seat, "get_keyboard", "wl_keyboard")
    surface = session.surface()
    session.tell(keyboard, "enter", serial=1, surface=surface, keys=[30])
    session.since()
    session.tell(seat, "capabilities", capabilities=1)

    assert session.state.seats[seat].keyboard.keys == ()
    assert session.since() == [("seat.changed", seat), ("keyboard.focus", keyboard)]


def test_a_seat_goes_with_its_global_and_takes_its_devices(session):
    seat = session.seat()
    pointer = session.make(seat, "get_pointer", "wl_pointer")
    session.since()
    session.tell("wl_registry#1", "global_remove", name=session.state.seats[seat].global_name)

    assert session.state.seats == {}
    assert pointer not in session.state.pending
    assert session.since() == [("seat.removed", seat)]


def test_a_released_seat_goes_and_its_global_stays(session):
    seat = session.seat()
    name = session.state.seats[seat].global_name
    session.tell(seat, "release")

    assert session.state.seats == {}
    assert session.state.globals[name].bound == ()
