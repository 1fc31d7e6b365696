"use strict";
// Which time is seen: `left` and `span` in nanoseconds over `width` pixels.

const SHORTEST_NS = 200;
const MARGIN = 0.02;
const EASE_MS = 140;

class Viewport {
  constructor(end, changed) {
    this.end = Math.max(end, SHORTEST_NS);
    this.changed = changed;
    this.width = 1;
    this.left = -this.end * MARGIN;
    this.span = this.whole;
    this.target = null;
    this.isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  get whole() {
    return this.end * (1 + 2 * MARGIN);
  }

  get right() {
    return this.left + this.span;
  }

  get nsPerPixel() {
    return this.span / this.width;
  }

  x(time) {
    return (time - this.left) / this.nsPerPixel;
  }

  time(x) {
    return this.left + x * this.nsPerPixel;
  }

  // Shows a stretch of time at once.
  set(left, span) {
    this.target = null;
    [this.left, this.span] = this.#bounded(left, span);
    this.changed();
  }

  // Goes there within a blink, so that the eye can follow.
  glide(left, span) {
    if (this.isCalm) return this.set(left, span);
    const [toLeft, toSpan] = this.#bounded(left, span);
    this.target = {
      left: toLeft,
      span: toSpan,
      fromLeft: this.left,
      fromSpan: this.span,
      start: performance.now(),
    };
    return this.changed();
  }

  // Takes the next step of a glide; true while there are more.
  advance(now) {
    const { target } = this;
    if (!target) return false;
    const part = Math.min(Math.max((now - target.start) / EASE_MS, 0), 1);
    const eased = 1 - (1 - part) ** 3;
    // The spans change by a factor, so that each step of a zoom looks alike.
    this.span = target.fromSpan * (target.span / target.fromSpan) ** eased;
    const moved =
      target.fromSpan === target.span
        ? eased
        : (this.span - target.fromSpan) / (target.span - target.fromSpan);
    this.left = target.fromLeft + (target.left - target.fromLeft) * moved;
    if (part === 1) this.set(target.left, target.span);
    return part < 1;
  }

  #bounded(left, span) {
    const bounded = Math.min(Math.max(span, SHORTEST_NS), this.whole);
    const margin = bounded * MARGIN;
    const middle = left + span / 2 - bounded / 2;
    return [Math.min(Math.max(middle, -margin), this.end + margin - bounded), bounded];
  }

  // Zooms so that a time stays where it is; a factor below 1 shows less.
  zoom(factor, around = this.left + this.span / 2, isGliding = false) {
    const from = this.target ?? this;
    const span = Math.min(Math.max(from.span * factor, SHORTEST_NS), this.whole);
    const left = around - ((around - from.left) / from.span) * span;
    if (isGliding) this.glide(left, span);
    else this.set(left, span);
  }

  pan(pixels, isGliding = false) {
    const from = this.target ?? this;
    const left = from.left + (pixels / this.width) * from.span;
    if (isGliding) this.glide(left, from.span);
    else this.set(left, from.span);
  }

  showAll() {
    this.glide(-this.end * MARGIN, this.whole);
  }

  showRange(from, to) {
    const span = Math.max((to - from) * 1.3, SHORTEST_NS);
    this.glide((from + to) / 2 - span / 2, span);
  }

  // Scrolls no more than is needed for a time to be seen.
  reveal(time) {
    const from = this.target ?? this;
    const margin = from.span * 0.08;
    if (time >= from.left + margin && time <= from.left + from.span - margin) return;
    this.glide(time - from.span / 2, from.span);
  }
}
