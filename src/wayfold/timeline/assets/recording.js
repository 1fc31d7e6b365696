"use strict";
// The recording as columns: record `i` of all that are shown, at `positions[i]` of the log.

const EVENT = 0;
const REQUEST = 1;
const FACT = 2;
const KIND_OF_ORIGIN = [EVENT, REQUEST, FACT, FACT];

class Recording {
  static async load() {
    const recording = new Recording();
    recording.about = JSON.parse(document.getElementById("about").textContent);
    const [records, chains] = await Promise.all([
      unpackColumns("records", [8, 8, 8, 4, 4, 8, 1]),
      unpackColumns("chains", Array(12).fill(8)),
    ]);
    [recording.positions, recording.times, recording.back] = records;
    [, , , recording.name, recording.subject, recording.version, recording.origin] = records;
    recording.#takeChains(chains);
    return recording;
  }

  constructor() {
    this.chunks = new Chunks("data", 8);
  }

  #takeChains([kind, outcome, subject, ended, ...steps]) {
    const places = [0, 2, 4, 6];
    this.chains = { kind, outcome, subject, ended, count: kind.length };
    this.chains.positions = places.map((k) => steps[k]);
    this.chains.times = places.map((k) => steps[k + 1]);
    this.chains.maximum = kind.reduce((most, _, k) => Math.max(most, ended[k] - steps[1][k]), 0);
  }

  get count() {
    return this.positions.length;
  }

  get end() {
    return this.about.end_ns;
  }

  // The last record at or before a time, 0 where none is.
  indexAt(time) {
    return Math.max(upperBound(this.times, time) - 1, 0);
  }

  // The last record at or before a position of the log, 0 where none is.
  indexOf(position) {
    return Math.max(upperBound(this.positions, position) - 1, 0);
  }

  isShown(position) {
    return this.positions[this.indexOf(position)] === position;
  }

  kindOf(i) {
    return KIND_OF_ORIGIN[this.origin[i]];
  }

  originOf(i) {
    return this.about.origins[this.origin[i]];
  }

  nameOf(i) {
    return this.about.names[this.name[i]];
  }

  subjectOf(i) {
    return this.about.subjects[this.subject[i]];
  }

  messageOf(i) {
    const name = this.nameOf(i);
    return name.slice(name.lastIndexOf(".") + 1);
  }

  // `wl_surface#11.commit`, or subject and name where the name is not of the subject's interface.
  titleOf(i) {
    const subject = this.subjectOf(i);
    const isOfObject = this.nameOf(i).startsWith(`${subject.split("#")[0]}.`);
    return isOfObject ? `${subject}.${this.messageOf(i)}` : `${subject} ${this.nameOf(i)}`;
  }

  async dataOf(i) {
    const { chunk } = this.about;
    const lines = await this.chunks.lines(Math.floor(i / chunk));
    const [text, ...masked] = lines[i % chunk].split("\t");
    return { data: parseJson(text), masked };
  }

  // The chains that come by a record, as numbers.
  chainsThrough(i) {
    const { positions, times, ended, count, maximum } = this.chains;
    const found = [];
    const from = lowerBound(times[0], this.times[i] - maximum);
    for (let k = from; k < count && times[0][k] <= this.times[i]; k++) {
      if (ended[k] >= this.times[i] && positions.some((step) => step[k] === this.positions[i]))
        found.push(k);
    }
    return found;
  }

  stepsOf(chain) {
    const names = this.about.kinds[this.chains.kind[chain]][1];
    const steps = names.map((name, k) => ({
      name,
      position: this.chains.positions[k][chain],
      time: this.chains.times[k][chain],
    }));
    return steps.filter((step) => step.position);
  }

  interfaceOf(subject) {
    return this.about.subjects[subject].split(/[#/]/)[0];
  }
}
