// The review page: two grids, what keys and clicks do, and what the server says meanwhile.

import * as api from "./api.js";
import { edit } from "./editor.js";
import { Grid, place } from "./grid.js";
import { learn, listed, matches, pictures, reviewed, sideOf } from "./pictures.js";

const find = (id) => document.getElementById(id);
const boxes = new Map();
boxes.shown = true;
const grids = [...document.querySelectorAll("section")].map((section) => new Grid(section, boxes));
const OTHER = { framed: "plain", plain: "framed" };
const PAUSE = 60_000; // a longer one between two decisions is no work
const LONGEST_LOOK = 10_000; // for the first screen alone, before all the others are asked for
const QUICK = 1_000;
const SLOW = 4_000;

let marks = null;
let active = null; // the grid that keys go to
let stale = false; // pictures came in that are not in their place yet
let worked = 0;
let moves = 0;
let lastMove = null;

const filter = () => ({
  status: find("status").value, kind: find("kind").value, source: find("source").value, order: find("order").value,
});
function activate(grid) {
  active = grid;
  for (const each of grids) each.root.classList.toggle("active", each === grid);
}
activate(grids[0]);
const idOf = (node) => { const cell = node.closest?.(".cell"); return cell ? Number(cell.dataset.id) : null; };

function say(text, trouble = false) {
  find("saving").textContent = text;
  find("saving").classList.toggle("trouble", trouble);
}

// --- what is shown

function rebuild() {
  const ids = listed(filter());
  for (const grid of grids) grid.show(ids[grid.side]);
  stale = false;
  outline();
  count();
}

/** Put the pictures that came after those of the first screen behind them, so that nothing moves. */
function complete() {
  const ids = listed(filter());
  for (const grid of grids) {
    const shown = new Set(grid.ids);
    grid.show([...grid.ids, ...ids[grid.side].filter((id) => !shown.has(id))]);
  }
  count();
}

/** Leave out what is decided; put what came in meanwhile into its place. */
function refresh() {
  if (stale) { rebuild(); return; }
  const wanted = filter();
  for (const grid of grids) grid.show(grid.ids.filter((id) => matches(pictures.get(id), wanted)));
  outline();
}

function redraw() {
  for (const grid of grids) grid.draw();
  count();
}

function count() {
  let done = 0;
  for (const picture of pictures.values()) if (reviewed(picture)) done += 1;
  find("reviewed").max = Math.max(pictures.size, 1);
  find("reviewed").value = done;
  find("reviewed-text").textContent = `${done.toLocaleString("en")} of ${pictures.size.toLocaleString("en")} reviewed`;
  find("speed").textContent = worked ? `${Math.round(moves / (worked / 60_000)).toLocaleString("en")} a minute` : "";
}

function track(number) {
  const now = performance.now();
  if (lastMove !== null && now - lastMove < PAUSE) { worked += now - lastMove; moves += number; }
  lastMove = now;
}

let waiting = 0;

/** Fetch the boxes of what is on the screen, once scrolling pauses. */
function outline() {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const wanted = grids.flatMap((grid) => [...grid.cells.keys()]).filter((id) => !boxes.has(id));
    if (!boxes.shown || !wanted.length) return;
    const found = await api.boxes(wanted);
    for (const id of wanted) boxes.set(id, found[id] ?? null);
    for (const grid of grids) grid.draw();
  }, 120);
}

// --- decisions

async function decide(ids, label, how, more = {}) {
  if (!ids.length) return;
  for (const id of ids) Object.assign(pictures.get(id), { label, how });
  track(ids.length);
  redraw();
  await sent(api.decide(ids.map((id) => ({ id, label, ...more })), how));
}

async function sent(promise) {
  say("saving …");
  try {
    const answer = await promise;
    say("saved");
    return answer;
  } catch (error) {
    say(`not saved: ${error.message}`, true);
    marks = null;
    await pull();
    rebuild();
    return null;
  }
}

function toggle(grid, id, how) {
  const picture = pictures.get(id);
  const label = reviewed(picture) && picture.label !== grid.side ? grid.side : OTHER[grid.side];
  return decide([id], label, how);
}

async function confirm(grid) {
  // What nobody can have seen yet is not confirmed.
  const open = grid.screen().filter((id) => !reviewed(pictures.get(id)) && grid.seen(id));
  if (!open.length && grid.screen().some((id) => !grid.seen(id))) { say("these pictures are not loaded yet"); return; }
  const saved = decide(open, grid.side, "screen");
  if (["open", "undecided", "imported"].includes(find("status").value)) refresh();
  else grid.step("PageDown");
  await saved;
}

