// A grid that holds as many cells as are on the screen, however many pictures it shows.

import { pictures, reviewed } from "./pictures.js";

const LEAST = 150; // width of a cell in screen pixels; cells grow until their row is full
const CAPTION = 22; // height of what stands under a picture: over it, it would hide the very edges that are judged
const SPARE_ROWS = 2;
const WORDS = { framed: "framed", plain: "clean", unsure: "unsure", reject: "no photo" };

export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** Where a box lies on a picture, as a style. */
export function place(box, edges, picture) {
  const [left, top, right, bottom] = edges;
  box.style.left = `${left / picture.width * 100}%`;
  box.style.top = `${top / picture.height * 100}%`;
  box.style.width = `${(right - left) / picture.width * 100}%`;
  box.style.height = `${(bottom - top) / picture.height * 100}%`;
}

export class Grid {
  constructor(section, boxes) {
    this.side = section.dataset.side;
    this.root = section.querySelector(".grid");
    this.count = section.querySelector(".count");
    this.space = this.root.querySelector(".space");
    this.boxes = boxes; // Map of identifier to box, null when there is none
    this.ids = [];
    this.at = 0;
    this.cells = new Map();
    this.root.addEventListener("scroll", () => this.draw(), { passive: true });
    new ResizeObserver(() => this.layOut()).observe(this.root);
  }

  get columns() { return Math.max(Math.floor(this.root.clientWidth / LEAST), 1); }

  get width() { return this.root.clientWidth / this.columns; }

  get height() { return this.width + CAPTION; }

  get here() { return this.ids[this.at]; }

  /** Show these pictures; the one that was at the top of the screen, or the next that is left, stays there. */
  show(ids) {
    const kept = new Set(ids);
    const anchor = this.ids.slice(this.first()).find((id) => kept.has(id));
    const focus = this.ids.slice(this.at).find((id) => kept.has(id));
    this.ids = ids;
    const top = anchor === undefined ? 0 : ids.indexOf(anchor);
    this.at = focus === undefined ? top : ids.indexOf(focus);
    this.layOut();
    this.root.scrollTop = Math.floor(top / this.columns) * this.height;
    this.draw();
  }

  append(ids) {
    this.ids = this.ids.concat(ids);
    this.layOut();
  }

  first() { return Math.round(this.root.scrollTop / this.height) * this.columns; }

  /** The pictures of the rows that are on the screen, at least by half. */
  screen() {
    const rows = Math.max(Math.round(this.root.clientHeight / this.height), 1);
    return this.ids.slice(this.first(), this.first() + rows * this.columns);
  }

  /** Whether a picture can be seen: its cell is there and its thumbnail has come. */
  seen(id) { return this.cells.get(id)?.querySelector("img").naturalWidth > 0; }

  layOut() {
    this.root.style.setProperty("--width", `${this.width}px`);
    this.root.style.setProperty("--height", `${this.height}px`);
    this.space.style.height = `${Math.ceil(this.ids.length / this.columns) * this.height}px`;
    this.root.classList.toggle("empty", !this.ids.length);
    this.count.textContent = this.ids.length.toLocaleString("en");
    this.draw();
  }

  draw() {
    const { columns, width, height } = this;
    const start = Math.max(Math.floor(this.root.scrollTop / height) - SPARE_ROWS, 0) * columns;
    const rows = Math.ceil(this.root.clientHeight / height) + 2 * SPARE_ROWS + 1;
    const wanted = new Map(this.ids.slice(start, start + rows * columns).map((id, at) => [id, start + at]));
    for (const [id, cell] of this.cells) if (!wanted.has(id)) { cell.remove(); this.cells.delete(id); }
    for (const [id, at] of wanted) {
      const cell = this.cells.get(id) ?? this.make(id);
      cell.style.transform = `translate(${(at % columns) * width}px, ${Math.floor(at / columns) * height}px)`;
      this.dress(cell, pictures.get(id), at === this.at, at);
    }
    this.root.setAttribute("aria-activedescendant", this.here === undefined ? "" : `cell-${this.here}`);
  }

  make(id) {
    const picture = pictures.get(id);
    const cell = element("div", "cell");
    cell.id = `cell-${id}`;
    cell.dataset.id = id;
    cell.setAttribute("role", "option");
    const figure = element("figure");
    figure.style.aspectRatio = `${picture.width} / ${picture.height}`;
    figure.style[picture.width < picture.height ? "height" : "width"] = "100%";
    const image = element("img");
    image.decoding = "async";
    image.draggable = false;
    image.alt = "";
    image.src = `/thumbnails/${id}`;
    figure.append(image);
    const more = element("div", "more");
    for (const [name, text, title] of [["edit", "✎", "Measure the frame (E)"], ["unsure", "?", "Unsure (U)"], ["reject", "✕", "No product photograph (X)"]]) {
      const button = element("button", "", text);
      Object.assign(button, { title, tabIndex: -1, type: "button" });
      button.dataset.does = name;
      more.append(button);
    }
    const mat = element("div", "mat");
    mat.append(figure);
    const caption = element("div", "caption");
    caption.append(element("span", "tag"), more, element("span", "odds"));
    cell.append(mat, caption);
    this.cells.set(id, cell);
    this.root.append(cell);
    return cell;
  }

  dress(cell, picture, here, at) {
    const decided = reviewed(picture);
    const name = `cell${here ? " here" : ""}${decided ? ` decided ${picture.label}` : ""}`;
    if (cell.className !== name) cell.className = name;
    cell.querySelector(".tag").textContent = decided ? WORDS[picture.label] : picture.label === null ? "" : "imported";
    const percent = picture.probability === null ? "" : `${Math.round(picture.probability * 100)} %`;
    cell.querySelector(".odds").textContent = percent;
    cell.setAttribute("aria-selected", String(decided));
    cell.setAttribute("aria-posinset", at + 1);
    cell.setAttribute("aria-setsize", this.ids.length);
    cell.setAttribute("aria-label", `${picture.source}, ${percent} framed${picture.label ? `, labelled ${WORDS[picture.label]}` : ""}`);
    this.outline(cell, picture);
  }

  outline(cell, picture) {
    const known = this.boxes.shown ? this.boxes.get(picture.id) : null;
    let box = cell.querySelector(".box");
    if (!known) { box?.remove(); return; }
    if (!box) { box = element("div"); cell.querySelector("figure").append(box); }
    box.className = `box ${known.by}`;
    place(box, known.inner, picture);
  }

  /** Put the focus on another picture, and have it in view. */
  go(at) {
    this.at = Math.max(Math.min(at, this.ids.length - 1), 0);
    const top = Math.floor(this.at / this.columns) * this.height;
    const { scrollTop, clientHeight } = this.root;
    if (top < scrollTop) this.root.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) this.root.scrollTop = top + this.height - clientHeight;
    this.draw();
  }

  step(key) {
    const page = Math.max(Math.floor(this.root.clientHeight / this.height), 1) * this.columns;
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -this.columns, ArrowDown: this.columns, PageUp: -page, PageDown: page };
    if (key === "Home") this.go(0);
    else if (key === "End") this.go(this.ids.length - 1);
    else this.go(this.at + steps[key]);
  }
}
