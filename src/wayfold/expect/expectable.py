"""What holds records, so that something can be expected of them."""

from typing import TYPE_CHECKING, Protocol

from wayfold.expect.pattern import Source

if TYPE_CHECKING:
    from wayfold.expect.expectations import Expectations

__all__ = ["Expectable"]


class Expectable(Source, Protocol):
    """A source of records that gives its expectations."""

    @property
    def expect(self) -> "Expectations":
        """What is expected of these records: `expect(…)`, `expect.never(…)`, `expect.count(…)`.

        Those dropped to stay within a bound are not looked at.
        """
        from wayfold.expect.expectations import Expectations  # most programs expect nothing

        return Expectations(self)
