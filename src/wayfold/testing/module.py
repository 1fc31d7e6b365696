"""Where wayfold's weston module is, if it was built for the weston that is installed."""

from importlib.resources import as_file, files
from pathlib import Path

__all__ = ["module_path"]


def module_path(version: str | None) -> Path | None:
    """Give the module for a weston of this version, such as 10.0.1; None where there is none."""
    major = (version or "").partition(".")[0]
    with as_file(files("wayfold.testing").joinpath(f"weston{major}.so")) as path:
        return path if path.is_file() else None
