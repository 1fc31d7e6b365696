"use strict";
// Finds records by name, object and text: names and objects at once, text chunk by chunk.

class Search {
  constructor(form, app) {
    this.app = app;
    this.form = form;
    this.input = form.elements.query;
    this.places = new Uint32Array(0);
    this.run = 0;
    this.input.addEventListener("input", () => this.start(this.input.value));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.step(1);
    });
    form.elements.next.addEventListener("click", () => this.step(1));
    form.elements.previous.addEventListener("click", () => this.step(-1));
  }

  // Each word must fit: `wl_output.*` a name or object, any other word a part of name, object or data.
  async start(query) {
    const run = ++this.run;
    const words = query.trim().toLowerCase().split(/\s+/).filter(Boolean);
    this.isRunning = words.length > 0;
    this.#take([]);
    if (!words.length) return;
    const tests = words.map((word) => this.#test(word));
    const found = [];
    for (let chunk = 0; chunk < this.app.recording.chunks.packed.length; chunk++) {
      const lines = tests.some((test) => test.isText)
        ? await this.app.recording.chunks.lines(chunk)
        : null;
      if (run !== this.run) return; // what is typed has changed
      this.#searchChunk(chunk, lines, tests, found);
      if (chunk % 16 === 15) {
        this.#take(found);
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    this.isRunning = false;
    this.#take(found);
  }

  #test(word) {
    const { names, subjects } = this.app.recording.about;
    const isPattern = /[*?]/.test(word);
    const fits = isPattern ? globTest(word) : (text) => text.toLowerCase().includes(word);
    const both = (list) => Uint8Array.from(list, (text) => (fits(text) ? 1 : 0));
    return { word, isText: !isPattern, names: both(names), subjects: both(subjects) };
  }

  #searchChunk(chunk, lines, tests, found) {
    const { recording } = this.app;
    const start = chunk * recording.about.chunk;
    const end = Math.min(start + recording.about.chunk, recording.count);
    for (let i = start; i < end; i++) {
      const fits = tests.every(
        ({ word, isText, names, subjects }) =>
          names[recording.name[i]] ||
          subjects[recording.subject[i]] ||
          (isText && lines[i - start].toLowerCase().includes(word)),
      );
      if (fits) found.push(i);
    }
  }

  #take(found) {
    this.places = Uint32Array.from(found);
    this.app.overview?.forget();
    this.app.invalidate();
    this.#tell();
  }

  #tell() {
    const { index } = this.app;
    const at = lowerBound(this.places, index);
    const isAt = this.places[at] === index;
    const many = spellCount(this.places.length);
    const isAsked = this.input.value.trim() !== "";
    this.form.elements.next.disabled = this.form.elements.previous.disabled = !this.places.length;
    this.form.elements.hits.value = !isAsked
      ? ""
      : isAt
        ? `${spellCount(at + 1)} of ${many}`
        : `${many}${this.isRunning ? " …" : " found"}`;
  }

  refresh() {
    this.#tell();
  }

  // Goes to the next hit (`step` 1) or the one before (−1), round at the ends.
  step(step) {
    const { places, app } = this;
    if (!places.length)
      return app.say(this.input.value ? "nothing is found" : "nothing is searched for");
    const at =
      step > 0 ? upperBound(places, app.index) : lowerBound(places, Math.max(app.index, 0)) - 1;
    return app.choose(places[(at + places.length) % places.length]);
  }
}

// A shell pattern as a test: `*` any text, `?` any character.
function globTest(pattern) {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  const expression = new RegExp(`^${escaped}$`, "i");
  return (text) => expression.test(text);
}
