"""Which tiers are to be had on this machine, and the cheapest one that has what a test needs."""

import re
import shutil
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wayfold.testing.failures import CapabilityMissing
from wayfold.testing.module import module_path
from wayfold.testing.programs import version_of
from wayfold.testing.tiers import CAPABILITIES, MODULE_PACKAGES, TIERS, Tier

__all__ = ["Standing", "choose", "standing", "standings"]

_AGAIN = "and install wayfold again, from its sources"


class Standing(NamedTuple):
    """How a tier stands on this machine.

    `capabilities` are those to be had here; none where `lack` tells what keeps the tier away.
    `package` brings what is lacking.
    """

    tier: Tier
    version: str | None
    capabilities: frozenset[str]
    lack: str | None = None
    package: str | None = None

    def refusal(self, needs: Iterable[str]) -> str:
        """Tell why this tier does not serve these needs; empty where it does."""
        missing = sorted(set(needs) - self.capabilities)
        if not missing:
            return ""
        elsewhere = [need for need in missing if need not in self.tier.capabilities]
        if self.lack and not elsewhere:
            return f"{self.tier.name} would have it, but {self.lack}"
        told = [self._told(need) for need in elsewhere or missing]
        return f"{self.tier.name} has no {', no '.join(told)}"

    def _told(self, need: str) -> str:
        since = self.tier.since.get(need)
        if since is None:
            return need
        return f"{need} before {self.tier.program} {since} (here: {self.version})"


def standing(tier: Tier) -> Standing:
    """Look at one tier."""
    if tier.program is None:
        return Standing(tier, None, tier.capabilities)
    path = shutil.which(tier.program)
    if path is None:
        lack = f"{tier.program} is not installed: install the package {tier.package}"
        return Standing(tier, None, frozenset(), lack, tier.package)
    version = version_of(path, tier.version_option)
    if tier.has_module and module_path(version) is None:
        return _without_module(tier, version)
    late = {need for need, since in tier.since.items() if _parts(version) < _parts(since)}
    return Standing(tier, version, tier.capabilities - late)


def _without_module(tier: Tier, version: str | None) -> Standing:
    package = MODULE_PACKAGES.get(_parts(version)[0])
    if package is None:
        known = " and ".join(map(str, MODULE_PACKAGES))
        lack = f"wayfold's weston module is for weston {known}, and {version} is here"
        return Standing(tier, version, frozenset(), lack)
    lack = f"wayfold's weston module was not built: install the package {package} {_AGAIN}"
    return Standing(tier, version, frozenset(), lack, package)


def standings() -> Sequence[Standing]:
    """Look at every tier, cheapest first."""
    return tuple(map(standing, TIERS))


def choose(needs: Iterable[str], preferred: Iterable[str] = ()) -> Tier:
    """Give the cheapest tier that has all of this here, and what is preferred if one has both.

    Raises ValueError for a need that no tier knows, CapabilityMissing where none has them all.
    """
    wanted = frozenset(needs)
    if unknown := sorted(wanted - CAPABILITIES.keys()):
        known = ", ".join(CAPABILITIES)
        raise ValueError(f"no tier knows the need {', '.join(unknown)}; known: {known}")
    best = wanted.union(preferred)
    looked = []
    for tier in TIERS:
        looked.append(standing(tier))
        if best <= looked[-1].capabilities:
            return tier
    for found in looked:
        if wanted <= found.capabilities:
            return found.tier
    raise _missing(wanted, looked)


def _missing(wanted: frozenset[str], looked: Sequence[Standing]) -> CapabilityMissing:
    able = [found for found in looked if wanted <= found.tier.capabilities]
    reasons = [found.refusal(wanted) for found in able or looked]
    packages = [found.package for found in able if found.package]
    return CapabilityMissing(sorted(wanted), reasons, packages)


def _parts(version: str | None) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version or "0")))
