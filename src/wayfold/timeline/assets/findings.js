"use strict";
// What looks wrong, as a list to go through.

const MOST_LISTED = 400;

class Findings {
  constructor(panel, tab, app) {
    Object.assign(this, { panel, tab, app });
    const { findings, finding_titles: titles } = app.recording.about;
    this.all = findings.map(([title, subject, position, time, duration]) => ({
      title: titles[title],
      isPause: titles[title] === titles.at(-1),
      subject,
      position,
      time,
      duration,
    }));
    this.pauses = this.all.filter((each) => each.isPause);
    this.stalls = this.all.filter((each) => !each.isPause);
    this.chosen = null;
    panel.addEventListener("click", (event) => this.#pressed(event));
  }

  // Groups by title, in the order of gravity.
  render() {
    this.tab.dataset.count = this.stalls.length || "";
    if (!this.all.length) {
      this.panel.replaceChildren(
        element("p", {
          className: "empty",
          textContent:
            "Nothing stands out: every configure was acknowledged, no callback was late, no pause.",
        }),
      );
      return;
    }
    const titles = this.app.recording.about.finding_titles.filter((title) =>
      this.all.some((each) => each.title === title),
    );
    this.panel.replaceChildren(...titles.map((title) => this.#group(title)));
  }

  #group(title) {
    const found = this.all.filter((each) => each.title === title);
    const rest = found.length - MOST_LISTED;
    return element(
      "section",
      { className: found[0].isPause ? "pause" : "stall" },
      element(
        "h3",
        {},
        title,
        element("span", { className: "count", textContent: spellCount(found.length) }),
      ),
      element("ul", {}, ...found.slice(0, MOST_LISTED).map((each) => this.#item(each))),
      rest > 0
        ? element("p", {
            className: "empty",
            textContent: `and ${spellCount(rest)} more: go through them with ] and [`,
          })
        : null,
    );
  }

  #item(found) {
    const { recording, clock } = this.app;
    const item = element("button", {
      className: "finding",
      dataset: { place: this.all.indexOf(found) },
    });
    item.append(
      element("span", { className: "when", textContent: clock.moment(found.time, 3) }),
      element("span", {
        className: "who",
        textContent: found.isPause ? "" : recording.about.subjects[found.subject],
      }),
      element("span", {
        className: "long",
        textContent: found.duration ? spellDuration(found.duration) : "",
      }),
    );
    return element("li", {}, item);
  }

  #pressed(event) {
    const item = event.target.closest(".finding");
    if (item) this.go(this.all[Number(item.dataset.place)]);
  }

  // Shows a finding with some room around it.
  go(found) {
    const { app } = this;
    this.chosen = found;
    app.viewport.showRange(
      found.time,
      found.time + Math.max(found.duration, app.viewport.nsPerPixel),
    );
    app.choose(app.recording.indexOf(found.position), { isRevealed: false });
    const long = found.duration ? `, ${spellDuration(found.duration)}` : "";
    app.say(`${found.title}: ${app.recording.about.subjects[found.subject]}${long}`);
  }

  // The next (`step` 1) or the one before (−1), from the cursor on.
  step(step) {
    const { app } = this;
    if (!this.all.length) return app.say("there are no findings");
    const position = app.index < 0 ? 0 : app.recording.positions[app.index];
    const at =
      this.chosen && this.chosen.position === position
        ? this.all.indexOf(this.chosen) + step
        : this.#next(position, step);
    return this.go(this.all[(at + this.all.length) % this.all.length]);
  }

  #next(position, step) {
    const at = this.all.findIndex((each) => each.position > position);
    if (step > 0) return at < 0 ? 0 : at;
    return (at < 0 ? this.all.length : at) - 1;
  }
}
