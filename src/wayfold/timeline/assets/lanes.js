"use strict";
// Lanes as a tree: of objects under their makers, or of objects under their interfaces. Each lane
// lists its own records and those of all that is under it, by kind, as sorted places.

const MOST_ALIKE = 6; // more children of one interface go into a lane of their own

class Lane {
  constructor(id, label, { subject = -1, title = "", parent = null } = {}) {
    Object.assign(this, { id, label, subject, title, parent, children: [], isOpen: false });
    this.depth = parent ? parent.depth + 1 : 0;
  }

  // The list that is drawn: all that is under a closed lane, an open one's own.
  get list() {
    return this.isOpen ? this.own : this.id;
  }

  get fullName() {
    return `${this.label} ${this.title}`.trim();
  }

  get isGroup() {
    return this.subject < 0;
  }
}

class LaneTree {
  static byObject(recording) {
    const { subjects, parents } = recording.about;
    const children = new Map([[-1, []]]);
    subjects.forEach((_, subject) => children.set(subject, []));
    parents.forEach((parent, subject) => children.get(parent).push(subject));
    const tree = new LaneTree(recording);
    tree.#addAll(children.get(-1), null, (subject) => children.get(subject));
    // Many of which each says one thing, as callbacks do, would hide what comes below them.
    const isTerse = (lane) => tree.size(lane) <= lane.children.length;
    return tree.#finish((lane) => !lane.isGroup || (lane.depth === 0 && !isTerse(lane)));
  }

  static byInterface(recording) {
    const all = recording.about.subjects.map((_, subject) => subject);
    const tree = new LaneTree(recording);
    for (const [name, subjects] of groupedBy(all, (subject) => recording.interfaceOf(subject)))
      tree.#addGroup(name, subjects, null, () => []);
    return tree.#finish(() => false);
  }

  constructor(recording) {
    this.recording = recording;
    this.lanes = [];
    this.ofSubject = new Array(recording.about.subjects.length).fill(null);
  }

