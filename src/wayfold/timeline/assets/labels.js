"use strict";
// The lanes' names: a tree of the rows that are seen now, each an element that can be focused.

class Labels {
  constructor(element, app) {
    this.element = element;
    this.app = app;
    this.pool = [];
    element.addEventListener("click", (event) => this.#pressed(event));
  }

  paint() {
    const { app } = this;
    const rows = app.visibleRows();
    while (this.pool.length < rows.length) this.pool.push(this.#make());
    this.pool.forEach((label, k) => {
      label.hidden = k >= rows.length;
      if (k < rows.length) this.#fill(label, rows[k]);
    });
    this.element.setAttribute(
      "aria-activedescendant",
      app.lane && app.lane.row >= 0 ? `lane-${app.lane.id}` : "",
    );
  }

  #make() {
    const label = document.createElement("div");
    label.className = "lane";
    label.setAttribute("role", "treeitem");
    label.innerHTML =
      '<button class="twist" tabindex="-1" aria-hidden="true"></button><span class="name"></span><span class="number"></span><span class="title"></span><span class="size"></span>';
    this.element.append(label);
    return label;
  }

  #fill(label, lane) {
    const { app } = this;
    label.style.transform = `translateY(${app.painter.top(lane.row)}px)`;
    if (label.lane === lane && label.open === lane.isOpen && label.chosen === (lane === app.lane))
      return;
    Object.assign(label, {
      lane,
      open: lane.isOpen,
      chosen: lane === app.lane,
      id: `lane-${lane.id}`,
    });
    label.style.setProperty("--depth", Math.min(lane.depth, 6));
    label.classList.toggle("group", lane.isGroup);
    label.classList.toggle("chosen", label.chosen);
    const [twist, name, number, title, size] = label.children;
    twist.dataset.twist = lane.children.length ? (lane.isOpen ? "open" : "closed") : "none";
    // Where there is little room the interface is cut, not the number.
    const mark = lane.label.lastIndexOf("#");
    name.textContent = mark < 0 ? lane.label : lane.label.slice(0, mark);
    number.textContent = mark < 0 ? "" : lane.label.slice(mark);
    title.textContent = lane.title;
    // What has no number of its own is better known by its title.
    label.classList.toggle("titled", mark < 0 && lane.title !== "" && !lane.isGroup);
    size.textContent = spellCount(app.tree.size(lane));
    label.title = lane.fullName;
    this.#describe(label, lane);
  }

  #describe(label, lane) {
    const { app } = this;
    label.setAttribute("aria-level", lane.depth + 1);
    label.setAttribute("aria-setsize", lane.siblings);
    label.setAttribute("aria-posinset", lane.place);
    label.setAttribute("aria-selected", lane === app.lane);
    if (lane.children.length) label.setAttribute("aria-expanded", lane.isOpen);
    else label.removeAttribute("aria-expanded");
    label.setAttribute("aria-label", `${lane.fullName}, ${plural(app.tree.size(lane), "record")}`);
  }

  #pressed(event) {
    const label = event.target.closest(".lane");
    if (!label) return;
    const isTwist = event.target.closest(".twist") || label.lane === this.app.lane;
    this.app.chooseLane(label.lane);
    if (isTwist) this.app.toggle(label.lane);
  }
}
