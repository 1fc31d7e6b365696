"""The demo's picture: records ride on folded waves, drawn with cairo."""

import math
from collections.abc import Iterator
from typing import Any

from wayfold.cli.failures import CommandFailed
from wayfold.wayland.window import Canvas

__all__ = ["Picture"]

_NIGHT, _DUSK = (0.04, 0.06, 0.14), (0.16, 0.09, 0.30)
_RIBBONS = (
    (0.20, 0.85, 0.80),
    (0.30, 0.60, 1.00),
    (0.62, 0.42, 1.00),
    (1.00, 0.45, 0.66),
    (1.00, 0.72, 0.38),
)
_STEP = 8
_DOTS = 7
_FONT = "DejaVu Sans"


def cairo() -> Any:
    """Give cairocffi; raises CommandFailed with what to install."""
    try:
        import cairocffi
    except ModuleNotFoundError as error:
        raise CommandFailed(
            "the picture is drawn with cairocffi, which is not installed: "
            "pip install 'wayfold[demo]'"
        ) from error
    except OSError as error:
        raise CommandFailed(
            f"cairocffi does not find the library cairo ({error}); on Debian: apt install libcairo2"
        ) from error
    return cairocffi


class Picture:
    """Draws frame after frame; `caption` is written at the bottom."""

    def __init__(self) -> None:
        self._cairo = cairo()
        self.caption = ""

    def draw(self, canvas: Canvas) -> None:
        """Paint one frame of the animation."""
        cairo = self._cairo
        surface = cairo.ImageSurface.create_for_data(
            canvas.data, cairo.FORMAT_RGB24, canvas.width, canvas.height, canvas.stride
        )
        context = cairo.Context(surface)
        context.scale(canvas.scale, canvas.scale)
        width, height = canvas.width / canvas.scale, canvas.height / canvas.scale
        self._paint_sky(context, width, height)
        for index in range(len(_RIBBONS)):
            self._paint_ribbon(context, width, height, index, canvas.number)
        self._write(context, width, height)
        surface.finish()

    def _paint_sky(self, context: Any, width: float, height: float) -> None:
        sky = self._cairo.LinearGradient(0, 0, 0, height)
        sky.add_color_stop_rgb(0, *_NIGHT)
        sky.add_color_stop_rgb(1, *_DUSK)
        context.set_source(sky)
        context.paint()

    def _paint_ribbon(
        self, context: Any, width: float, height: float, index: int, number: int
    ) -> None:
        line = [(x, wave(x / width, index, number) * height) for x in _steps(width)]
        under = self._cairo.LinearGradient(0, height * 0.3, 0, height)
        under.add_color_stop_rgba(0, *_RIBBONS[index], 0.42)
        under.add_color_stop_rgba(1, *_RIBBONS[index], 0.02)
        _trace(context, line)
        context.line_to(width, height)
        context.line_to(0, height)
        context.close_path()
        context.set_source(under)
        context.fill()
        _trace(context, line)
        context.set_source_rgba(*_RIBBONS[index], 0.85)
        context.set_line_width(1.6)
        context.stroke()
        for dot in range(_DOTS):
            along = (dot / _DOTS + number / 240 + index * 0.09) % 1
            _paint_dot(context, along * width, wave(along, index, number) * height, index)

    def _write(self, context: Any, width: float, height: float) -> None:
        cairo = self._cairo
        context.select_font_face(_FONT, cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_BOLD)
        context.set_font_size(height * 0.13)
        _write_centred(context, "wayfold", width, height * 0.25, 0.96)
        context.select_font_face(_FONT, cairo.FONT_SLANT_NORMAL, cairo.FONT_WEIGHT_NORMAL)
        context.set_font_size(height * 0.040)
        _write_centred(context, "state is a fold of the event log", width, height * 0.335, 0.75)
        context.set_font_size(height * 0.034)
        _write_centred(context, self.caption, width, height * 0.95, 0.85)


def wave(along: float, index: int, number: int) -> float:
    """Height of a ribbon, 0 at the top and 1 at the bottom, at a place from 0 to 1."""
    time = number / 120 * math.tau
    swell = math.sin(along * (4.2 + index * 0.8) + time * 0.5 + index * 1.3)
    ripple = math.sin(along * (11 - index) - time + index * 2.1)
    return 0.52 + index * 0.075 + 0.085 * swell + 0.022 * ripple


def _steps(width: float) -> Iterator[float]:
    return (float(x) for x in range(0, int(width) + _STEP, _STEP))


def _trace(context: Any, line: list[tuple[float, float]]) -> None:
    context.move_to(*line[0])
    for point in line[1:]:
        context.line_to(*point)


def _paint_dot(context: Any, x: float, y: float, index: int) -> None:
    for radius, alpha in ((7, 0.14), (4, 0.3), (1.9, 1.0)):
        context.arc(x, y, radius, 0, math.tau)
        context.set_source_rgba(*(0.5 + part / 2 for part in _RIBBONS[index]), alpha)
        context.fill()


def _write_centred(context: Any, text: str, width: float, y: float, alpha: float) -> None:
    x_bearing, _, text_width, _, _, _ = context.text_extents(text)
    context.move_to((width - text_width) / 2 - x_bearing, y)
    context.set_source_rgba(1, 1, 1, alpha)
    context.show_text(text)
