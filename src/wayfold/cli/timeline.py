"""`wayfold timeline`: draw a recording over time."""

import argparse
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from wayfold import timeline
from wayfold.cli.arguments import pattern
from wayfold.cli.failures import CommandFailed
from wayfold.cli.recording import MOMENTS, moment, open_recording, state_at
from wayfold.cli.spelling import spell_enum
from wayfold.cli.terminal import Progress, counted
from wayfold.log import Log

__all__ = ["add_arguments", "run"]

T = TypeVar("T")
Piece = TypeVar("Piece", str, bytes)

_ABOUT = f"""\
Draw a recording over time: as one HTML page that any browser shows by itself,
and for Perfetto (https://ui.perfetto.dev) as a trace.

Of the records, only those that fit PATTERN and --subject are drawn; the state
and the chains are those of all.

{MOMENTS}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.description = _ABOUT
    parser.epilog = "example: wayfold timeline session.wayfold -o session.html"
    parser.add_argument("file", metavar="FILE", help="what `wayfold record` wrote")
    parser.add_argument(
        "patterns", metavar="PATTERN", nargs="*", default=[], type=pattern, help="records by name"
    )
    parser.add_argument(
        "-o", "--output", metavar="PAGE", help="default, without --perfetto: FILE's name .html"
    )
    parser.add_argument("--perfetto", metavar="TRACE", help="write a trace for Perfetto there")
    parser.add_argument("--subject", help="records about one object, such as wl_output#7")
    parser.add_argument("--since", metavar="MOMENT", help="from behind this moment on")
    parser.add_argument("--until", metavar="MOMENT", help="up to this moment")


def run(options: argparse.Namespace) -> int:
    """Read the recording and write what was asked for."""
    page, trace = _targets(options)
    with open_recording(options.file) as log:
        selection = timeline.Selection(
            0 if options.since is None else moment(log, options.since),
            None if options.until is None else moment(log, options.until),
            tuple(options.patterns) or ("*",),
            options.subject,
        )
        _check_any(log, selection, options.file)
        if page is not None:
            _write_page(log, selection, page, Path(options.file))
        if trace is not None:
            _write_trace(log, selection, trace, Path(options.file))
    return 0


def _targets(options: argparse.Namespace) -> tuple[Path | None, Path | None]:
    """Give where the page and the trace go; raises CommandFailed where something would be lost."""
    trace = None if options.perfetto is None else Path(options.perfetto)
    page = None if options.output is None else Path(options.output)
    if page is None and trace is None:
        page = Path(f"{Path(options.file).stem}.html")
    for path in filter(None, (page, trace)):
        if path.is_dir():
            raise CommandFailed(f"{path} is a directory; name a file in it")
        if path.exists() and Path(options.file).exists() and path.samefile(options.file):
            raise CommandFailed(f"{path} is the recording itself; name another file")
    if page is not None and page == trace:
        raise CommandFailed(f"{page} cannot be the page and the trace; name two files")
    return page, trace


def _check_any(log: Log, selection: timeline.Selection, file: str) -> None:
    chosen = log.records(
        after=selection.after,
        until=selection.until,
        name=selection.names,
        subject=selection.subject,
    )
    if next(chosen, None) is None:
        raise CommandFailed(f"no record fits; `wayfold log {file}` prints what there is")


def _write_page(log: Log, selection: timeline.Selection, path: Path, source: Path) -> None:
    state_at(log, max(selection.after, log.cut))  # says how far it is, where that takes long
    scene = _with_progress(
        log, lambda told: timeline.read(log, selection, spell=spell_enum, told=told)
    )
    _write(path, timeline.page(scene, source.name), "")
    found = sum(not each.is_pause for each in scene.findings)
    counts = ((len(scene), "record"), (len(scene.chains), "chain"), (found, "finding"))
    told = ", ".join(counted(*each) for each in counts)
    print(f"{path}: {told}")


def _write_trace(log: Log, selection: timeline.Selection, path: Path, source: Path) -> None:
    def write(told: timeline.Told) -> None:
        _write(path, timeline.trace(log, selection, source.name, told=told), b"")

    _with_progress(log, write)
    print(f"{path}: open it at https://ui.perfetto.dev")


def _with_progress(log: Log, action: Callable[[timeline.Told], T]) -> T:
    progress = Progress()
    try:
        return action(lambda position: progress.show(f"read {position} of {log.head} records"))
    finally:
        progress.clear()


def _write(path: Path, pieces: Iterable[Piece], empty: Piece) -> None:
    """Write a file whole or not at all, and into what is no file; raises CommandFailed."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    is_file = path.is_file() or not path.exists()  # a pipe or device is not to be replaced
    mode, encoding = ("w", "utf-8") if isinstance(empty, str) else ("wb", None)
    try:
        with open(part if is_file else path, mode, encoding=encoding) as file:
            file.writelines(pieces)
        if is_file:
            os.replace(part, path)
    except OSError as error:
        raise CommandFailed(f"{path} cannot be written: {error.strerror}") from error
    finally:
        if is_file:
            part.unlink(missing_ok=True)
