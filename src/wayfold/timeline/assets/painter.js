"use strict";
// Draws the ruler and the lanes. What is drawn is bounded by what is seen: a row with more records
// than pixels becomes bars of density, found by binary search, whatever the recording's length.

const ROW = 30;
const RULER = 30;
const MOST_GLYPHS = 260;
const BAR = 3; // pixels from one bar of density to the next
const GAP = 0.6;
const GLYPH = 4.5;
const FONT = '11px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

class Painter {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    this.context = canvas.getContext("2d", { alpha: false });
  }

  // The size of the canvas in device pixels, so that lines are sharp.
  resize(width, height) {
    const scale = devicePixelRatio || 1;
    Object.assign(this, { width, height, scale });
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
  }

  paint() {
    const { context, app } = this;
    this.colours = app.theme.colours;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.fillStyle = this.colours.ground;
    context.fillRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.textBaseline = "middle";
    this.rows = app.visibleRows();
    this.#findBounds();
    this.#paintGrid();
    this.#paintRows();
    paintChains(this, app);
    this.#paintRecords();
    this.#paintFlags();
    this.#paintRuler();
  }

  top(row) {
    return RULER + row * ROW - this.app.scrollTop;
  }

  // The record at which each bar begins: every row then searches among whole numbers.
  #findBounds() {
    const { viewport, recording } = this.app;
    const count = Math.ceil(this.width / BAR) + 1;
    if (this.bounds?.length !== count) this.bounds = new Uint32Array(count);
    let from = 0;
    for (let k = 0; k < count; k++) {
      from = lowerBound(recording.times, viewport.time(k * BAR), from);
      this.bounds[k] = from;
    }
  }

  #paintGrid() {
    const { context, colours } = this;
    context.fillStyle = colours.line;
    for (const { x } of this.ticks()) context.fillRect(Math.round(x), RULER, 1, this.height);
  }

  ticks() {
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

  #paintRows() {
    const { context, colours, app } = this;
    for (const lane of this.rows) {
      const top = this.top(lane.row);
      if (lane === app.lane) {
        context.fillStyle = colours.select;
        context.fillRect(0, top, this.width, ROW);
      }
      context.fillStyle = colours.line;
      context.fillRect(0, top + ROW - 1, this.width, 1);
      context.fillStyle = colours.lineStrong;
      context.fillRect(0, Math.round(top + ROW / 2), this.width, 1);
    }
  }

  #paintRecords() {
    const { context, colours, app } = this;
    const names = [];
    for (const kind of [EVENT, REQUEST, FACT]) {
      context.beginPath();
      for (const lane of this.rows) this.#traceRow(lane, kind, names);
      context.fillStyle = colours.kinds[kind];
      context.fill();
    }
    context.fillStyle = colours.text;
    for (const [text, x, y] of names) context.fillText(text, x, y);
  }

  #traceRow(lane, kind, names) {
    const { tree } = this.app;
    const range = tree.range(lane, kind);
    const from = lowerBound(tree.places, this.bounds[0], ...range);
    const to = lowerBound(tree.places, this.bounds.at(-1), from, range[1]);
    const middle = this.top(lane.row) + ROW / 2 + 0.5;
    if (to - from > MOST_GLYPHS) this.#traceBars(kind, from, to, middle);
    else this.#traceGlyphs(kind, from, to, middle, names);
  }

  // Events grow up from the line and requests down, by powers of ten: 1, 10, 100, 1000 or more.
  #traceBars(kind, from, to, middle) {
    const { context, bounds } = this;
    const { places } = this.app.tree;
    const high = ROW / 2 - 3;
    let at = from;
    for (let k = 1; at < to; k++) {
      // The next record may be far: its own bar is found rather than all between looked at.
      if (places[at] >= bounds[k]) k = upperBound(bounds, places[at], k);
      const next = lowerBound(places, bounds[k], at, to);
      const size = high * Math.min(1, 0.28 + 0.24 * Math.log10(next - at));
      if (kind === EVENT) context.rect((k - 1) * BAR, middle - 1 - size, BAR - GAP, size);
      else if (kind === REQUEST) context.rect((k - 1) * BAR, middle + 1, BAR - GAP, size);
      else context.rect((k - 1) * BAR, middle - size / 2, BAR - GAP, size);
      at = next;
    }
  }

  #traceGlyphs(kind, from, to, middle, names) {
    const { context } = this;
    const { viewport, recording, tree } = this.app;
    for (let k = from; k < to; k++) {
      const x = viewport.x(recording.times[tree.places[k]]);
      traceGlyph(context, kind, x, middle);
      const next = k + 1 < to ? viewport.x(recording.times[tree.places[k + 1]]) : Infinity;
      if (next - x > 44 && to - from < 120) this.#nameGlyph(kind, tree.places[k], x, next, middle, names);
    }
  }

  #nameGlyph(kind, i, x, next, middle, names) {
    const text = this.app.recording.messageOf(i);
    const width = this.#textWidth(text);
    if (width + 14 > next - x) return;
    const [from, y] = [x + 8, kind === REQUEST ? middle + 7.5 : middle - 7.5];
    // A fact's name stands where those of events do: it gives way.
    if (kind === FACT && names.some(([other, start, line]) => line === y && start < from + width && start + this.#textWidth(other) > from)) return;
    names.push([text, from, y]);
  }

  #textWidth(text) {
    this.widths ??= new Map();
    if (!this.widths.has(text)) this.widths.set(text, this.context.measureText(text).width);
    return this.widths.get(text);
  }

  #paintFlags() {
    const { context, colours, app } = this;
    for (const flag of app.recording.about.flags) {
      const x = Math.round(app.viewport.x(flag.time_ns));
      if (x < -200 || x > this.width) continue;
      context.fillStyle = flag.kind === "mark" ? colours.mark : flag.kind === "lost" ? colours.stall : colours.muted;
      if (flag.kind === "mark" || flag.kind === "lost") context.fillRect(x, RULER, 1, this.height);
      else for (let y = RULER; y < this.height; y += 6) context.fillRect(x, y, 1, 3);
    }
  }

  #paintRuler() {
    const { context, colours, app } = this;
    context.fillStyle = colours.raised;
    context.fillRect(0, 0, this.width, RULER);
    context.fillStyle = colours.lineStrong;
    context.fillRect(0, RULER - 1, this.width, 1);
    for (const { time, x, step } of this.ticks()) {
      context.fillStyle = colours.lineStrong;
      context.fillRect(Math.round(x), RULER - 7, 1, 6);
      context.fillStyle = colours.muted;
      context.fillText(this.#tickText(time, step), Math.round(x) + 5, 11);
    }
    paintFlagNames(this, app);
  }

  #tickText(time, step) {
    const { clock, viewport } = this.app;
    if (step >= MILLISECOND) return clock.time(time, fractionDigits(step));
    const whole = Math.floor((viewport.left + clock.sinceMidnight) / MILLISECOND) * MILLISECOND - clock.sinceMidnight;
    return `+${((time - whole) / MICROSECOND).toFixed(step >= MICROSECOND ? 0 : 1)} µs`;
  }
}