  #add(label, options) {
    const lane = new Lane(this.lanes.length, label, options);
    this.lanes.push(lane);
    if (lane.subject >= 0) this.ofSubject[lane.subject] = lane;
    return lane;
  }

  #addAll(subjects, parent, childrenOf) {
    for (const [name, group] of groupedBy(subjects, (subject) =>
      this.recording.interfaceOf(subject),
    )) {
      if (group.length > MOST_ALIKE) this.#addGroup(name, group, parent, childrenOf);
      else for (const subject of group) this.#addSubject(subject, parent, childrenOf);
    }
  }

  #addGroup(name, subjects, parent, childrenOf) {
    if (subjects.length === 1) {
      this.#addSubject(subjects[0], parent, childrenOf);
      return;
    }
    const group = this.#add(name, { title: `× ${spellCount(subjects.length)}`, parent });
    for (const subject of subjects) this.#addSubject(subject, group, childrenOf);
  }

  #addSubject(subject, parent, childrenOf) {
    const { subjects, titles } = this.recording.about;
    const lane = this.#add(subjects[subject], { subject, title: titles[subject] ?? "", parent });
    const children = childrenOf(subject);
    if (children.length) this.#addAll(children, lane, childrenOf);
  }

  #finish(isOpen) {
    const parents = new Set(this.lanes.map((lane) => lane.parent));
    let lists = this.lanes.length;
    for (const lane of this.lanes) lane.own = parents.has(lane) ? lists++ : lane.id;
    this.#index(lists);
    this.#indexChains();
    this.roots = this.#link();
    for (const lane of this.lanes) lane.isOpen = lane.children.length > 0 && isOpen(lane);
    this.update();
    return this;
  }

  // A counting sort: how many records each list has of each kind, then where each goes.
  #index(lists) {
    const counts = new Uint32Array(lists * 3 + 1);
    this.#each((list, kind) => counts[list * 3 + kind + 1]++);
    for (let k = 1; k < counts.length; k++) counts[k] += counts[k - 1];
    this.offsets = counts;
    this.places = new Uint32Array(counts.at(-1));
    const next = counts.slice();
    this.#each((list, kind, i) => {
      this.places[next[list * 3 + kind]++] = i;
    });
    for (const lane of this.lanes) lane.first = this.#first(lane);
  }

  #first(lane) {
    const firsts = [EVENT, REQUEST, FACT]
      .map((kind) => this.#range(lane.id, kind))
      .filter(([from, to]) => from < to);
    return Math.min(...firsts.map(([from]) => this.places[from]));
  }

  #each(action) {
    const { recording } = this;
    const { subject, count } = recording;
    for (let i = 0; i < count; i++) {
      const kind = recording.kindOf(i);
      const own = this.ofSubject[subject[i]];
      if (own.own !== own.id) action(own.own, kind, i);
      for (let lane = own; lane; lane = lane.parent) action(lane.id, kind, i);
    }
  }

  #indexChains() {
    const { chains } = this.recording;
    for (let k = 0; k < chains.count; k++) {
      for (let lane = this.ofSubject[chains.subject[k]]; lane; lane = lane.parent)
        (lane.chains ??= []).push(k);
    }
    for (const lane of this.lanes) {
      if (!lane.chains) continue;
      lane.chainStarts = Float64Array.from(lane.chains, (k) => chains.times[0][k]);
      lane.longest = lane.chains.reduce(
        (most, k) => Math.max(most, chains.ended[k] - chains.times[0][k]),
        0,
      );
    }
  }

  #link() {
    const shown = this.lanes.filter((lane) => lane.first < Infinity);
    for (const lane of shown) lane.parent?.children.push(lane);
    const roots = shown.filter((lane) => !lane.parent);
    for (const siblings of [roots, ...shown.map((lane) => lane.children)]) {
      siblings.sort((one, other) => one.first - other.first);
      siblings.forEach((lane, k) =>
        Object.assign(lane, { place: k + 1, siblings: siblings.length }),
      );
    }
    return roots;
  }

  // Lists the lanes that are seen: those under open ones.
  update() {
    this.rows = [];
    const visit = (lane) => {
      lane.row = this.rows.length;
      this.rows.push(lane);
      if (lane.isOpen) lane.children.forEach(visit);
    };
    for (const lane of this.lanes) lane.row = -1;
    this.roots.forEach(visit);
  }

  toggle(lane, isOpen = !lane.isOpen) {
    if (lane.children.length) lane.isOpen = isOpen;
    this.update();
  }

  toggleAll(isOpen) {
    for (const lane of this.lanes) lane.isOpen = isOpen && lane.children.length > 0;
    this.update();
  }

  // Opens what hides a subject's lane, and gives it.
  reveal(subject) {
    const lane = this.ofSubject[subject];
    for (let each = lane?.parent; each; each = each.parent) each.isOpen = true;
    this.update();
    return lane;
  }

  // The lane that shows a subject now: its own, or the closed one above it.
  seen(subject) {
    let lane = this.ofSubject[subject];
    while (lane && lane.row < 0) lane = lane.parent;
    return lane;
  }

  // Where the records are that a lane draws.
  range(lane, kind) {
    return this.#range(lane.list, kind);
  }

  #range(list, kind) {
    return [this.offsets[list * 3 + kind], this.offsets[list * 3 + kind + 1]];
  }

  size(lane) {
    return this.offsets[lane.id * 3 + 3] - this.offsets[lane.id * 3];
  }

  // The record of a lane that follows (`step` 1) or comes before (−1) record `i`; −1 where none.
  neighbour(lane, i, step) {
    let best = -1;
    for (const kind of [EVENT, REQUEST, FACT]) {
      const [from, to] = this.#range(lane.isGroup || !lane.isOpen ? lane.id : lane.own, kind);
      const at =
        step > 0 ? upperBound(this.places, i, from, to) : lowerBound(this.places, i, from, to) - 1;
      if (at < from || at >= to) continue;
      const found = this.places[at];
      if (best < 0 || (step > 0 ? found < best : found > best)) best = found;
    }
    return best;
  }
}

function groupedBy(values, keyOf) {
  const groups = new Map();
  for (const value of values) {
    const key = keyOf(value);
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(value);
  }
  return groups;
}
