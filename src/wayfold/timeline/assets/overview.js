"use strict";
// The whole recording in one strip: how much happened when, what was found, and what is seen now.

const OVERVIEW = 46;
const EDGE = 6;

class Overview {
  constructor(canvas, app) {
    this.canvas = canvas;
    this.app = app;
    this.context = canvas.getContext("2d", { alpha: false });
    this.backing = null;
    this.#listen();
  }

  resize(width) {
    const scale = devicePixelRatio || 1;
    Object.assign(this, { width, height: OVERVIEW, scale, backing: null });
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(OVERVIEW * scale);
  }

  // The density is drawn once and kept; the window over it is drawn each time.
  paint() {
    const { context, app } = this;
    this.colours = app.theme.colours;
    this.backing ??= this.#paintBacking();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.backing, 0, 0);
    context.setTransform(this.scale, 0, 0, this.scale, 0, 0);
    const [from, to] = this.#window();
    context.fillStyle = this.colours.ground;
    context.globalAlpha = 0.62;
    context.fillRect(0, 0, from, this.height);
    context.fillRect(to, 0, this.width - to, this.height);
    context.globalAlpha = 1;
    context.fillStyle = this.colours.accent;
    context.fillRect(from, 0, 1.5, this.height);
    context.fillRect(to - 1.5, 0, 1.5, this.height);
    if (app.index >= 0)
      context.fillRect(this.x(app.recording.times[app.index]) - 1, 0, 2, this.height);
  }

  forget() {
    this.backing = null;
  }

  x(time) {
    return (time / Math.max(this.app.recording.end, 1)) * this.width;
  }

  #window() {
    const { viewport } = this.app;
    const from = Math.max(this.x(viewport.left), 0);
    const to = Math.min(this.x(viewport.right), this.width);
    const more = Math.max(0, (4 - (to - from)) / 2); // never too thin to be seen
    return [from - more, to + more];
  }

  #paintBacking() {
    const backing = document.createElement("canvas");
    backing.width = this.canvas.width;
    backing.height = this.canvas.height;
    const context = backing.getContext("2d", { alpha: false });
    context.scale(this.scale, this.scale);
    context.fillStyle = this.colours.raised;
    context.fillRect(0, 0, this.width, this.height);
    this.#paintDensity(context);
    this.#paintTicks(context);
    return backing;
  }

  #paintDensity(context) {
    const counts = this.#counts();
    const most = Math.log1p(
      Math.max(1, ...counts.map(([events, requests]) => Math.max(events, requests))),
    );
    const middle = this.height / 2 + 1;
    const high = this.height / 2 - 7;
    counts.forEach(([events, requests], k) => {
      const sizes = [events, requests].map((count) =>
        count ? Math.max(1.5, (Math.log1p(count) / most) * high) : 0,
      );
      context.fillStyle = this.colours.kinds[EVENT];
      context.fillRect(k * BAR, middle - 0.5 - sizes[0], BAR - GAP, sizes[0]);
      context.fillStyle = this.colours.kinds[REQUEST];
      context.fillRect(k * BAR, middle + 0.5, BAR - GAP, sizes[1]);
    });
  }

  #counts() {
    const { recording } = this.app;
    if (this.counted?.width === this.width) return this.counted.counts;
    const counts = Array.from({ length: Math.ceil(this.width / BAR) }, () => [0, 0, 0]);
    const perBar = Math.max(recording.end, 1) / counts.length;
    for (let i = 0; i < recording.count; i++) {
      const bar = Math.min(Math.floor(recording.times[i] / perBar), counts.length - 1);
      counts[bar][recording.kindOf(i)]++;
    }
    this.counted = {
      width: this.width,
      counts: counts.map(([events, requests, facts]) => [events + facts, requests]),
    };
    return this.counted.counts;
  }

  #paintTicks(context) {
    const { app } = this;
    context.fillStyle = this.colours.hit;
    let painted = -1;
    for (const i of app.search.places) {
      const x = Math.round(this.x(app.recording.times[i]));
      if (x !== painted) context.fillRect(x - 1, 0, 2, 4);
      painted = x;
    }
    context.fillStyle = this.colours.stall;
    for (const found of app.findings.stalls) {
      context.fillRect(this.x(found.time), this.height - 4, Math.max(this.x(found.duration), 2), 4);
    }
    context.fillStyle = this.colours.mark;
    for (const flag of app.recording.about.flags) {
      if (flag.kind === "mark") context.fillRect(this.x(flag.time_ns) - 0.5, 0, 1, this.height);
    }
  }

  // Drag the window, or one of its edges; press elsewhere and drag to show another stretch.
  #listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => {
      const x = event.offsetX;
      const grip = this.#grip(x);
      canvas.setPointerCapture(event.pointerId);
      this.drag = { grip, x, left: this.app.viewport.left, right: this.app.viewport.right };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (this.drag) this.#move(event.offsetX);
      else
        canvas.style.cursor = {
          left: "ew-resize",
          right: "ew-resize",
          window: "grab",
          none: "crosshair",
        }[this.#grip(event.offsetX)];
    });
    canvas.addEventListener("pointerup", (event) => {
      if (this.drag && Math.abs(event.offsetX - this.drag.x) < 3) this.#centre(event.offsetX);
      this.drag = null;
    });
    canvas.addEventListener("dblclick", () => this.app.viewport.showAll());
  }

  #grip(x) {
    const [from, to] = this.#window();
    if (to - from > this.width - 4) return "none";
    if (Math.abs(x - from) <= EDGE) return "left";
    if (Math.abs(x - to) <= EDGE) return "right";
    return x > from && x < to ? "window" : "none";
  }

  #move(x) {
    const { drag, app } = this;
    const perPixel = app.recording.end / this.width;
    const moved = (x - drag.x) * perPixel;
    let [left, right] = [drag.left, drag.right];
    if (drag.grip === "none")
      [left, right] = [drag.x * perPixel, x * perPixel].sort((one, other) => one - other);
    if (drag.grip === "left" || drag.grip === "window") left += moved;
    if (drag.grip === "right" || drag.grip === "window") right += moved;
    if (Math.abs(x - drag.x) >= 3 && right - left > SHORTEST_NS)
      app.viewport.set(left, right - left);
  }

  #centre(x) {
    const { viewport, recording } = this.app;
    const time = (x / this.width) * recording.end;
    viewport.glide(time - viewport.span / 2, viewport.span);
    this.app.choose(recording.indexAt(time), { isRevealed: false });
  }
}
