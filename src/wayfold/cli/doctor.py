"""`wayfold doctor`: tell what is installed and what is missing."""

import argparse
import json
import os
import platform
import re
import stat
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import wayfold
from wayfold.cli.terminal import heading, printable
from wayfold.errors import WayfoldError
from wayfold.testing.here import Standing, standings
from wayfold.testing.programs import Found, found_programs
from wayfold.testing.tiers import CAPABILITIES

__all__ = ["add_arguments", "run"]

_NEEDED = ("pywayland", "cffi", "msgspec", "apsw")
_FOR_MORE = {
    "cairocffi": "wayfold demo; pip install 'wayfold[demo]'",
    "urllib3": "wayfold outage, http.post; pip install 'wayfold[http]'",
    "pytest": "the fixtures weston, sway, scripted_server; pip install 'wayfold[test]'",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `is_ok` is None where it is merely not there, and need not be."""

    topic: str
    name: str
    is_ok: bool | None
    told: str
    capabilities: tuple[str, ...] | None = None
    """Of a compositor for tests: what it can do here."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.epilog = (
        "Exits with 1 where something is missing without which wayfold does not work.\n\n"
        "example: wayfold doctor --json"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON list")


def run(options: argparse.Namespace) -> int:
    """Look at everything and print it."""
    tiers = standings()
    findings = list(examine(tiers))
    if options.json:
        told = [asdict(finding) for finding in findings]
        print(json.dumps(told, indent=2))
    else:
        print("\n".join([*_lines(findings), "", *_table(tiers)]))
    return int(any(finding.is_ok is False for finding in findings))


def examine(tiers: Sequence[Standing]) -> Iterator[Finding]:
    """Give what was found, in the order of what depends on what."""
    yield from _python()
    yield from _packages()
    yield _library()
    yield from _session()
    yield from (_program(found) for found in found_programs())
    yield from (_tier(found) for found in tiers)


def _python() -> Iterator[Finding]:
    version = platform.python_version()
    yield Finding("Python", "python", sys.version_info >= (3, 11), f"{version}; 3.11 is needed")
    yield Finding("Python", "wayfold", True, f"{wayfold.__version__} in {_folder()}")


def _folder() -> Path:
    return Path(wayfold.__file__).parent


def _packages() -> Iterator[Finding]:
    for name in _NEEDED:
        found = _version(name)
        yield Finding("Python", name, found is not None, found or f"missing: pip install {name}")
    for name, purpose in _FOR_MORE.items():
        found = _version(name) if find_spec(name) else None
        told = found or f"not installed; needed for {purpose}"
        yield Finding("Python", name, True if found else None, told)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _library() -> Finding:
    try:
        # Not at the top: a library that cannot be loaded is what this command is asked about.
        from wayfold.wayland.library import journal

        journal()
    except (ImportError, OSError) as error:
        return Finding("Python", "libwayland-client", False, str(error))
    maps = Path("/proc/self/maps").read_text(encoding="utf-8", errors="replace")
    path = re.search(r"/\S*libwayland-client\S*", maps)
    return Finding("Python", "libwayland-client", True, _place(path.group()) if path else "loaded")


def _place(library: str) -> str:
    path = Path(library)
    is_bundled = path.parent.name == "pywayland.libs"
    return f"{path.name}, which pywayland brings" if is_bundled else library


# -- the session --------------------------------------------------------------------------------


def _session() -> Iterator[Finding]:
    yield _runtime_directory()
    yield _compositor()


def _runtime_directory() -> Finding:
    name = "XDG_RUNTIME_DIR"
    path = os.environ.get(name)
    if not path:
        return Finding("Session", name, None, "not set: a compositor is found by its path only")
    try:
        found = os.stat(path)
    except OSError as error:
        return Finding("Session", name, None, f"{printable(path)}: {error.strerror}")
    told = printable(path)
    if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
        told += ", which is not yours alone, as compositors want it"
    return Finding("Session", name, True, told)


def _compositor() -> Finding:
    named = os.environ.get("WAYLAND_DISPLAY")
    # The descriptor in WAYLAND_SOCKET serves one connection; a look would use it up.
    if not named:
        told = "WAYLAND_DISPLAY names none; tests and the demo start one of their own"
        return Finding("Session", "compositor", None, told)
    try:
        with wayfold.connect(named, bind=(), timeout=2.0) as client:
            told = f"{named} answers, and offers {len(client.state.globals)} globals"
            return Finding("Session", "compositor", True, printable(told))
    except (ImportError, WayfoldError) as error:
        return Finding("Session", "compositor", None, printable(str(error)))


# -- programs -----------------------------------------------------------------------------------


def _program(found: Found) -> Finding:
    program, topic = found.program, "Programs for tests"
    if found.path is None:
        told = f"not installed; for {program.purpose}: package {program.package}"
        return Finding(topic, program.name, None, told)
    told = "; ".join([found.version or "found", program.purpose])
    return Finding(topic, program.name, True, told)


def _tier(found: Standing) -> Finding:
    topic, name = "Compositors for tests", found.tier.name
    if found.lack is not None:
        return Finding(topic, name, None, f"{found.tier.told}: {found.lack}")
    told = "; ".join(filter(None, [found.version, found.tier.told]))
    return Finding(topic, name, True, told, capabilities=tuple(sorted(found.capabilities)))


_LEGEND = """\
  yes: here; (yes): once what is missing is installed; -: not at all;
  a number: from that version of the compositor on"""


def _table(tiers: Sequence[Standing]) -> Iterator[str]:
    names = [found.tier.name for found in tiers]
    yield heading("What they can do")
    yield _row("", names, names)
    for capability in CAPABILITIES:
        yield _row(capability, [_cell(found, capability) for found in tiers], names)
    yield _LEGEND


def _row(name: str, cells: Sequence[str], names: Sequence[str]) -> str:
    padded = (cell.ljust(len(column)) for cell, column in zip(cells, names, strict=True))
    return f"  {name:16} {' '.join(padded)}".rstrip()


def _cell(found: Standing, capability: str) -> str:
    if capability in found.capabilities:
        return "yes"
    if capability not in found.tier.capabilities:
        return "-"
    return "(yes)" if found.lack else found.tier.since[capability]


_MARKS: dict[bool | None, str] = {True: "ok", False: "MISSING", None: "-"}


def _lines(findings: list[Finding]) -> Iterator[str]:
    topic = ""
    for finding in findings:
        if finding.topic != topic:
            if topic:
                yield ""
            topic = finding.topic
            yield heading(topic)
        yield from _wrapped(finding)


def _wrapped(finding: Finding, width: int = 80) -> Iterator[str]:
    first = f"  {_MARKS[finding.is_ok]:7}  {finding.name:17}  "
    lines = textwrap.wrap(
        finding.told,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines:
        if len(line) <= width:
            yield line
            continue
        # A path that is too long for its column, and must not be cut, since people copy it.
        yield from filter(None, [line[: len(first)].rstrip(), f"    {line[len(first) :]}"])
