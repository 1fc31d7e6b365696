"""Records that are not in a log yet: numbered as they would be if they were appended now."""

from collections.abc import Callable, Iterable

from wayfold.log.record import Fact, Record
from wayfold.log.upcast import check_name

__all__ = ["Proposal"]


class Proposal:
    """Facts with the positions, versions and time that they get if nothing comes between.

    So that what they would lead to can be worked out, and refused, before anything is written.
    """

    def __init__(self, head: int, now_ns: int, version: Callable[[str], int]) -> None:
        self.head = head
        self.now_ns = now_ns
        self.records: list[Record] = []
        self.versions: dict[str, int] = {}
        self._version = version

    def extend(self, facts: Iterable[Fact]) -> list[Record]:
        """Propose more facts behind these; give their records."""
        made: list[Record] = []
        versions, now_ns = self.versions, self.now_ns
        for position, fact in enumerate(facts, self.head + len(self.records) + 1):
            check_name(fact.name)
            subject = fact.subject
            version = (versions.get(subject) or self._version(subject)) + 1
            versions[subject] = version
            at_ns = now_ns if fact.time_ns is None else fact.time_ns
            made.append(
                Record(position, at_ns, fact.origin, subject, version, fact.name, fact.data)
            )
        self.records += made
        return made
