"""How long what is shown is looked at, on a clock of the test's own."""

import pytest

from wayfold.testing.image import Image
from wayfold.testing.looking import Looks, Unsettled

RED, GREEN, BLUE = (Image(1, 1, bytes(each)) for each in ((9, 0, 0, 9), (0, 9, 0, 9), (0, 0, 9, 9)))


class Screen:
    """Shows each picture from its second on; to take one lasts 10 ms."""

    def __init__(self, shown):
        self.shown = shown
        self.now_s = 0.0
        self.taken = 0

    def take(self):
        self.taken += 1
        current = [each for since_s, each in self.shown if since_s <= self.now_s][-1]
        self.pass_by(0.01)
        return current

    def pass_by(self, seconds):
        self.now_s += seconds

    def looks(self, timeout):
        return Looks(self.take, timeout, clock=lambda: self.now_s, pause=self.pass_by)


def test_every_change_is_given_once_until_the_time_is_over():
    screen = Screen([(0, RED), (0.5, GREEN), (1, RED), (3, BLUE)])

    assert list(screen.looks(2).changes()) == [RED, GREEN, RED]
    assert 2 <= screen.now_s < 2.1


def test_no_picture_is_taken_behind_the_one_that_was_waited_for():
    screen = Screen([(0, RED)])

    assert next(screen.looks(5).changes()) == RED
    assert (screen.taken, screen.now_s) == (1, 0.01)


def test_where_looking_itself_took_the_time_there_is_a_last_look():
    screen = Screen([(0, RED), (0.5, BLUE)])
    seen = []
    for image in screen.looks(1).changes():
        seen.append(image)
        screen.pass_by(10)

    assert seen == [RED, BLUE]


@pytest.mark.parametrize("timeout", [0, -1])
def test_without_time_it_looks_once(timeout):
    screen = Screen([(0, RED), (0.001, BLUE)])

    assert list(screen.looks(timeout).changes()) == [RED]
    assert screen.looks(timeout).settled() == BLUE
    assert (screen.taken, screen.now_s) == (2, 0.02)


def test_settled_is_what_has_not_changed_for_a_fifth_of_a_second():
    screen = Screen([(0, RED), (0.1, GREEN), (0.25, RED), (0.4, BLUE), (2, RED)])

    assert screen.looks(5).settled() == BLUE
    assert 0.6 <= screen.now_s < 0.7


def test_what_never_settles_is_told_with_its_last_picture():
    screen = Screen([(number / 10, (RED, BLUE)[number % 2]) for number in range(30)])
    with pytest.raises(Unsettled, match=r"unchanged for 0\.2 s within 1 s") as told:
        screen.looks(1).settled()

    assert told.value.last == RED
    assert 1 <= screen.now_s < 1.1
