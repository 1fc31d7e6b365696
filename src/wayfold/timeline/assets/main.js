"use strict";
// Puts the parts together: what is chosen, what is seen, and when it is drawn.

const byId = (id) => document.getElementById(id);

class App {
  static async start() {
    const recording = await Recording.load();
    const track = await StateTrack.load(recording.about);
    return new App(recording, track);
  }

  constructor(recording, track) {
    this.recording = recording;
    this.clock = new Clock(recording.about.start_ns, recording.end);
    this.index = -1;
    this.lane = null;
    this.stretch = this.hover = null;
    this.chainsOfChosen = [];
    this.trees = {};
    this.scroller = byId("scroller");
    this.viewport = new Viewport(recording.end, () => this.invalidate());
    this.theme = new Theme(byId("theme"), () => this.#restyle());
    this.findings = new Findings(byId("panel-findings"), byId("tab-findings"), this);
    this.search = new Search(byId("search"), this);
    this.painter = new Painter(byId("chart"), this);
    this.overlay = new Overlay(byId("overlay"), this);
    this.overview = new Overview(byId("overview"), this);
    this.labels = new Labels(byId("labels"), this);
    this.details = new Details(byId("panel-record"), this);
    this.folded = new FoldedState(byId("panel-state"), track, this);
    this.pointer = new Pointer(byId("overlay"), byId("tip"), this);
    this.walk = new Walk(this);
    this.tabs = new Tabs();
    this.keys = new Keys(this);
    this.#fillPage();
    this.groupBy("object");
    this.#listen();
    this.#resize();
    this.choose(-1);
  }

  #fillPage() {
    const { about } = this.recording;
    byId("title").textContent = about.title;
    byId("summary").textContent = this.#summary();
    byId("keys").replaceChildren(...helpOfKeys());
    byId("dropped").hidden = !about.cut;
    byId("dropped").textContent =
      `records up to position ${spellCount(about.cut)} were dropped before`;
    this.findings.render();
  }

