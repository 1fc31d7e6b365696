"""What every Python client of the flood prints: events, its own CPU time and wall time."""

import json
import resource
import time
from types import TracebackType
from typing import Self

__all__ = ["Stopwatch"]


class Stopwatch:
    """Measures a with block, in this process only."""

    def __enter__(self) -> Self:
        self._cpu_s, self._wall_s = _cpu_s(), time.perf_counter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cpu_s = _cpu_s() - self._cpu_s
        self.wall_s = time.perf_counter() - self._wall_s

    def tell(self, events: int) -> None:
        """Print it as one line of JSON, as listener.c does."""
        print(json.dumps({"events": events, "cpu_s": self.cpu_s, "wall_s": self.wall_s}))


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
