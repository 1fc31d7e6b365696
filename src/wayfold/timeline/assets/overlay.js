"use strict";
// What moves while the lanes stand still: the cursor, the pointer's line, hits, a stretch of time.

class Overlay {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    this.context = canvas.getContext("2d");
  }

  resize(width, height) {
    const scale = devicePixelRatio || 1;
    Object.assign(this, { width, height, scale });
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
  }

  paint() {
    const { context, app } = this;
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    context.font = FONT;
    context.textBaseline = "middle";
    this.#paintStretch();
    this.#paintHits();
    context.save();
    context.beginPath();
    context.rect(0, RULER, this.width, this.height);
    context.clip();
    paintArrows(context, app.painter, app);
    context.restore();
    if (app.hover) this.#paintHover();
    if (app.index >= 0) this.#paintCursor();
  }

  #paintStretch() {
    const { context, app } = this;
    if (!app.stretch) return;
    const [from, to] = [app.stretch.from, app.stretch.to].map((time) => app.viewport.x(time));
    context.fillStyle = app.theme.colours.accent;
    context.globalAlpha = 0.14;
    context.fillRect(from, 0, to - from, this.height);
    context.globalAlpha = 1;
    context.fillRect(from, 0, 1, this.height);
    context.fillRect(to, 0, 1, this.height);
  }

  // The hits that are seen; where there are more than pixels, the overview tells.
  #paintHits() {
    const { context, app } = this;
    const { places } = app.search;
    const from = lowerBound(places, app.painter.bounds[0]);
    const to = lowerBound(places, app.painter.bounds.at(-1), from);
    if (to - from > 600) return;
    context.strokeStyle = app.theme.colours.hit;
    context.lineWidth = 2;
    for (let k = from; k < to; k++) {
      const lane = app.tree.seen(app.recording.subject[places[k]]);
      if (lane) this.#ring(app.viewport.x(app.recording.times[places[k]]), lane);
    }
  }

  #ring(x, lane) {
    const y = this.app.painter.top(lane.row) + ROW / 2;
    if (y < RULER || y > this.height) return;
    this.context.beginPath();
    this.context.roundRect(x - 7, y - 12, 14, 24, 5);
    this.context.stroke();
  }

  #paintHover() {
    const { context, app } = this;
    context.fillStyle = app.theme.colours.muted;
    context.globalAlpha = 0.5;
    context.fillRect(Math.round(app.hover.x), 0, 1, this.height);
    context.globalAlpha = 1;
  }

  #paintCursor() {
    const { context, app } = this;
    const { colours } = app.theme;
    const x = Math.round(app.viewport.x(app.recording.times[app.index]));
    context.fillStyle = colours.accent;
    context.fillRect(x, 0, 1, this.height);
    context.beginPath();
    context.moveTo(x - 5, 0);
    context.lineTo(x + 6, 0);
    context.lineTo(x + 6, 6);
    context.lineTo(x + 0.5, 12);
    context.lineTo(x - 5, 6);
    context.fill();
    const lane = app.tree.seen(app.recording.subject[app.index]);
    if (lane) this.#paintChosen(x + 0.5, lane, colours);
  }

  #paintChosen(x, lane, colours) {
    const { context, app } = this;
    const y = app.painter.top(lane.row) + ROW / 2 + 0.5;
    if (y < RULER) return;
    const kind = app.recording.kindOf(app.index);
    context.beginPath();
    traceGlyph(context, kind, x, y, 6);
    context.fillStyle = colours.kinds[kind];
    context.fill();
    context.strokeStyle = colours.text;
    context.lineWidth = 1.5;
    context.stroke();
  }
}