  #summary() {
    const { recording, clock } = this;
    const start = `${clock.date(0)} ${clock.time(0, 0)} ${clock.zone(0)}`;
    return [plural(recording.count, "record"), spellDuration(recording.end), start].join(" · ");
  }

  #listen() {
    this.scroller.addEventListener("scroll", () => this.invalidate());
    new ResizeObserver(() => this.#resize()).observe(byId("stage"));
    byId("by-object").addEventListener("click", () => this.groupBy("object"));
    byId("by-interface").addEventListener("click", () => this.groupBy("interface"));
    byId("open-all").addEventListener("click", () => this.toggleAll(true));
    byId("close-all").addEventListener("click", () => this.toggleAll(false));
    byId("help-button").addEventListener("click", () => this.showHelp());
    byId("labels").addEventListener("keydown", (event) => this.#walkTree(event));
  }

  // -- drawing ------------------------------------------------------------------------------

  // Draws with the next frame, once, however often it is asked for.
  invalidate() {
    this.frame ??= requestAnimationFrame((now) => this.#draw(now));
  }

  #draw(now) {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    const isMoving = this.viewport.advance(now);
    const start = performance.now();
    this.painter.paint();
    this.labels.paint();
    this.overview.paint();
    this.overlay.paint();
    this.#paintStatus();
    this.drawMs = performance.now() - start;
    this.frames = (this.frames ?? 0) + 1;
    if (isMoving) this.invalidate();
  }

  #restyle() {
    this.overview?.forget();
    this.invalidate();
  }

  #resize() {
    const chart = byId("lanes").getBoundingClientRect();
    const width = Math.max(chart.width, 50);
    this.viewport.width = width;
    this.painter.resize(width, chart.height);
    this.overlay.resize(width, chart.height);
    this.overview.resize(Math.max(byId("overview").clientWidth, 50));
    this.#draw(performance.now()); // now: a canvas of another size is black until it is drawn
  }

  #paintStatus() {
    const { clock, viewport } = this;
    const digits = viewport.span < 10 * MICROSECOND ? 9 : viewport.span < SECOND ? 6 : 3;
    byId("left-time").textContent = clock.moment(Math.max(viewport.left, 0), digits);
    byId("span").textContent = `${spellDuration(viewport.span)} seen`;
    byId("under").textContent = this.hover ? clock.moment(viewport.time(this.hover.x), digits) : "";
  }

  get scrollTop() {
    return this.scroller.scrollTop;
  }

  scrollTo(top) {
    this.scroller.scrollTop = top;
  }

  visibleRows() {
    const first = Math.max(Math.floor(this.scrollTop / ROW), 0);
    const last = Math.ceil((this.scrollTop + this.painter.height - RULER) / ROW);
    return this.tree.rows.slice(first, last + 1);
  }

  setHover(hover) {
    this.hover = hover;
    this.invalidate();
  }

  // -- choosing -----------------------------------------------------------------------------

  // Makes record `i` the cursor: its details, the state behind it, the chains through it.
  choose(i, { isRevealed = true } = {}) {
    const { recording } = this;
    this.index = Math.min(i, recording.count - 1);
    this.chainsOfChosen = this.index < 0 ? [] : recording.chainsThrough(this.index);
    if (this.index >= 0 && isRevealed) this.#reveal();
    const shown = [this.details.show(this.index), this.folded.show(this.index)];
    this.search.refresh();
    byId("cursor").textContent = this.#cursorText();
    if (this.index >= 0) this.say(this.#spoken(this.index));
    this.invalidate();
    return Promise.all(shown);
  }

  #reveal() {
    const { recording, tree } = this;
    const lane =
      tree.seen(recording.subject[this.index]) ?? tree.reveal(recording.subject[this.index]);
    this.viewport.reveal(recording.times[this.index]);
    if (lane) this.#scrollToLane(lane);
  }

  #cursorText() {
    const { index, recording, clock } = this;
    if (index < 0) return "";
    return `${spellCount(recording.positions[index])} · ${clock.moment(recording.times[index], 6)} · ${recording.titleOf(index)}`;
  }

  #spoken(i) {
    const { recording, clock } = this;
    const kind = ["event", "request", "fact"][recording.kindOf(i)];
    return `${kind} ${recording.titleOf(i)}, position ${recording.positions[i]}, ${clock.time(recording.times[i])}`;
  }

  say(text) {
    byId("live").textContent = text;
  }

  showStretch(stretch) {
    this.stretch = stretch;
    const [from, to] = stretch
      ? [stretch.from, stretch.to].map((time) => lowerBound(this.recording.times, time))
      : [0, 0];
    byId("stretch").textContent = stretch
      ? `${spellDuration(stretch.to - stretch.from)}: ${plural(to - from, "record")} (f fits it)`
      : "";
    this.invalidate();
  }

  // -- lanes --------------------------------------------------------------------------------

  groupBy(way) {
    this.trees[way] ??=
      way === "object" ? LaneTree.byObject(this.recording) : LaneTree.byInterface(this.recording);
    this.tree = this.trees[way];
    this.way = way;
    this.lane = null;
    byId("by-object").setAttribute("aria-pressed", way === "object");
    byId("by-interface").setAttribute("aria-pressed", way === "interface");
    this.#lanesChanged();
    if (this.index >= 0) this.#reveal();
  }

  toggle(lane) {
    this.tree.toggle(lane);
    this.#lanesChanged();
  }

  toggleAll(isOpen) {
    this.tree.toggleAll(isOpen);
    this.#lanesChanged();
  }

  #lanesChanged() {
    byId("rows").style.height = `${this.tree.rows.length * ROW + RULER + 12}px`;
    this.invalidate();
  }

  chooseLane(lane) {
    this.lane = lane;
    this.invalidate();
  }

  chooseSubject(subject) {
    const lane = this.tree.reveal(subject);
    this.#lanesChanged();
    this.chooseLane(lane);
    this.#scrollToLane(lane);
    this.say(`lane ${lane.label}`);
  }

  stepLane(step) {
    const { rows } = this.tree;
    const at =
      this.lane && this.lane.row >= 0 ? this.lane.row + step : step > 0 ? 0 : rows.length - 1;
    const lane = rows[Math.min(Math.max(at, 0), rows.length - 1)];
    if (!lane) return;
    this.chooseLane(lane);
    this.#scrollToLane(lane);
    this.say(`lane ${lane.fullName}, ${plural(this.tree.size(lane), "record")}`);
  }

  #scrollToLane(lane) {
    const top = lane.row * ROW;
    const room = this.painter.height - RULER - ROW;
    if (top < this.scrollTop) this.scrollTo(top);
    else if (top > this.scrollTop + room) this.scrollTo(top - room);
  }

  // In the tree of names left and right close and open, as in any tree.
  #walkTree(event) {
    const { lane } = this;
    if (!lane || event.shiftKey || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    if (lane.isOpen !== (event.key === "ArrowRight") && lane.children.length) this.toggle(lane);
    else if (event.key === "ArrowLeft" && lane.parent) this.chooseLane(lane.parent);
  }

  // -- panels -------------------------------------------------------------------------------

  showHelp() {
    const help = byId("help");
    if (help.open) help.close();
    else help.showModal();
  }

  letGo() {
    byId("help").close();
    if (document.activeElement === this.search.input) byId("overlay").focus();
    else if (this.search.input.value) {
      this.search.input.value = "";
      this.search.start("");
    }
    this.showStretch(null);
  }
}

const timeline = App.start();
timeline.then(
  (app) => {
    window.app = app;
    document.body.dataset.ready = "true";
  },
  (error) => {
    byId("failure").hidden = false;
    byId("failure").textContent =
      `This page cannot be shown: ${error.message}. It needs a browser of 2023 or later.`;
    throw error;
  },
);
