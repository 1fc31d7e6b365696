"""Where wayfold's weston module is, if it was built for the weston that is installed."""

import os
from pathlib import Path

__all__ = ["module_path"]


def module_path(version: str | None) -> Path | None:
    """Give the module for a weston of this version, such as 10.0.1; None where there is none."""
    name = f"weston{(version or '').partition('.')[0]}.so"
    beside = Path(__file__).with_name(name)
    # Unreadable it is as good as none: who has dropped privileges may not see the installation.
    return beside if os.access(beside, os.R_OK) else _of_editable_installation(name)


def _of_editable_installation(name: str) -> Path | None:
    from importlib.resources import files

    try:
        with files("wayfold.testing").joinpath(name).open("rb") as file:
            return Path(str(getattr(file, "name", "")))
    except (FileNotFoundError, PermissionError):
        return None
