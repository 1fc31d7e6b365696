"use strict";
// The mouse, the pen or the finger over the lanes.

const NEAR = 9;

class Pointer {
  constructor(stage, tip, app) {
    Object.assign(this, { stage, tip, app, drag: null });
    stage.addEventListener("pointerdown", (event) => this.#down(event));
    stage.addEventListener("pointermove", (event) => this.#move(event));
    stage.addEventListener("pointerup", (event) => this.#up(event));
    stage.addEventListener("pointercancel", () => this.#end());
    stage.addEventListener("pointerleave", () => this.#leave());
    stage.addEventListener("dblclick", (event) => this.#zoomIn(event));
    stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
  }

  #down(event) {
    if (event.button !== 0) return;
    this.stage.focus({ preventScroll: true });
    this.stage.setPointerCapture(event.pointerId);
    const [x, y] = [event.offsetX, event.offsetY];
    const kind = event.shiftKey ? "stretch" : y < RULER ? "scrub" : "pan";
    this.drag = {
      kind,
      x,
      y,
      left: this.app.viewport.left,
      scrollTop: this.app.scrollTop,
      isMoved: false,
    };
    if (kind === "scrub") this.#scrub(x);
  }

  #move(event) {
    const [x, y] = [event.offsetX, event.offsetY];
    if (this.drag) this.#dragTo(x, y);
    else this.#hover(x, y);
  }

  #dragTo(x, y) {
    const { drag, app } = this;
    drag.isMoved ||= Math.hypot(x - drag.x, y - drag.y) > 4;
    if (!drag.isMoved) return;
    this.tip.hidden = true;
    if (drag.kind === "scrub") this.#scrub(x);
    if (drag.kind === "pan") {
      app.viewport.set(drag.left - (x - drag.x) * app.viewport.nsPerPixel, app.viewport.span);
      app.scrollTo(drag.scrollTop - (y - drag.y));
    }
    if (drag.kind === "stretch") {
      const [from, to] = [drag.x, x]
        .sort((one, other) => one - other)
        .map((each) => app.viewport.time(each));
      app.showStretch({ from, to });
    }
  }

  #scrub(x) {
    const { app } = this;
    app.choose(app.recording.indexAt(app.viewport.time(x)), { isRevealed: false });
  }

  #up(event) {
    const { drag, app } = this;
    this.drag = null;
    if (!drag || drag.isMoved || drag.kind === "scrub") return;
    const found = this.#find(event.offsetX, event.offsetY);
    app.showStretch(null);
    if (found.lane) app.chooseLane(found.lane);
    const chain = found.index < 0 ? chainAt(app, found.lane, app.viewport.time(event.offsetX)) : -1;
    if (chain >= 0) found.index = app.recording.indexOf(app.recording.chains.positions[0][chain]);
    if (found.index >= 0) app.choose(found.index, { isRevealed: false });
  }

  #end() {
    this.drag = null;
  }

