"use strict";
// What is known of the chosen record, with ways to what it is linked to.

function element(tag, options = {}, ...children) {
  const { dataset, ...properties } = options;
  const made = Object.assign(document.createElement(tag), properties);
  Object.assign(made.dataset, dataset);
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

class Details {
  constructor(panel, app) {
    this.panel = panel;
    this.app = app;
  }

  async show(i) {
    const { recording } = this.app;
    if (i < 0) {
      this.panel.replaceChildren(
        element("p", {
          className: "empty",
          textContent: "Choose a record: click one, or press → for the first.",
        }),
      );
      return;
    }
    const { data, masked } = await recording.dataOf(i);
    if (i !== this.app.index) return; // another was chosen meanwhile
    this.panel.replaceChildren(
      this.#head(i),
      this.#facts(i),
      this.#data(i, data, masked),
      ...this.#chains(i),
      this.#neighbours(i),
    );
  }

  #head(i) {
    const { recording } = this.app;
    const origin = recording.originOf(i);
    return element(
      "header",
      { className: `record-head ${["event", "request", "fact"][recording.kindOf(i)]}` },
      element("span", {
        className: "badge",
        textContent: `${ARROWS[origin]} ${ORIGIN_WORDS[origin]}`,
      }),
      element("h2", { textContent: recording.nameOf(i) }),
    );
  }

  #facts(i) {
    const { recording, clock } = this.app;
    const own = recording.times[i] - recording.back[i];
    const rows = [
      ["object", this.#subject(recording.subjectOf(i))],
      ["position", spellCount(recording.positions[i])],
      ["time", clock.moment(own, 9)],
      ["since start", `+${spellDuration(recording.times[i])}`],
      ["version", String(recording.version[i])],
    ];
    const before = this.app.tree.neighbour(this.#lane(i), i, -1);
    if (before >= 0)
      rows.push(["since last here", spellDuration(recording.times[i] - recording.times[before])]);
    if (recording.back[i])
      rows.push([
        "clock",
        `was set back by ${spellDuration(recording.back[i])}; drawn behind what came before`,
      ]);
    return this.#list(rows);
  }

  #lane(i) {
    return this.app.tree.ofSubject[this.app.recording.subject[i]];
  }

  #list(rows) {
    return element(
      "dl",
      {},
      ...rows.flatMap(([name, value]) => [
        element("dt", { textContent: name }),
        element("dd", {}, typeof value === "string" ? document.createTextNode(value) : value),
      ]),
    );
  }

  #data(i, data, masked) {
    const { recording } = this.app;
    const names = Object.keys(data);
    const section = element(
      "section",
      {},
      element("h3", { textContent: names.length ? "Data" : "No data" }),
    );
    const spelled = (name) => recording.about.spellings[`${recording.nameOf(i)}.${name}`];
    section.append(
      this.#list(
        names.map((name) => [
          name,
          masked.includes(name) ? this.#masked() : this.#value(name, data[name], spelled(name)),
        ]),
      ),
    );
    return section;
  }

  #masked() {
    return element("em", {
      className: "masked",
      textContent: "masked",
      title: "what people type is not kept in a recording",
    });
  }

  #value(name, value, names) {
    if (name === "cause" && Number.isInteger(value))
      return this.position(value, `record ${spellCount(value)}`);
    if (typeof value === "string" && /^\w+#\d+$/.test(value)) return this.#subject(value);
    if (isInner(value) && Object.values(value).every(isChange)) return this.#changes(value);
    return element("code", { textContent: spellNamed(value, names) });
  }

  // What a derived record tells of each field that changed.
  #changes(value) {
    const rows = Object.entries(value).map(([name, { before, after }]) => [
      name,
      element("code", { textContent: `${spellValue(before)} → ${spellValue(after)}` }),
    ]);
    return this.#list(rows);
  }

  // A link to a record, or its number where it is not shown.
  position(position, text) {
    const { recording } = this.app;
    if (!recording.isShown(position))
      return element("span", { textContent: text, title: "not among the records shown" });
    const link = element("button", {
      className: "link",
      textContent: text,
      title: `go to position ${position}`,
    });
    link.addEventListener("click", () => this.app.choose(recording.indexOf(position)));
    return link;
  }

  // A link to the first record of an object.
  #subject(subject) {
    const { app } = this;
    const lane = app.tree.ofSubject[app.recording.about.subjects.indexOf(subject)];
    if (!lane || lane.first === Infinity) return element("code", { textContent: subject });
    const link = element("button", {
      className: "link",
      textContent: subject,
      title: "go to its lane",
    });
    link.addEventListener("click", () => app.chooseSubject(lane.subject));
    return element(
      "span",
      {},
      link,
      lane.title ? element("span", { className: "title", textContent: ` ${lane.title}` }) : null,
    );
  }

  #chains(i) {
    return this.app.chainsOfChosen.map((chain) => this.#chain(chain, i));
  }

  #chain(chain, i) {
    const { recording } = this.app;
    const { about, chains } = recording;
    const [kind, names] = about.kinds[chains.kind[chain]];
    const steps = recording.stepsOf(chain);
    const items = steps.map((step, k) =>
      this.#step(step, k ? step.time - steps[k - 1].time : null, i),
    );
    const outcome = about.outcomes[chains.outcome[chain]];
    if (steps.length < names.length && outcome !== "done") {
      const waited = spellDuration(chains.ended[chain] - steps.at(-1).time);
      items.push(
        element("li", {
          className: "missing",
          textContent: `${names[steps.length]}: ${outcome} after ${waited}`,
        }),
      );
    }
    return element(
      "section",
      {},
      element("h3", { textContent: `Chain: ${kind}` }),
      element("ol", { className: "chain" }, ...items),
    );
  }

  #step(step, waited, i) {
    const isThis = this.app.recording.positions[i] === step.position;
    const item = element(
      "li",
      { className: isThis ? "this" : "" },
      this.position(step.position, step.name),
    );
    if (waited !== null)
      item.append(
        element("span", { className: "waited", textContent: `+${spellDuration(waited)}` }),
      );
    return item;
  }

  #neighbours(i) {
    const { app } = this;
    const lane = this.#lane(i);
    const made = lane.first;
    const go = (text, to) => {
      const button = element("button", { textContent: text, disabled: to < 0 });
      button.addEventListener("click", () => app.choose(to));
      return button;
    };
    return element(
      "nav",
      { className: "neighbours" },
      go("first of this object", made === i ? -1 : made),
      go("◀ before", app.tree.neighbour(lane, i, -1)),
      go("next ▶", app.tree.neighbour(lane, i, 1)),
    );
  }
}

function isChange(value) {
  return isInner(value) && "before" in value && "after" in value;
}
