"use strict";
// The ruler above the lanes, and what goes through all of them: ticks, marks, sessions.

const RULER = 30;

class Ruler {
  constructor(painter, app) {
    this.painter = painter;
    this.app = app;
  }

  paintGrid() {
    const { context, colours, height } = this.painter;
    context.fillStyle = colours.line;
    for (const { x } of this.#ticks()) context.fillRect(Math.round(x), RULER, 1, height);
  }

  #ticks() {
    const { viewport, clock } = this.app;
    const step = tickStep(viewport.nsPerPixel, 110);
    const base = clock.sinceMidnight;
    const first = Math.ceil((viewport.left + base) / step);
    const ticks = [];
    for (let k = first; ; k++) {
      const time = k * step - base;
      if (time > viewport.right) return ticks;
      ticks.push({ time, x: viewport.x(time), step });
    }
  }

  paintFlags() {
    const { app } = this;
    const { context, colours, width, height } = this.painter;
    for (const flag of app.recording.about.flags) {
      const x = Math.round(app.viewport.x(flag.time_ns));
      if (x < -200 || x > width) continue;
      context.fillStyle =
        flag.kind === "mark" ? colours.mark : flag.kind === "lost" ? colours.stall : colours.muted;
      if (flag.kind === "mark" || flag.kind === "lost") context.fillRect(x, RULER, 1, height);
      else for (let y = RULER; y < height; y += 6) context.fillRect(x, y, 1, 3);
    }
  }

  paint() {
    const { app } = this;
    const { context, colours, width, height } = this.painter;
    context.fillStyle = colours.raised;
    context.fillRect(0, 0, width, RULER);
    context.fillStyle = colours.lineStrong;
    context.fillRect(0, RULER - 1, width, 1);
    for (const { time, x, step } of this.#ticks()) {
      context.fillStyle = colours.lineStrong;
      context.fillRect(Math.round(x), RULER - 7, 1, 6);
      context.fillStyle = colours.muted;
      context.fillText(this.#tickText(time, step), Math.round(x) + 5, 11);
    }
    this.#paintMarks();
  }

  #tickText(time, step) {
    const { clock, viewport } = this.app;
    if (step >= DAY) return clock.date(time);
    if (step >= MILLISECOND) return clock.time(time, fractionDigits(step));
    const whole =
      Math.floor((viewport.left + clock.sinceMidnight) / MILLISECOND) * MILLISECOND -
      clock.sinceMidnight;
    return `+${((time - whole) / MICROSECOND).toFixed(step >= MICROSECOND ? 0 : 1)} µs`;
  }

  // A mark's name goes no further than the next mark.
  #paintMarks() {
    const { app } = this;
    const { context, colours, width } = this.painter;
    const marks = app.recording.about.flags.filter((flag) => flag.kind === "mark");
    context.fillStyle = colours.mark;
    marks.forEach((mark, k) => {
      const x = Math.round(app.viewport.x(mark.time_ns));
      if (x < -200 || x > width) return;
      const next = k + 1 < marks.length ? app.viewport.x(marks[k + 1].time_ns) : Infinity;
      context.beginPath();
      context.moveTo(x, RULER);
      context.lineTo(x, RULER - 11);
      context.lineTo(x + 8, RULER - 8);
      context.lineTo(x + 1, RULER - 5);
      context.fill();
      context.fillText(
        shortened(context, mark.text || "mark", Math.min(next - x - 16, 180)),
        x + 11,
        RULER - 8,
      );
    });
  }
}

// Text that fits a width, with an ellipsis where there was more; none where hardly any would fit.
function shortened(context, text, width) {
  if (width < 24) return "";
  if (context.measureText(text).width <= width) return text;
  let length = Math.min(text.length, Math.floor(width / 4));
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