  #leave() {
    this.tip.hidden = true;
    this.app.setHover(null);
  }

  #zoomIn(event) {
    const { viewport } = this.app;
    viewport.zoom(event.shiftKey ? 4 : 0.25, viewport.time(event.offsetX), true);
  }

  // The wheel scrolls lanes, with Ctrl (or a pinch) it zooms, with Shift or sideways it moves in time.
  #wheel(event) {
    const { viewport } = this.app;
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    event.preventDefault();
    if (event.ctrlKey || event.metaKey)
      viewport.zoom(
        Math.exp(Math.max(-240, Math.min(240, dy)) * 0.0045),
        viewport.time(event.offsetX),
      );
    else if (event.shiftKey || Math.abs(dx) > Math.abs(dy)) viewport.pan(dx || dy);
    else this.app.scrollTo(this.app.scrollTop + dy);
  }

  // The lane and the record under a place; the record is −1 where none is near.
  #find(x, y) {
    const { app } = this;
    const lane = y < RULER ? null : app.tree.rows[Math.floor((y - RULER + app.scrollTop) / ROW)];
    if (!lane) return { lane: null, index: -1, count: [0, 0, 0] };
    const half = app.painter.top(lane.row) + ROW / 2;
    const order =
      y < half - 4
        ? [EVENT, FACT, REQUEST]
        : y > half + 4
          ? [REQUEST, FACT, EVENT]
          : [FACT, EVENT, REQUEST];
    return { lane, ...this.#nearest(lane, x, order) };
  }

  #nearest(lane, x, order) {
    const { viewport, recording, tree } = this.app;
    const [from, to] = [x - NEAR, x + NEAR].map((each) =>
      lowerBound(recording.times, viewport.time(each)),
    );
    const best = { index: -1, count: [0, 0, 0], distance: Infinity };
    for (const kind of order) {
      const range = tree.range(lane, kind);
      const first = lowerBound(tree.places, from, ...range);
      const last = lowerBound(tree.places, to, first, range[1]);
      best.count[kind] = last - first;
      const at = this.#closest(x, first, last);
      const distance =
        at < 0
          ? Infinity
          : Math.abs(viewport.x(recording.times[tree.places[at]]) - x) + order.indexOf(kind) * 3;
      if (distance < best.distance) Object.assign(best, { index: tree.places[at], distance });
    }
    return best;
  }

  #closest(x, first, last) {
    if (first === last) return -1;
    const { viewport, recording, tree } = this.app;
    const wanted = lowerBound(recording.times, viewport.time(x));
    const at = Math.min(lowerBound(tree.places, wanted, first, last), last - 1);
    if (at === first) return at;
    const distance = (k) => Math.abs(viewport.x(recording.times[tree.places[k]]) - x);
    return distance(at - 1) < distance(at) ? at - 1 : at;
  }

  async #hover(x, y) {
    const { app } = this;
    app.setHover({ x, y });
    const found = this.#find(x, y);
    this.hovered = found.index;
    const chain = found.index < 0 ? chainAt(app, found.lane, app.viewport.time(x)) : -1;
    this.stage.style.cursor =
      y < RULER ? "col-resize" : found.index >= 0 || chain >= 0 ? "pointer" : "default";
    if (found.index < 0) {
      this.tip.hidden = chain < 0;
      if (chain >= 0) this.#tellChain(chain, x, y);
      return;
    }
    const { data } = await app.recording.dataOf(found.index);
    if (this.hovered === found.index && !this.drag && app.hover) this.#tell(found, data, x, y);
  }

  #tell(found, data, x, y) {
    const { recording, clock } = this.app;
    const i = found.index;
    const total = found.count.reduce((sum, each) => sum + each);
    const names = recording.about.spellings;
    const spelled = Object.entries(data).map(
      ([name, value]) => `${name}: ${spellNamed(value, names[`${recording.nameOf(i)}.${name}`])}`,
    );
    const text = spelled.join(", ");
    this.tip.replaceChildren(
      element("strong", {
        textContent: `${ARROWS[recording.originOf(i)]} ${recording.titleOf(i)}`,
      }),
      element("span", { textContent: clock.time(recording.times[i], 6) }),
      text
        ? element("p", { textContent: text.length > 220 ? `${text.slice(0, 220)}…` : text })
        : null,
      total > 1
        ? element("p", {
            className: "more",
            textContent: `${plural(total, "record")} here: ${found.count[EVENT]} events, ${found.count[REQUEST]} requests`,
          })
        : null,
    );
    this.#placeTip(x, y);
  }

  #tellChain(chain, x, y) {
    const { recording } = this.app;
    const steps = recording.stepsOf(chain);
    const waits = steps
      .slice(1)
      .map(
        (step, k) => `${steps[k].name} → ${step.name}: ${spellDuration(step.time - steps[k].time)}`,
      );
    this.tip.replaceChildren(
      element("strong", {
        textContent: `${recording.about.kinds[recording.chains.kind[chain]][0]} of ${recording.about.subjects[recording.chains.subject[chain]]}`,
      }),
      ...waits.map((each) => element("p", { textContent: each })),
      element("span", { textContent: recording.about.outcomes[recording.chains.outcome[chain]] }),
    );
    this.#placeTip(x, y);
  }

  #placeTip(x, y) {
    this.tip.hidden = false;
    const bounds = this.stage.getBoundingClientRect();
    const left = Math.min(bounds.left + x + 14, innerWidth - this.tip.offsetWidth - 8);
    const below = bounds.top + y + 18;
    const top =
      below + this.tip.offsetHeight > innerHeight - 8
        ? bounds.top + y - this.tip.offsetHeight - 12
        : below;
    this.tip.style.transform = `translate(${Math.max(left, 8)}px, ${top}px)`;
  }
}
