"""What is raised where a session is not as it was expected."""

from collections.abc import Sequence

from wayfold.expect.pattern import Recorded

__all__ = ["ExpectationFailed"]


class ExpectationFailed(AssertionError):
    """A session is not as expected; the message shows the records that matter, in order.

    `expected` says what was, `matching` holds the records that were meant, `offending` those of
    them that are not as they should be.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str,
        matching: Sequence[Recorded] = (),
        offending: Sequence[Recorded] = (),
    ) -> None:
        super().__init__(message)
        self.expected = expected
        self.matching = tuple(matching)
        self.offending = tuple(offending)
