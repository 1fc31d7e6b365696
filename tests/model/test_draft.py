"""A draft copies what it writes to, and only that."""

from wayfold.model import Global, State
from wayfold.model.draft import Draft
from wayfold.model.table import Table

SHM = Global(1, "wl_shm", 1)


def test_a_draft_without_writes_gives_the_state_before():
    before = State(globals=Table({1: SHM}))
    draft = Draft(before)
    draft.globals.put(1, SHM)
    draft.globals.drop(2)
    draft.outputs.replace("wl_output#1", scale=2)

    assert draft.freeze() is before


def test_slices_that_are_not_written_to_stay_the_same():
    before = State(globals=Table({1: SHM}))
    draft = Draft(before)
    draft.globals.drop(1)
    after = draft.freeze()

    assert (before.globals, after.globals) == ({1: SHM}, {})
    assert after.outputs is before.outputs


def test_later_writes_do_not_touch_a_state_that_was_given():
    draft = Draft(State())
    draft.globals.put(1, SHM)
    first = draft.freeze()
    draft.globals.drop(1)

    assert first.globals == {1: SHM}
    assert draft.freeze().globals == {}
