"use strict";
// Draws the lanes. What is drawn is bounded by what is seen: a row with more records
// than pixels becomes bars of density, found by binary search, whatever the recording's length.

const ROW = 30;
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
    this.ruler = new Ruler(this, app);
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
    this.ruler.paintGrid();
    this.#paintRows();
    paintChains(this, app);
    this.#paintRecords();
    this.ruler.paintFlags();
    this.ruler.paint();
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
      if (next - x > 44 && to - from < 120)
        this.#nameGlyph(kind, tree.places[k], x, next, middle, names);
    }
  }

  #nameGlyph(kind, i, x, next, middle, names) {
    const text = this.app.recording.messageOf(i);
    const width = this.#textWidth(text);
    if (width + 14 > next - x) return;
    const [from, y] = [x + 8, kind === REQUEST ? middle + 7.5 : middle - 7.5];
    // A fact's name stands where those of events do: it gives way.
    if (
      kind === FACT &&
      names.some(
        ([other, start, line]) =>
          line === y && start < from + width && start + this.#textWidth(other) > from,
      )
    )
      return;
    names.push([text, from, y]);
  }

  #textWidth(text) {
    this.widths ??= new Map();
    if (!this.widths.has(text)) this.widths.set(text, this.context.measureText(text).width);
    return this.widths.get(text);
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
