"""Compositors by name, or the cheapest with what is wished."""

import pytest

from wayfold.testing import CompositorMissing, Sway, Weston
from wayfold.testing.hosts import HOSTS, Wish, host_by_name, host_for


@pytest.mark.parametrize("name", HOSTS)
def test_every_host_is_the_compositor_of_its_name(name):
    assert host_by_name(name, Wish()).name == name


@pytest.mark.parametrize(
    ("wish", "kind"),
    [
        (Wish(), Weston),
        (Wish(size=(8, 6), scale=2, screenshots=True), Weston),
        (Wish(scale=1.5), Sway),
        (Wish(outputs=2, screenshots=True), Sway),
    ],
)
def test_the_cheapest_that_grants_the_wish_is_made(wish, kind):
    assert isinstance(host_for(wish), kind)


def test_what_no_compositor_can_be_is_told_with_the_reasons():
    with pytest.raises(ValueError, match=r"sway: 99 .*; cage: cannot .*; mutter: ") as error:
        host_for(Wish(scale=1.5, outputs=99))

    assert str(error.value).startswith("weston: its scale is a whole number")


def test_what_is_not_installed_is_not_chosen(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CompositorMissing, match="package weston"):
        host_for(Wish())


def test_an_unknown_name_is_told_with_those_that_are_known():
    with pytest.raises(ValueError, match="known: weston, sway, cage, mutter"):
        host_by_name("twm", Wish())
