"""Records that are not in a log yet: numbered as they would be if they were appended now."""

from collections.abc import Iterable

from wayfold.log.record import Fact, Record
from wayfold.log.versions import Versions

__all__ = ["Proposal"]


class Proposal:
    """Facts with the positions, versions and time that they get if nothing comes between.

    So that what they would lead to can be worked out, and refused, before anything is written.
    """

    def __init__(self, head: int, now_ns: int, counted: Versions) -> None:
        self.head = head
        self.now_ns = now_ns
        self.records: list[Record] = []
        self.versions: dict[str, int] = {}
        self._counted = counted

    def extend(self, facts: Iterable[Fact]) -> list[Record]:
        """Propose more facts behind these; give their records."""
        first = self.head + len(self.records) + 1
        versions = dict(self.versions)  # one that cannot be proposed leaves all as it is
        made = self._counted.number(facts, first, self.now_ns, versions)
        self.records += made
        self.versions = versions
        return made
