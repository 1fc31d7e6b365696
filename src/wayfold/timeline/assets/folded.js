"use strict";
// The folded state at the cursor as a tree, and what the chosen record changed in it.

const OPEN_AT_FIRST = ["connection", "outputs", "seats", "windows", "surfaces", "toplevels"];
const NAMING = ["title", "name", "interface", "role", "status"];

class FoldedState {
  constructor(panel, track, app) {
    Object.assign(this, { panel, track, app });
    this.open = new Set(OPEN_AT_FIRST);
    this.current = null;
    panel.addEventListener("click", (event) => this.#pressed(event));
  }

  // Shows the state at record `i`; of several asked for at once the last is shown.
  async show(i) {
    const { recording } = this.app;
    const position = i < 0 ? recording.about.after : recording.positions[i];
    const since = i > 0 ? recording.positions[i - 1] : recording.about.after;
    this.asked = position;
    const found = await this.track.at(position, since);
    if (this.asked !== position) return;
    this.current = { position, ...found };
    this.#render();
  }

  #render() {
    const { position, state, changes } = this.current;
    const changed = new Set(changes.map((each) => each.path));
    const head = element("p", { className: "at" }, `after position ${spellCount(position)}`);
    const found = changes.length
      ? element("ul", { className: "changes" }, ...changes.map((each) => this.#change(each)))
      : element("p", { className: "empty", textContent: "This record changed nothing." });
    const tree = element("div", { className: "state", role: "tree", ariaLabel: "State" });
    for (const [name, value] of Object.entries(state))
      tree.append(...this.#branch(name, value, name, 0, changed));
    const title = (text) => element("h3", { textContent: text });
    this.panel.replaceChildren(head, title("Changed here"), found, title("State"), tree);
  }

  #change({ path, before, after }) {
    const what = before === undefined ? "added" : after === undefined ? "removed" : "changed";
    return element(
      "li",
      { className: what },
      element("span", { className: "what", textContent: what }),
      element("code", { className: "path", textContent: path }),
      ...(before === undefined ? [] : [this.#spelled("del", path, before)]),
      ...(after === undefined ? [] : [this.#spelled("ins", path, after)]),
    );
  }

  // A value, or the fields of one that has some, without those that say nothing.
  #spelled(tag, path, value) {
    if (!isInner(value)) return element(tag, { textContent: spellNamed(value, this.#names(path)) });
    const fields = Object.entries(value).filter(
      ([, each]) => each !== null && each !== false && each?.length !== 0,
    );
    const rows = fields.flatMap(([name, each]) => [
      element("dt", { textContent: name }),
      element("dd", { textContent: spellNamed(each, this.#names(`${path}.${name}`)) }),
    ]);
    return element("dl", {}, ...rows);
  }

  // Names of numbers are listed by a path with `*` for what is not a field.
  #names(path) {
    const { state_spellings: known } = this.app.recording.about;
    const wanted = path.split(".");
    return Object.entries(known).find(([pattern]) => {
      const parts = pattern.replace(/\.\*$/, "").split(".");
      return (
        parts.length === wanted.length &&
        parts.every((part, k) => part === "*" || part === wanted[k])
      );
    })?.[1];
  }

  #branch(name, value, path, depth, changed) {
    const hasParts = isInner(value) && Object.keys(value).length > 0;
    const isOpen = hasParts && this.open.has(path);
    const row = element("div", {
      className: "row",
      role: "treeitem",
      tabIndex: -1,
      dataset: { path },
    });
    row.style.setProperty("--depth", depth);
    row.classList.toggle("changed", this.#isChanged(path, changed));
    if (hasParts) row.setAttribute("aria-expanded", isOpen);
    row.append(
      element("button", {
        className: "twist",
        tabIndex: hasParts ? 0 : -1,
        ariaLabel: name,
        dataset: { twist: hasParts ? (isOpen ? "open" : "closed") : "none" },
      }),
      element("span", { className: "key", textContent: name }),
      element("span", {
        className: "value",
        textContent: isInner(value) ? this.#summary(value) : spellNamed(value, this.#names(path)),
      }),
      element("button", {
        className: "why",
        textContent: "why",
        title: "go to the record that made it so",
      }),
    );
    if (!isOpen) return [row];
    return [
      row,
      ...Object.entries(value).flatMap(([key, each]) =>
        this.#branch(key, each, `${path}.${key}`, depth + 1, changed),
      ),
    ];
  }

  #isChanged(path, changed) {
    if (changed.has(path)) return true;
    return (
      !this.open.has(path) &&
      [...changed].some((each) => each.startsWith(`${path}.`) || path.startsWith(`${each}.`))
    );
  }

  #summary(value) {
    const naming = NAMING.map((field) => value[field]).find((each) => typeof each === "string");
    if (naming) return naming;
    const size = Object.keys(value).length;
    if (size === 0) return "none";
    return "subject" in value ? "" : plural(size, "entry").replace("entrys", "entries");
  }

  #pressed(event) {
    const row = event.target.closest(".row");
    if (!row) return;
    const { path } = row.dataset;
    if (event.target.closest(".why")) this.why(path);
    else if (row.hasAttribute("aria-expanded")) {
      if (!this.open.delete(path)) this.open.add(path);
      this.#render();
      this.panel.querySelector(`.row[data-path="${CSS.escape(path)}"] .twist`)?.focus();
    }
  }

  // Goes to the record that made a value what it is.
  why(path) {
    const { recording } = this.app;
    const position = this.track.why(path, this.current.position);
    if (position === null) this.app.say(`${path} was so from the start of this recording`);
    else if (!recording.isShown(position))
      this.app.say(`${path}: position ${position}, which is not among the records shown`);
    else this.app.choose(recording.indexOf(position));
  }
}
