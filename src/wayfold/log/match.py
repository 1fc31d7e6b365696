"""Choose records by name and subject before they are decoded."""

from collections.abc import Iterable

from wayfold.expect.names import Names
from wayfold.log.batch import Wanted

__all__ = ["wanted"]


def wanted(name: str | Iterable[str] | None, subject: str | None) -> Wanted | None:
    """Give what chooses records by name and subject; None where all are chosen."""
    if name is None and subject is None:
        return None
    names = Names("*" if name is None else name)
    return lambda found, about: found in names and (subject is None or about == subject)
