"""The compositor that a program is run under: the named one, or a good one."""

import re

import pytest

from wayfold.cli.hosts import HOSTS, hosts_here, open_host, want_of_seat
from wayfold.testing import CapabilityMissing, SeatWeston, Sway, Weston


@pytest.mark.parametrize("name", HOSTS)
def test_every_host_is_here_and_made_by_its_name(name):
    made = open_host(name, ())

    assert name.startswith(made.name)
    assert name in [found.tier.name for found in hosts_here(also_without_seat=True)]


def test_without_the_module_a_weston_without_a_seat_takes_the_place_and_says_why(monkeypatch):
    monkeypatch.setattr("wayfold.testing.here.module_path", lambda version: None)

    assert hosts_here()[0].tier.name == "weston-named"
    assert re.search("install the package libweston-1[04]-dev", want_of_seat("weston-named"))
    assert want_of_seat("sway") == ""


@pytest.mark.parametrize(
    ("needs", "wishes", "kind"),
    [
        ((), {}, SeatWeston),
        (["seat"], {"outputs": 3, "size": (8, 6), "scale": 2}, SeatWeston),
        (["screencopy"], {"scale": 1.5}, Sway),
        (["toplevels"], {}, Sway),
    ],
)
def test_without_a_name_it_has_a_seat_and_what_is_needed(needs, wishes, kind):
    assert type(open_host(None, needs, **wishes)) is kind


def test_weston_alone_is_with_a_seat_where_that_can_be(monkeypatch):
    with_module = open_host("weston", ())
    monkeypatch.setattr("wayfold.testing.here.module_path", lambda version: None)

    assert type(with_module) is SeatWeston
    assert type(open_host("weston", ())) is Weston
    assert type(open_host(None, ())) is Sway


def test_what_none_has_is_told_one_by_one():
    with pytest.raises(CapabilityMissing) as missing:
        open_host(None, ["touch"], scale=1.5)

    for name in HOSTS:
        assert any(reason.startswith(name) for reason in missing.value.reasons)


def test_a_wish_that_cannot_be_told_is_an_error_of_the_caller():
    with pytest.raises(ValueError, match="cage cannot be told a size"):
        open_host("cage", (), size=(8, 6))
