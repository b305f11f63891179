// Measure a frame: drag the edges of its inner and outer box, say its kind and sides.

import * as api from "./api.js";
import { element } from "./grid.js";
import { brightness, snapped } from "./snap.js";

const KINDS = ["border", "inset", "keyline", "padding", "banner", "decorative"];
const SIDES = ["top", "right", "bottom", "left"];
const INDEX = { left: 0, top: 1, right: 2, bottom: 3 };
const GRIP = 14; // screen pixels within which a line can be taken
const ZOOM = 8;

const find = (id) => document.getElementById(id);
const dialog = find("editor");
const canvas = find("editor-canvas");
const magnifier = find("magnifier");
const stage = dialog.querySelector(".stage"); // takes the pointer, so that lines at the picture's edge can be taken from outside, too

let open = null; // what is being edited, while the dialog is open

for (const [name, legend, type] of [["kinds", KINDS, "radio"], ["sides", SIDES, "checkbox"]]) {
  legend.forEach((word, at) => {
    const label = element("label");
    const input = element("input");
    Object.assign(input, { type, name: `editor-${name}`, value: word });
    label.append(input, name === "kinds" ? `${at + 1} ${word}` : word);
    find(`editor-${name}`).append(label);
  });
}
const inputs = (name) => [...find(`editor-${name}`).querySelectorAll("input")];

/** Edit a picture; gives the decision, or null when it was cancelled. */
export async function edit(id) {
  const facts = await api.details(id);
  const image = new Image();
  image.src = `/pictures/${id}`;
  await image.decode();
  open = { id, facts, image, pixels: brightness(image), edge: { box: "inner", side: "left" }, drag: false };
  const said = facts.said.find((each) => each?.inner);
  open.proposal = said ?? null;
  use(facts.answer.inner ? facts.answer : said);
  find("editor-name").textContent = `${facts.path} · ${facts.width} × ${facts.height}`;
  find("editor-history").replaceChildren(...facts.history.map((each) => element("li", "", `${each.when.slice(0, 16).replace("T", " ")} ${each.who}: ${each.label ?? "undecided"} (${each.how})`)));
  dialog.showModal();
  fit();
  canvas.focus();
  return new Promise((resolve) => { open.resolve = resolve; });
}

/** Start from an answer or a detection; from the whole picture where there is neither. */
function use(from) {
  const { width, height } = open.facts;
  const whole = [0, 0, width, height];
  open.inner = [...(from?.inner ?? whole)];
  open.outer = [...(from?.outer ?? whole)];
  inputs("kinds").forEach((input) => { input.checked = input.value === (from?.kind ?? "border"); });
  inputs("sides").forEach((input) => { input.checked = (from?.sides ?? []).includes(input.value); });
}

function close(decision) {
  const { resolve } = open;
  open = null;
  magnifier.hidden = true;
  dialog.close();
  resolve(decision);
}

function save() {
  const checked = inputs("sides").filter((input) => input.checked).map((input) => input.value);
  const thick = SIDES.filter((side) => open.inner[INDEX[side]] !== open.outer[INDEX[side]]);
  close({
    id: open.id, label: "framed", kind: inputs("kinds").find((input) => input.checked).value,
    sides: checked.length ? checked : thick, inner: open.inner, outer: open.outer, geometry_quality: "exact",
  });
}

function fit() {
  const { clientWidth, clientHeight } = stage;
  const { width, height } = open.facts;
  open.scale = Math.min((clientWidth - 40) / width, (clientHeight - 40) / height);
  const ratio = window.devicePixelRatio;
  canvas.style.width = `${width * open.scale}px`;
  canvas.style.height = `${height * open.scale}px`;
  canvas.width = Math.round(width * open.scale * ratio);
  canvas.height = Math.round(height * open.scale * ratio);
  draw();
}

