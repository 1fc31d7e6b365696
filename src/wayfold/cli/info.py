"""`wayfold info`: tell what the compositor offers."""

import argparse
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec

import wayfold
from wayfold.cli.arguments import add_display
from wayfold.cli.dmabuf import Dmabuf, read_dmabuf
from wayfold.cli.spelling import spell_value
from wayfold.cli.terminal import heading, table
from wayfold.model.state import Global, Output, Seat
from wayfold.protocol import schema
from wayfold.wayland.registry import BOUND_BY_DEFAULT

__all__ = ["add_arguments", "run"]

_CURRENT, _PREFERRED = 1, 2  # wl_output.mode


class OutputMode(msgspec.Struct, frozen=True):
    """One of an output's modes, in physical pixels and millihertz."""

    width: int
    height: int
    refresh_mhz: int
    is_current: bool
    is_preferred: bool


class PixelFormat(msgspec.Struct, frozen=True):
    """A wl_shm.format: its name in the XML, or its fourcc where that has none."""

    name: str
    code: int


class Clock(msgspec.Struct, frozen=True):
    """The clock of presentation times (wp_presentation.clock_id, version 1)."""

    id: int
    name: str


class Told(msgspec.Struct, frozen=True):
    """Everything that this command tells."""

    display: str
    globals: tuple[Global, ...]
    outputs: tuple[Output, ...]
    modes: dict[str, tuple[OutputMode, ...]]
    seats: tuple[Seat, ...]
    shm_formats: tuple[PixelFormat, ...]
    presentation_clock: Clock | None
    dmabuf: Dmabuf | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what this command takes."""
    parser.epilog = "example: wayfold info --json | jq '.outputs[].name'"
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_display(parser)


def run(options: argparse.Namespace) -> int:
    """Ask and print."""
    bind = {*BOUND_BY_DEFAULT, "wp_presentation"}
    with wayfold.connect(options.display, bind=bind) as client:
        told = ask(client)
    if options.json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(told), indent=2).decode() + "\n")
    else:
        print("\n".join(_lines(told)))
    return 0


def ask(client: wayfold.Client) -> Told:
    """Put together what a connection was told at its start, and ask for dmabuf formats."""
    state = client.state
    return Told(
        display=state.connection.display or "",
        globals=tuple(state.globals.values()),
        outputs=tuple(state.outputs.values()),
        modes={subject: tuple(_modes(client, subject)) for subject in state.outputs},
        seats=tuple(state.seats.values()),
        shm_formats=tuple(_shm_formats(client)),
        presentation_clock=_clock(client),
        dmabuf=read_dmabuf(client),
    )


def _modes(client: wayfold.Client, subject: str) -> Iterator[OutputMode]:
    latest: dict[tuple[int, int, int], int] = {}
    for record in client.log.records(name="wl_output.mode", subject=subject):
        data = record.data
        latest[data["width"], data["height"], data["refresh"]] = data["flags"]
    for size, flags in latest.items():
        yield OutputMode(*size, bool(flags & _CURRENT), bool(flags & _PREFERRED))


def _shm_formats(client: wayfold.Client) -> Iterator[PixelFormat]:
    for record in client.log.records(name="wl_shm.format"):
        code = record.data["format"]
        name = schema.enum_name("wl_shm", "format", "format", code)
        yield PixelFormat(name or code.to_bytes(4, "little").decode("ascii", "replace"), code)


def _clock(client: wayfold.Client) -> Clock | None:
    for record in client.log.records(name="wp_presentation.clock_id"):
        number = record.data["clk_id"]
        return Clock(number, _clock_name(number))
    return None


def _clock_name(number: int) -> str:
    names = (name for name in dir(time) if name.startswith("CLOCK_"))
    return next((name for name in names if getattr(time, name) == number), "unknown")


# -- as text ------------------------------------------------------------------------------------


def _lines(told: Told) -> Iterator[str]:
    yield heading(f"Compositor at {told.display}")
    yield ""
    yield heading("Globals: interface, version, number")
    yield from table(
        (g.interface, str(g.version), str(g.name))
        for g in sorted(told.globals, key=lambda offered: offered.interface)
    )
    for output in told.outputs:
        modes = [("mode", _mode(mode)) for mode in told.modes[output.subject]]
        title = f"Output {output.name or ''} {output.subject}"
        yield from _section(title, _of_output(output) + modes)
    for seat in told.seats:
        yield from _section(f"Seat {seat.name or ''} {seat.subject}", _of_seat(seat))
    yield from _formats(told)


def _section(title: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    yield ""
    yield heading(" ".join(title.split()))
    yield from table(rows)


def _of_output(output: Output) -> list[tuple[str, str]]:
    rows = [
        ("description", output.description),
        ("make, model", f"{output.make}, {output.model}"),
        ("physical size", f"{output.width_mm} x {output.height_mm} mm"),
        ("position", f"{output.x}, {output.y}"),
        ("scale", output.scale),
        ("transform", spell_value(output.transform)),
        ("subpixel", spell_value(output.subpixel)),
    ]
    if output.logical_width is not None:
        size = f"{output.logical_width}x{output.logical_height}"
        rows.append(("logical (xdg-output)", f"{size} at {output.logical_x}, {output.logical_y}"))
    return [(name, _plain(value)) for name, value in rows if value is not None]


def _plain(value: Any) -> str:
    return spell_value(value).strip('"')


def _mode(mode: OutputMode) -> str:
    marks = [name for name in ("current", "preferred") if getattr(mode, f"is_{name}")]
    rate = f"{mode.refresh_mhz / 1000:g} Hz" if mode.refresh_mhz else "no rate"
    return f"{mode.width}x{mode.height} at {rate}{', ' if marks else ''}{', '.join(marks)}"


def _of_seat(seat: Seat) -> list[tuple[str, str]]:
    rows = [("capabilities", _plain(seat.capabilities) if seat.capabilities else "none")]
    if seat.keyboard is not None:
        keyboard = seat.keyboard
        rows.append(("key repeat", f"{keyboard.repeat_rate}/s after {keyboard.repeat_delay_ms} ms"))
        rows.append(("keymap", f"{keyboard.keymap_size} bytes"))
    return rows


def _formats(told: Told) -> Iterator[str]:
    shm = [(each.name, f"{each.code:#010x}") for each in told.shm_formats]
    if shm:
        yield from _section("Shared memory formats (wl_shm)", shm)
    if told.presentation_clock is not None:
        clock = told.presentation_clock
        yield from _section("Presentation clock", [(clock.name, str(clock.id))])
    if told.dmabuf is not None:
        device = told.dmabuf.main_device
        title = f"Dmabuf formats{f' of device {device}' if device else ''}: format, modifiers"
        rows = [(f.fourcc, modifier) for f in told.dmabuf.formats for modifier in f.modifiers]
        yield from _section(title, rows or [("none", "")])
