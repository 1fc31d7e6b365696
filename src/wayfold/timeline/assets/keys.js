"use strict";
// Everything by keyboard. The help is made of this table, so that it cannot tell anything else.

const KEYS = [
  [
    "Move through records",
    [
      ["ArrowRight", "→", "next record", (app) => app.walk.record(1)],
      ["ArrowLeft", "←", "record before", (app) => app.walk.record(-1)],
      ["Shift+ArrowRight", "Shift →", "next record of this lane", (app) => app.walk.inLane(1)],
      ["Shift+ArrowLeft", "Shift ←", "record before in this lane", (app) => app.walk.inLane(-1)],
      ["Home", "Home", "first record", (app) => app.choose(0)],
      ["End", "End", "last record", (app) => app.choose(app.recording.count - 1)],
      ["]", "]", "next finding", (app) => app.findings.step(1)],
      ["[", "[", "finding before", (app) => app.findings.step(-1)],
      [".", ".", "next finding", (app) => app.findings.step(1)],
      [",", ",", "finding before", (app) => app.findings.step(-1)],
      ["m", "m", "next mark", (app) => app.walk.mark(1)],
      ["Shift+M", "Shift m", "mark before", (app) => app.walk.mark(-1)],
    ],
  ],
  [
    "Zoom and move in time",
    [
      ["w", "w", "zoom in", (app) => app.walk.zoom(0.6)],
      ["s", "s", "zoom out", (app) => app.walk.zoom(1 / 0.6)],
      ["+", "+", "zoom in", (app) => app.walk.zoom(0.6)],
      ["-", "−", "zoom out", (app) => app.walk.zoom(1 / 0.6)],
      ["a", "a", "earlier", (app) => app.viewport.pan(-app.viewport.width * 0.3, true)],
      ["d", "d", "later", (app) => app.viewport.pan(app.viewport.width * 0.3, true)],
      ["f", "f", "fit the chain, the stretch, or the record's neighbours", (app) => app.walk.fit()],
      ["0", "0", "the whole recording", (app) => app.viewport.showAll()],
    ],
  ],
  [
    "Lanes",
    [
      ["ArrowDown", "↓", "next lane", (app) => app.stepLane(1)],
      ["ArrowUp", "↑", "lane before", (app) => app.stepLane(-1)],
      ["Enter", "Enter", "open or close the lane", (app) => app.lane && app.toggle(app.lane)],
      ["o", "o", "lanes by object", (app) => app.groupBy("object")],
      ["i", "i", "lanes by interface", (app) => app.groupBy("interface")],
      ["e", "e", "open all lanes", (app) => app.toggleAll(true)],
      ["c", "c", "close all lanes", (app) => app.toggleAll(false)],
    ],
  ],
  [
    "Search and see",
    [
      ["/", "/", "search", (app) => app.search.input.select() ?? app.search.input.focus()],
      ["n", "n", "next hit", (app) => app.search.step(1)],
      ["Shift+N", "Shift n", "hit before", (app) => app.search.step(-1)],
      ["1", "1", "record", (app) => app.tabs.show("record")],
      ["2", "2", "state", (app) => app.tabs.show("state")],
      ["3", "3", "findings", (app) => app.tabs.show("findings")],
      ["t", "t", "light, dark or as the system", (app) => app.theme.next()],
      ["?", "?", "this help", (app) => app.showHelp()],
      ["Escape", "Esc", "let go of search, stretch and help", (app) => app.letGo()],
    ],
  ],
];

const ACTIONS = new Map(KEYS.flatMap(([, keys]) => keys.map(([key, , , action]) => [key, action])));

class Keys {
  constructor(app) {
    this.app = app;
    document.addEventListener("keydown", (event) => this.#pressed(event));
  }

  #pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const isTyping = event.target.matches("input, select, textarea");
    if (isTyping && event.key !== "Escape") return this.#typed(event);
    // A button's own keys stay its own.
    if (event.target.matches("button, [role=tab]") && ["Enter", " "].includes(event.key))
      return undefined;
    // What has its own scrolling keeps the keys for it.
    if (event.target.closest("#side") && /^(Arrow|Home|End|Enter)/.test(event.key))
      return undefined;
    if (document.querySelector("dialog[open]") && event.key !== "Escape" && event.key !== "?")
      return undefined;
    const key = event.shiftKey && event.key.length > 1 ? `Shift+${event.key}` : event.key;
    const action =
      ACTIONS.get(key) ?? ACTIONS.get(event.shiftKey ? `Shift+${key}` : key.toLowerCase());
    if (!action) return undefined;
    event.preventDefault();
    return action(this.app);
  }

  #typed(event) {
    if (event.key !== "Enter" || event.target !== this.app.search.input) return;
    event.preventDefault();
    this.app.search.step(event.shiftKey ? -1 : 1);
  }
}

function helpOfKeys() {
  return KEYS.map(([title, keys]) =>
    element(
      "section",
      {},
      element("h3", { textContent: title }),
      element(
        "dl",
        {},
        ...keys.flatMap(([, shown, what]) => [
          element("dt", {}, element("kbd", { textContent: shown })),
          element("dd", { textContent: what }),
        ]),
      ),
    ),
  );
}
