"""journal.c under AddressSanitizer, UBSan and LeakSanitizer."""

import re
from pathlib import Path

import pytest
import pywayland._ffi

SCENARIOS = re.findall(
    r"SCENARIO\((\w+)\),", (Path(__file__).parent / "scenarios.c").read_text(encoding="utf-8")
)
SEEDS = (1, 2, 3, 4)
MUTANTS = 5000


def libwayland():
    """Path of the libwayland-client that pywayland loaded, from the kernel's own list."""
    assert pywayland._ffi.lib
    maps = Path("/proc/self/maps").read_text(encoding="utf-8")
    found = re.search(r"(/\S*libwayland-client\S*)$", maps, re.MULTILINE)
    assert found, "pywayland has loaded no libwayland-client"
    return found[1]


def test_every_scenario_is_known_here(run):
    assert run("scenarios").stdout.split() == SCENARIOS


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_journal_on_a_fake_libwayland(run, scenario):
    run("fake", scenario)


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_bytes_neither_crash_nor_leak_nor_hang(run, seed):
    run("mutants", libwayland(), seed, 0, MUTANTS)


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_records_are_read_within_bounds(run, seed):
    run("packed", seed, MUTANTS)