function draw() {
  const pen = canvas.getContext("2d");
  const scale = canvas.width / open.facts.width;
  pen.imageSmoothingEnabled = scale < 2;
  pen.drawImage(open.image, 0, 0, canvas.width, canvas.height);
  shade(pen, scale);
  for (const box of ["outer", "inner"]) {
    for (const side of SIDES) line(pen, scale, box, side);
  }
  const { box, side } = open.edge;
  find("editor-edge").textContent = ["inner", "outer"].map((name) => `${name} ${open[name].join(" ")}`).join("\n")
    + `\n${box} ${side} ${open[box][INDEX[side]]}`;
}

function shade(pen, scale) {
  const [left, top, right, bottom] = open.inner.map((edge) => edge * scale);
  pen.fillStyle = "#0006";
  pen.beginPath();
  pen.rect(0, 0, canvas.width, canvas.height);
  pen.rect(left, top, right - left, bottom - top);
  pen.fill("evenodd");
}

function line(pen, scale, box, side) {
  const [left, top, right, bottom] = open[box].map((edge) => edge * scale);
  const chosen = open.edge.box === box && open.edge.side === side;
  const ends = { left: [left, top, left, bottom], right: [right, top, right, bottom], top: [left, top, right, top], bottom: [left, bottom, right, bottom] }[side];
  for (const [colour, width] of [["#000b", chosen ? 5 : 3], [box === "inner" ? "#00e5ff" : "#ffb300", chosen ? 3 : 1.25]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(box === "outer" ? [8, 5] : []);
    pen.beginPath();
    pen.moveTo(ends[0], ends[1]);
    pen.lineTo(ends[2], ends[3]);
    pen.stroke();
  }
  pen.setLineDash([]);
}

/** Move an edge; the inner box stays in the outer, the outer in the picture, and a pixel is left. */
function move(box, side, value) {
  const at = INDEX[side];
  const low = at < 2;
  const limits = box === "inner"
    ? (low ? [open.outer[at], open.inner[at + 2] - 1] : [open.inner[at - 2] + 1, open.outer[at]])
    : (low ? [0, open.inner[at]] : [open.inner[at], at === 2 ? open.facts.width : open.facts.height]);
  open[box][at] = Math.max(limits[0], Math.min(limits[1], value));
  if (box === "inner") {
    const input = inputs("sides").find((each) => each.value === side);
    input.checked = open.inner[at] !== open.outer[at];
  }
}

function nearest(x, y, outer) {
  const found = [];
  for (const box of ["inner", "outer"]) {
    for (const side of SIDES) {
      const upright = side === "left" || side === "right";
      found.push({ box, side, distance: Math.abs(open[box][INDEX[side]] - (upright ? x : y)) });
    }
  }
  const near = found.filter((each) => each.distance * open.scale <= GRIP && (!outer || each.box === "outer"));
  return near.sort((a, b) => a.distance - b.distance)[0];
}

function point(event) {
  const { left, top } = canvas.getBoundingClientRect();
  return [(event.clientX - left) / open.scale, (event.clientY - top) / open.scale];
}

function drag(event) {
  const [x, y] = point(event);
  const { box, side } = open.edge;
  const upright = side === "left" || side === "right";
  let value = Math.round(upright ? x : y);
  if (find("editor-snap").checked && !event.altKey) {
    const [left, top, right, bottom] = open.outer;
    const reach = Math.max(Math.round(7 / open.scale), 2);
    value = snapped(open.pixels, upright, value, reach, upright ? top : left, upright ? bottom : right);
  }
  move(box, side, value);
  draw();
}

/** Show the surroundings of a point of the picture, beside that point. */
function magnify(x, y) {
  const pen = magnifier.getContext("2d");
  const reach = magnifier.width / ZOOM / 2;
  pen.imageSmoothingEnabled = false;
  pen.fillStyle = "#444";
  pen.fillRect(0, 0, magnifier.width, magnifier.height);
  pen.drawImage(open.image, x - reach, y - reach, 2 * reach, 2 * reach, 0, 0, magnifier.width, magnifier.height);
  for (const [name, colour] of [["outer", "#ffb300"], ["inner", "#00e5ff"]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = 2;
    const edges = open[name].map((edge, at) => (edge - (at % 2 ? y : x) + reach) * ZOOM);
    pen.strokeRect(edges[0], edges[1], edges[2] - edges[0], edges[3] - edges[1]);
  }
  const area = stage.getBoundingClientRect();
  const { left, top } = canvas.getBoundingClientRect();
  const offset = (at, size) => (at + 30 + magnifier.width > size ? at - 30 - magnifier.width : at + 30);
  magnifier.style.left = `${offset(left + x * open.scale - area.left, area.width)}px`;
  magnifier.style.top = `${offset(top + y * open.scale - area.top, area.height)}px`;
  magnifier.hidden = false;
}

/** Magnify the chosen line, at a quarter of its length, where the product is seldom. */
function magnifyLine() {
  const [left, top, right, bottom] = open[open.edge.box];
  const { side } = open.edge;
  if (side === "left" || side === "right") magnify(side === "left" ? left : right, top + (bottom - top) / 4);
  else magnify(left + (right - left) / 4, side === "top" ? top : bottom);
}

stage.addEventListener("pointerdown", (event) => {
  const found = nearest(...point(event), event.shiftKey);
  if (!found) return;
  event.preventDefault();
  canvas.focus();
  open.edge = found;
  open.drag = true;
  stage.setPointerCapture(event.pointerId);
  magnify(...point(event));
  draw();
});
stage.addEventListener("pointermove", (event) => {
  if (!open) return;
  if (open.drag) drag(event);
  magnify(...point(event));
  const near = nearest(...point(event), event.shiftKey);
  stage.style.cursor = !near ? "crosshair" : near.side === "left" || near.side === "right" ? "ew-resize" : "ns-resize";
});
stage.addEventListener("pointerup", () => { if (open) open.drag = false; });
stage.addEventListener("pointerleave", () => { if (!open?.drag) magnifier.hidden = true; });
window.addEventListener("resize", () => { if (open) fit(); });
find("editor-save").addEventListener("click", save);
find("editor-cancel").addEventListener("click", () => close(null));
find("editor-propose").addEventListener("click", () => { use(open.proposal); draw(); });
dialog.addEventListener("cancel", (event) => { event.preventDefault(); if (open) close(null); });

const ARROWS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

function cycle(back) {
  const all = ["inner", "outer"].flatMap((box) => ["left", "top", "right", "bottom"].map((side) => ({ box, side })));
  const at = all.findIndex((each) => each.box === open.edge.box && each.side === open.edge.side);
  open.edge = all[(at + (back ? -1 : 1) + all.length) % all.length];
}

dialog.addEventListener("keydown", (event) => {
  if (!open || event.ctrlKey || event.metaKey) return;
  const key = event.key;
  const side = SIDES.find((each) => each[0] === key.toLowerCase());
  const onPicture = document.activeElement === canvas;
  if (key === "Enter" && document.activeElement.tagName !== "BUTTON") save();
  else if (onPicture && key === "Tab") cycle(event.shiftKey);
  else if (onPicture && key in ARROWS) {
    const { box, side: moved } = open.edge;
    move(box, moved, open[box][INDEX[moved]] + ARROWS[key] * (event.shiftKey ? 10 : 1));
  } else if (key >= "1" && key <= "6") inputs("kinds")[Number(key) - 1].checked = true;
  else if (key.toLowerCase() === "s") find("editor-snap").checked = !find("editor-snap").checked;
  else if (key.toLowerCase() === "p") use(open.proposal);
  else if (side) { const input = inputs("sides").find((each) => each.value === side); input.checked = !input.checked; }
  else return;
  event.preventDefault();
  event.stopPropagation();
  if (!open) return;
  draw();
  if (onPicture && (key === "Tab" || key in ARROWS)) magnifyLine();
});
