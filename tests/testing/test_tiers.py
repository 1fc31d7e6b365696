"""The table of tiers, and the choice of the cheapest that serves."""

import shutil

import pytest

from wayfold.testing import CAPABILITIES, TIERS, CapabilityMissing, choose, standings
from wayfold.testing import here as here_module
from wayfold.testing.tiers import tier


@pytest.fixture
def here(monkeypatch):
    """Say which programs of which versions are here, and whether the module was built."""

    def say(programs, *, has_module=True):
        monkeypatch.setattr(shutil, "which", programs.get)
        monkeypatch.setattr(here_module, "version_of", lambda path, option: path)
        monkeypatch.setattr(here_module, "module_path", lambda version: has_module or None)

    return say


def test_every_capability_is_explained_and_had_by_some_tier():
    had = set().union(*(known.capabilities for known in TIERS))

    assert had == set(CAPABILITIES)
    assert all(set(known.since) <= known.capabilities for known in TIERS)


@pytest.mark.parametrize(
    ("needs", "name"),
    [
        ([], "scripted"),
        (["scripting"], "scripted"),
        (["windows"], "weston"),
        (["screencopy"], "weston-named"),
        (["display", "windows"], "weston-named"),
        (["seat"], "weston-seat"),
        (["frame-clock", "touch"], "weston-seat"),
        (["toplevels", "seat"], "sway"),
    ],
)
def test_the_cheapest_tier_that_serves_is_chosen(here, needs, name):
    here({"weston": "10.0.1", "sway": "1.7"})

    assert choose(needs).name == name


def test_what_is_preferred_is_had_where_one_tier_has_it_too(here):
    here({"weston": "10.0.1", "sway": "1.7"})
    preferring = choose(["display"], preferred=["seat"]).name
    here({"weston": "10.0.1"}, has_module=False)
    with_none = choose(["display"], preferred=["seat"]).name

    assert (preferring, with_none) == ("weston-seat", "weston-named")


def test_without_the_module_sway_serves(here):
    here({"weston": "10.0.1", "sway": "1.10"}, has_module=False)

    assert choose(["seat", "hotplug"]).name == "sway"


def test_a_capability_of_later_versions_is_told_with_the_version(here):
    here({"weston": "10.0.1", "sway": "1.7"}, has_module=False)
    with pytest.raises(CapabilityMissing) as missing:
        choose(["hotplug"])

    assert missing.value.packages == ("libweston-10-dev",)
    assert "install the package libweston-10-dev" in str(missing.value)
    assert "sway has no hotplug before sway 1.8 (here: 1.7)" in str(missing.value)


def test_what_no_tier_has_together_is_told_tier_by_tier(here):
    here({"weston": "10.0.1", "sway": "1.10"})
    with pytest.raises(CapabilityMissing, match="sway has no touch") as missing:
        choose(["touch", "toplevels"])

    assert "weston-seat has no toplevels" in str(missing.value)
    assert missing.value.needs == ("toplevels", "touch")


def test_a_missing_program_names_its_package(here):
    here({})
    with pytest.raises(CapabilityMissing, match="install the package sway"):
        choose(["layer-shell"])


def test_a_weston_that_the_module_is_not_for_is_named(here):
    here({"weston": "12.0.3"}, has_module=False)
    (found,) = (each for each in standings() if each.tier.name == "weston-seat")

    assert found.lack == "wayfold's weston module is for weston 10 and 14, and 12.0.3 is here"
    assert not found.capabilities


def test_an_unknown_need_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"need sea; known: scripting, windows"):
        choose(["sea"])


def test_an_unknown_tier_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="'mir'; known: scripted, weston"):
        tier("mir")
