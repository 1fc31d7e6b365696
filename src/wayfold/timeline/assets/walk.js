"use strict";
// Steps from record to record, and zooms about the one that is chosen.

class Walk {
  constructor(app) {
    this.app = app;
  }

  record(step) {
    const to =
      this.app.index < 0 ? (step > 0 ? 0 : this.app.recording.count - 1) : this.app.index + step;
    if (to >= 0 && to < this.app.recording.count) this.app.choose(to);
  }

  inLane(step) {
    const lane =
      this.app.lane ??
      (this.app.index >= 0 ? this.app.tree.seen(this.app.recording.subject[this.app.index]) : null);
    if (!lane) return this.record(step);
    const to = this.app.tree.neighbour(lane, this.app.index, step);
    return to >= 0 ? this.app.choose(to) : this.app.say("no more records in this lane");
  }

  mark(step) {
    const marks = this.app.recording.about.flags.filter((flag) => flag.kind === "mark");
    const at = this.app.index < 0 ? -1 : this.app.recording.positions[this.app.index];
    const found =
      step > 0
        ? marks.find((mark) => mark.position > at)
        : marks.findLast((mark) => mark.position < at);
    if (!found) return this.app.say("no more marks");
    this.app.choose(this.app.recording.indexOf(found.position));
    return this.app.say(`mark: ${found.text}`);
  }

  zoom(factor) {
    const { viewport } = this.app;
    const time = this.app.index >= 0 ? this.app.recording.times[this.app.index] : NaN;
    const isSeen = time >= viewport.left && time <= viewport.right;
    viewport.zoom(factor, isSeen ? time : undefined, true);
  }

  // Shows what belongs together: the stretch, the chosen chain, or the chosen record's neighbours.
  fit() {
    const { recording, viewport } = this.app;
    if (this.app.stretch) return viewport.showRange(this.app.stretch.from, this.app.stretch.to);
    if (this.app.index < 0) return viewport.showAll();
    const chains = this.app.chainsOfChosen;
    const [from, to] = chains.length
      ? [
          Math.min(...chains.map((k) => recording.chains.times[0][k])),
          Math.max(...chains.map((k) => recording.chains.ended[k])),
        ]
      : [
          recording.times[Math.max(this.app.index - 4, 0)],
          recording.times[Math.min(this.app.index + 4, recording.count - 1)],
        ];
    return viewport.showRange(from, to);
  }
}
