"""Where wayfold's weston module is, if it was built for the weston that is installed."""

from pathlib import Path

__all__ = ["module_path"]


def module_path(version: str | None) -> Path | None:
    """Give the module for a weston of this version, such as 10.0.1; None where there is none."""
    name = f"weston{(version or '').partition('.')[0]}.so"
    beside = Path(__file__).with_name(name)
    return beside if beside.is_file() else _of_editable_installation(name)


def _of_editable_installation(name: str) -> Path | None:
    from importlib.resources import files

    resource = files("wayfold.testing").joinpath(name)
    if not resource.is_file():
        return None
    with resource.open("rb") as file:
        return Path(str(getattr(file, "name", "")))