async function measure(id) {
  if (id === undefined || id === null) return;
  hideZoom();
  try {
    const decision = await edit(id);
    if (decision) {
      boxes.set(id, { inner: decision.inner, outer: decision.outer, by: "person" });
      pictures.get(id).kind = decision.kind;
      await decide([id], "framed", "editor", decision);
    }
  } catch (error) {
    say(error.message, true);
  }
  active.root.focus();
}

async function takeBack(ask, done, nothing) {
  const answer = await sent(ask());
  if (!answer) return;
  const changed = await pull();
  say(answer.changed ? `${answer.changed.toLocaleString("en")} ${done}` : nothing);
  for (const id of changed) boxes.delete(id);
  const listing = (id) => grids.find((each) => each.ids.includes(id));
  // To put a large folder in order again takes a moment, which is spared where nothing has left the grids.
  if (changed.every(listing)) { redraw(); outline(); } else rebuild();
  const grid = listing(changed[0]);
  if (grid) { activate(grid); grid.go(grid.ids.indexOf(changed[0])); }
}

const undo = () => takeBack(api.undo, "changed back", "nothing left to undo");
const redo = () => takeBack(api.redo, "done again", "nothing left to redo");

// --- the server

/** Fetch what has changed; gives the identifiers of those pictures. */
async function pull() {
  const news = await api.state(marks);
  const fresh = learn(news.rows);
  marks = news.marks;
  progress(news.progress);
  if (fresh.length && document.documentElement.dataset.ready) arrived(fresh);
  return news.rows.map((row) => row[0]);
}

function arrived(ids) {
  choices();
  const wanted = filter();
  // While a screen is not full nothing can slip away under the pointer.
  if (grids.some((grid) => grid.root.scrollHeight <= grid.root.clientHeight + 1)) { rebuild(); return; }
  stale = true;
  const news = ids.map((id) => pictures.get(id)).filter((picture) => matches(picture, wanted));
  for (const grid of grids) grid.append(news.filter((picture) => sideOf(picture) === grid.side).map((picture) => picture.id));
}

/** Offer every source and kind that there is in the filters. */
function choices() {
  for (const name of ["source", "kind"]) {
    const known = new Set(Array.from(find(name).options, (option) => option.value));
    const found = new Set(Array.from(pictures.values(), (picture) => picture[name]));
    for (const word of [...found].sort()) if (word && !known.has(word)) find(name).append(new Option(word, word));
  }
}

function progress({ total, done, failed, finished, trouble }) {
  find("judged").max = Math.max(total, 1);
  find("judged").value = done;
  const unread = failed ? `, ${failed.toLocaleString("en")} unreadable` : "";
  find("judged-text").textContent = trouble || (finished ? `all judged${unread}` : `${done.toLocaleString("en")} of ${total.toLocaleString("en")} judged${unread}`);
  progress.finished = finished;
}

async function poll() {
  try {
    const changed = await pull();
    if (changed.length) { for (const grid of grids) grid.draw(); count(); outline(); }
    if (find("saving").textContent.startsWith("no answer")) say("");
  } catch (error) {
    say(`no answer from the server: ${error.message}`, true);
  }
  setTimeout(poll, document.hidden || progress.finished ? SLOW : QUICK);
}

// --- zoom

const zoom = find("zoom");
let hovering = 0;

async function showZoom(id, right) {
  const picture = pictures.get(id);
  const [figure, image] = [zoom.querySelector("figure"), zoom.querySelector("img")];
  const width = window.innerWidth / (matchMedia("(max-width: 760px)").matches ? 1 : 2) - 50;
  const height = window.innerHeight - 90;
  const scale = Math.min(width / picture.width, height / picture.height, 4);
  figure.style.width = `${picture.width * scale}px`;
  figure.style.height = `${picture.height * scale}px`;
  image.src = `/pictures/${id}`;
  zoom.dataset.id = id;
  zoom.classList.toggle("right", right);
  zoom.querySelector("p").textContent = `${picture.source} · ${picture.width} × ${picture.height}`;
  const box = zoom.querySelector(".box");
  const known = boxes.shown && boxes.get(id);
  box.hidden = !known;
  if (known) place(box, known.inner, picture);
  zoom.hidden = false;
}

function hideZoom() {
  clearTimeout(hovering);
  zoom.hidden = true;
}

// --- mouse

