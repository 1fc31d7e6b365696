"""Choose records by name: shell patterns such as `wl_output.*`, several at once."""

import re
from collections.abc import Iterable
from fnmatch import translate

__all__ = ["Names"]


class Names:
    """The names that one of some patterns matches; `*`, `?` and `[…]` as in a shell.

    Raises ValueError on an empty pattern, which could only be a mistake.
    """

    def __init__(self, patterns: str | Iterable[str]) -> None:
        listed = (patterns,) if isinstance(patterns, str) else tuple(patterns)
        if not listed or not all(listed):
            raise ValueError("a pattern for record names must not be empty; * matches all")
        self.patterns = listed
        self._expression = re.compile("|".join(translate(pattern) for pattern in listed))
        self._known: dict[str, bool] = {}

    def __contains__(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._expression.match(name) is not None
        return known
