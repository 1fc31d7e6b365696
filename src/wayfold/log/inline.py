"""Views that change in the transaction of an append, and reject it by raising."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from wayfold.log.batch import Batch
from wayfold.log.record import Record

if TYPE_CHECKING:
    from wayfold.log.beside import Beside, Work

__all__ = ["InlineView", "InlineViews"]


class InlineView(Protocol):
    """What changes in the transaction of an append, and rejects it by raising."""

    def hears(self, name: str, subject: str, /) -> bool:
        """Tell whether records of a name and a subject are for this view."""
        ...

    def change(self, records: Sequence[Record], until: int, beside: "Beside", /) -> None:
        """Take what is about to be appended, up to a position, and nothing for good yet."""
        ...

    def settle(self) -> None:
        """Make the last change good: it has been committed. Must not fail."""
        ...


class InlineViews:
    """Those of one log."""

    def __init__(self) -> None:
        self._views: list[InlineView] = []

    def attach(self, view: InlineView) -> None:
        """Let a view change with every append from now on."""
        self._views.append(view)

    def detach(self, view: InlineView) -> None:
        """Let a view change no longer."""
        self._views.remove(view)

    def work(
        self, batch: Batch, first: int, derived: Sequence[Record] = (), also: "Work | None" = None
    ) -> "Work | None":
        """Give what is to be done in the transaction of an append: `also`, then every view.

        `first` is the position that the batch's first record gets; `derived` comes behind it.
        """
        if not self._views:
            return also

        def work(beside: "Beside") -> None:
            if also is not None:
                also(beside)
            for view in self._views:
                heard = list(batch.records(0, len(batch), first, view.hears))
                heard += (r for r in derived if view.hears(r.name, r.subject))
                view.change(heard, first + len(batch) + len(derived) - 1, beside)

        return work

    def settle(self) -> None:
        """Make good what every view changed last: it has been committed."""
        for view in self._views:
            view.settle()