for (const grid of grids) {
  grid.root.addEventListener("scroll", () => { hideZoom(); outline(); }, { passive: true });
  grid.root.addEventListener("focus", () => activate(grid));
  grid.root.addEventListener("click", (event) => {
    const id = idOf(event.target);
    if (id === null) return;
    activate(grid);
    grid.at = grid.ids.indexOf(id);
    hideZoom();
    const does = event.target.dataset.does;
    if (does === "edit") measure(id);
    else if (does) decide([id], does, "click");
    else toggle(grid, id, "click");
  });
  grid.root.addEventListener("pointerover", (event) => {
    const id = idOf(event.target);
    if (id === null || event.pointerType === "touch" || String(id) === zoom.dataset.id && !zoom.hidden) return;
    hideZoom();
    if (find("hover").checked && !event.target.closest(".more")) {
      hovering = setTimeout(() => showZoom(id, grid === grids[0]), 450);
    }
  });
  grid.root.addEventListener("pointerleave", hideZoom);
  grid.root.parentElement.querySelector(".confirm").addEventListener("click", () => { activate(grid); confirm(grid); });
}
find("undo").addEventListener("click", undo);
find("redo").addEventListener("click", redo);
find("theme").addEventListener("click", theme);
find("help-button").addEventListener("click", () => find("help").showModal());
find("copy-address").addEventListener("click", async () => {
  await navigator.clipboard.writeText((await api.pairing()).address);
  find("copy-address").textContent = "copied";
});
find("help-close").addEventListener("click", () => find("help").close());
find("boxes").addEventListener("change", () => { boxes.shown = find("boxes").checked; redraw(); outline(); });
for (const name of ["status", "kind", "source", "order"]) {
  find(name).addEventListener("change", () => { rebuild(); for (const grid of grids) grid.go(0); });
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
}

// --- keys

const check = (name) => () => { find(name).checked = !find(name).checked; find(name).dispatchEvent(new Event("change")); };
const label = (word) => () => active.here !== undefined && decide([active.here], word, "key").then(() => {});
const KEYS = {
  m: () => active.here !== undefined && toggle(active, active.here, "key"),
  f: label("framed"), c: label("plain"), u: label("unsure"), x: label("reject"),
  enter: () => confirm(active),
  g: () => { activate(grids[active === grids[0] ? 1 : 0]); active.root.focus(); active.go(active.at); },
  e: () => measure(active.here),
  z: undo, y: redo,
  b: check("boxes"), h: check("hover"), t: theme,
  "/": () => find("status").focus(), "?": () => find("help").showModal(),
  " ": () => (zoom.hidden && active.here !== undefined ? showZoom(active.here, active === grids[0]) : hideZoom()),
  escape: hideZoom,
};
const MOVING = new Set(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End"]);

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.altKey) return;
  const typing = ["SELECT", "INPUT", "BUTTON"].includes(event.target.tagName);
  if (event.key === "Escape" && typing) { event.target.blur(); active.root.focus(); return; }
  const command = event.ctrlKey || event.metaKey;
  const key = command && event.shiftKey && event.key.toLowerCase() === "z" ? "y" : event.key.toLowerCase();
  if (command && !["z", "y"].includes(key)) return;
  if (typing && ["SELECT", "INPUT"].includes(event.target.tagName) && !command) return;
  if (typing && (key === "enter" || key === " ")) return;
  if (MOVING.has(event.key)) { active.step(event.key); if (!zoom.hidden) showZoom(active.here, active === grids[0]); }
  else if (key in KEYS) KEYS[key]();
  else return;
  event.preventDefault();
});

// --- start

/** Once the pictures on the screen have come. */
function loaded() {
  const images = [...document.querySelectorAll(".cell img")].filter((image) => !image.complete);
  return Promise.all(images.map((image) => new Promise((done) => { image.onload = done; image.onerror = done; })));
}

const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
const [facts, first] = await Promise.all([api.hello(), api.first()]);
find("folder").textContent = facts.folder;
document.title = `${facts.folder} – unframe label`;
find("order").querySelector("[value=disagreement]").disabled = !facts.rival;
learn(first.rows);
for (const grid of grids) grid.show(listed(filter())[grid.side]);
active.root.focus();
await Promise.race([loaded(), new Promise((done) => { setTimeout(done, LONGEST_LOOK); })]);
await pull(); // all the others, while the first screen can be looked at
for (const [id, score] of facts.suspects) { const picture = pictures.get(id); if (picture) picture.suspect = score; }
if (facts.suspects.length) { find("order").value = "error"; rebuild(); } else complete();
choices();
outline();
document.documentElement.dataset.ready = "yes";
setTimeout(poll, QUICK);
