"""What was appended to a file last, as it was given: reading it back costs more than folding it."""

from wayfold.log.batch import Batch
from wayfold.log.store import Span

__all__ = ["Recent"]


class Recent:
    """Consecutive batches up to the last one appended, until they have been folded."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._end = 0

    def __len__(self) -> int:
        return self._end - self._spans[0].position + 1 if self._spans else 0

    def add(self, batch: Batch, position: int) -> None:
        """Keep a batch at hand; `position` is that of its first record."""
        if position != self._end + 1:
            self._spans.clear()
        self._spans.append(Span(batch, 0, len(batch), position))
        self._end = position + len(batch) - 1

    def spans(self, after: int, until: int) -> list[Span] | None:
        """Give the records after a position up to another; None where not all are at hand."""
        if not self._spans or self._spans[0].position > after + 1 or self._end < until:
            return None
        cut = (
            (batch, max(after + 1 - position, 0), min(until + 1 - position, stop), position)
            for batch, _, stop, position in self._spans
        )
        return [Span(b, start, stop, at + start) for b, start, stop, at in cut if start < stop]

    def forget(self, until: int) -> None:
        """Let go of the batches up to a position."""
        while self._spans and self._spans[0].position + self._spans[0].stop - 1 <= until:
            del self._spans[0]
