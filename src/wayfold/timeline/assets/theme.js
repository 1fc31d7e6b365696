"use strict";
// Colours come from page.css; the painter reads them once for each theme.

const THEMES = ["auto", "light", "dark"];
const THEME_KEY = "wayfold.timeline.theme";

class Theme {
  constructor(button, changed) {
    this.button = button;
    this.changed = changed;
    this.choice = this.#remembered();
    this.dark = matchMedia("(prefers-color-scheme: dark)");
    this.dark.addEventListener("change", () => this.#apply());
    button.addEventListener("click", () => this.next());
    this.#apply();
  }

  get isDark() {
    return this.choice === "auto" ? this.dark.matches : this.choice === "dark";
  }

  next() {
    this.choice = THEMES[(THEMES.indexOf(this.choice) + 1) % THEMES.length];
    try {
      localStorage.setItem(THEME_KEY, this.choice);
    } catch {
      // a browser may keep nothing for a file; then it is as at first the next time
    }
    this.#apply();
  }

  #remembered() {
    try {
      return THEMES.find((each) => each === localStorage.getItem(THEME_KEY)) ?? "auto";
    } catch {
      return "auto";
    }
  }

  #apply() {
    document.documentElement.dataset.theme = this.isDark ? "dark" : "light";
    this.button.title = `Theme: ${this.choice} (t)`;
    this.button.setAttribute("aria-label", `Theme: ${this.choice}`);
    this.button.dataset.choice = this.choice;
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    this.colours = {
      kinds: [colour("event"), colour("request"), colour("fact")],
      steps: [colour("step-1"), colour("step-2"), colour("step-3")],
      ...Object.fromEntries(
        [
          "ground",
          "raised",
          "line",
          "line-strong",
          "text",
          "muted",
          "accent",
          "stall",
          "hit",
          "mark",
          "select",
        ].map((name) => [name.replace("-s", "S"), colour(name)]),
      ),
    };
    this.changed?.();
  }
}