// ▼ towards us, ▲ towards the compositor, ◆ neither: told apart without colour, too.
function traceGlyph(context, kind, x, middle, size = GLYPH) {
  if (kind === EVENT) {
    context.moveTo(x, middle - 1);
    context.lineTo(x + size, middle - 1 - size * 1.7);
    context.lineTo(x - size, middle - 1 - size * 1.7);
  } else if (kind === REQUEST) {
    context.moveTo(x, middle + 1);
    context.lineTo(x + size, middle + 1 + size * 1.7);
    context.lineTo(x - size, middle + 1 + size * 1.7);
  } else {
    context.moveTo(x, middle - size * 1.15);
    context.lineTo(x + size * 1.15, middle);
    context.lineTo(x, middle + size * 1.15);
    context.lineTo(x - size * 1.15, middle);
  }
  context.closePath();
}

// A mark's name goes no further than the next mark.
function paintFlagNames(painter, app) {
  const { context, colours } = painter;
  const marks = app.recording.about.flags.filter((flag) => flag.kind === "mark");
  context.fillStyle = colours.mark;
  marks.forEach((mark, k) => {
    const x = Math.round(app.viewport.x(mark.time_ns));
    if (x < -200 || x > painter.width) return;
    const next = k + 1 < marks.length ? app.viewport.x(marks[k + 1].time_ns) : Infinity;
    context.beginPath();
    context.moveTo(x, RULER);
    context.lineTo(x, RULER - 11);
    context.lineTo(x + 8, RULER - 8);
    context.lineTo(x + 1, RULER - 5);
    context.fill();
    context.fillText(shortened(context, mark.text || "mark", Math.min(next - x - 16, 180)), x + 11, RULER - 8);
  });
}

// Text that fits a width, with an ellipsis where there was more; none where hardly any would fit.
function shortened(context, text, width) {
  if (width < 24) return "";
  if (context.measureText(text).width <= width) return text;
  let length = Math.min(text.length, Math.floor(width / 4));
  while (length > 0 && context.measureText(`${text.slice(0, length)}…`).width > width) length--;
  return `${text.slice(0, length)}…`;
}
