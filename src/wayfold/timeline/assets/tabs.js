"use strict";
// The panels at the side, one at a time.

class Tabs {
  constructor() {
    this.tabs = [...document.querySelectorAll("[role=tab]")];
    for (const tab of this.tabs) {
      tab.addEventListener("click", () => this.show(tab.dataset.tab));
      tab.addEventListener("keydown", (event) => this.#walk(event, tab));
    }
    this.show("record");
  }

  show(name) {
    for (const tab of this.tabs) {
      const isChosen = tab.dataset.tab === name;
      tab.setAttribute("aria-selected", isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      byId(`panel-${tab.dataset.tab}`).hidden = !isChosen;
    }
  }

  #walk(event, tab) {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    event.preventDefault();
    const { tabs } = this;
    const next =
      tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : -1) + tabs.length) % tabs.length];
    this.show(next.dataset.tab);
    next.focus();
  }
}
