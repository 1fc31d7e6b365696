"""What is closed at the end of a `with`, and must not hide the failure that ended it."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self

from wayfold.testing.failures import ScriptFailed

__all__ = ["Closing"]


class Closing(ABC):
    """Something with a thread of its own, whose failure `close` raises."""

    @abstractmethod
    def close(self) -> None:
        """End it; raises ScriptFailed if its thread had to stop."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except ScriptFailed as failure:
            if error is None:
                raise
            error.add_note(f"{failure}: {failure.__cause__!r}")
