// The page to try unframe: pictures in, what is said of them, and the pictures without their frames out.

import * as api from "./api.js";
import { Edges } from "./edges.js";
import { SAMPLES, sample } from "./samples.js";
import { zip } from "./zip.js";

const AT_ONCE = 2;
const MOST = 200;
const WORDS = { framed: "A frame was added", clean: "Just the product", review: "Too close to call", error: "Could not be read" };
const BADGES = { framed: "framed", clean: "clean", review: "review", error: "failed" };
const REASONS = {
  review: "Left as it is, because a frame is too close to call. Drag an edge to cut all the same.",
  "too-much": "Left as it is, because more than 45 % of a side would go. Drag an edge to cut all the same.",
  "still-framed": "Left as it is, because what remains would be judged framed again. Drag an edge to cut all the same.",
};

const find = (id) => document.getElementById(id);
const edges = new Edges(find("before"), redrawn);
const items = [];
let shown = null;
let working = 0;

// --- pictures in

function take(files) {
  const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.(tiff?|avif|bmp)$/i.test(file.name));
  const left = files.length - pictures.length;
  say(left ? `${left} of ${files.length} files are no pictures.` : "");
  if (items.length + pictures.length > MOST) { say(`The page takes ${MOST} pictures at a time; use the command line for more.`); return; }
  const fresh = pictures.map((file) => add({ file, name: file.name || "pasted.png", url: URL.createObjectURL(file), turn: 0 }));
  if (fresh.length) show(fresh[0]);
  work();
}

function add(item) {
  const button = element("button");
  item.said = element("span", "said", "…");
  button.append(Object.assign(element("img"), { src: item.url, alt: "" }), element("span", "name", item.name), item.said);
  button.title = item.name;
  button.addEventListener("click", () => show(item));
  item.button = button;
  const place = element("li");
  place.append(button);
  find("list").append(place);
  items.push(item);
  return item;
}

/** Judge what waits, a few at a time, in order. */
function work() {
  document.body.classList.toggle("some", items.length > 0);
  find("list").hidden = find("view").hidden = !items.length;
  while (working < AT_ONCE) {
    const item = items.find((each) => !each.state);
    if (!item) break;
    working += 1;
    item.state = "working";
    judge(item).finally(() => { working -= 1; work(); });
  }
}

async function judge(item) {
  try {
    const { record, blob } = await api.remove(item.file, item.name);
    Object.assign(item, { state: "done", record, detected: { record, blob } });
    keep(item, record, blob);
  } catch (error) {
    Object.assign(item, { state: "error", error });
  }
  const tone = item.state === "error" ? "error" : item.record.verdict;
  item.button.className = tone;
  item.said.textContent = BADGES[tone];
  if (item === shown) show(item);
}

function keep(item, record, blob) {
  if (item.result) URL.revokeObjectURL(item.result.url);
  item.stale = false;
  item.result = { record, blob, url: URL.createObjectURL(blob) };
}

// --- what is shown

function show(item) {
  shown = item;
  for (const each of items) each.button.setAttribute("aria-current", each === item);
  const tone = item.state === "error" ? "error" : item.record?.verdict ?? "";
  find("verdict").className = tone;
  find("word").textContent = WORDS[tone] ?? "Judging …";
  document.querySelector(".odds").hidden = !item.record;
  document.querySelector(".panels").hidden = item.state === "error";
  if (item.error) { facts([["", item.error.message]]); actions(); return; }
  if (!item.record) { facts([]); }
  picture(item);
  actions();
}

function picture(item) {
  const image = find("before").querySelector("img");
  const { record } = item;
  find("before").classList.toggle("waiting", !record);
  if (image.src !== item.url) image.src = item.url;
  image.onerror = () => say("Your browser cannot show this format; the result can be downloaded all the same.");
  if (!record) { find("after").hidden = true; return; }
  const { width, height, probability } = record;
  find("after").hidden = false;
  fit(find("before"), width, height);
  fit(find("after"), width, height);
  edges.show(width, height, item.inner ?? record.inner, item.inner ? null : record.outer);
  find("meter").value = probability;
  find("probability").textContent = `${(100 * probability).toFixed(probability > 0.995 || probability < 0.005 ? 2 : 1)} %`;
  find("size").textContent = `${width} × ${height}, ${bytes(item.file.size)}`;
  const described = record.kind ? [["kind", record.kind], ["sides", record.sides.length === 4 ? "all" : record.sides.join(", ")],
    ["photograph", `${record.inner.slice(0, 2).join(", ")} – ${record.inner.slice(2).join(", ")}`]] : [];
  facts(described);
  outcome(item);
}

/** The picture without its frame, over the picture as it came. */
function outcome(item) {
  const { record, url, blob } = item.result;
  const cut = record.action !== "pass";
  const inner = item.inner ?? record.inner;
  const [fresh, old] = [find("after").querySelector(".new"), find("after").querySelector(".old")];
  find("after").classList.toggle("same", !cut);
  find("after").classList.toggle("busy", item.stale);
  fresh.src = url;
  old.src = item.url;
  const box = cut ? inner : [0, 0, record.width, record.height];
  edges.place.call({ size: [record.width, record.height] }, fresh, box);
  find("newsize").textContent = cut ? `${record.output_width} × ${record.output_height}, ${bytes(blob.size)}` : "";
  find("outcome").textContent = cut ? "Without the frame" : "Passed on as it is";
  find("done").textContent = told(record, cut);
  find("again").hidden = !item.inner;
}

function told(record, cut) {
  if (cut) return `What remains is judged ${record.output_verdict}. Drag across the picture to compare.`;
  if (record.reason) return REASONS[record.reason] ?? record.message;
  return "There is nothing to take off: the picture is passed on byte for byte.";
}

function facts(pairs) {
  find("facts").replaceChildren(...pairs.map(([name, value]) => {
    const row = element("div");
    row.append(element("dt", "", name), element("dd", "", value));
    return row;
  }));
}

/** The largest size at which a picture fits its panel and the window. */
function fit(node, width, height) {
  const room = Math.max(Math.min(window.innerHeight * 0.62, 620), 220);
  node.style.width = `${Math.min(width * 2, (room * width) / height)}px`;
  node.style.aspectRatio = `${width} / ${height}`;
}

// --- edges that a person drags

async function redrawn(inner, done) {
  const item = shown;
  item.inner = inner;
  item.stale = true;
  find("after").classList.add("busy");
  if (!done) return;
  const mine = ++item.turn;
  try {
    const { record, blob } = await api.remove(item.file, item.name, inner);
    if (mine !== item.turn) return; // an edge of this picture has been moved again
    keep(item, record, blob);
    if (item === shown) { outcome(item); actions(); }
  } catch (error) {
    say(error.message);
  }
}

function undo() {
  const { record, blob } = shown.detected;
  shown.turn += 1;
  shown.inner = null;
  keep(shown, record, blob);
  show(shown);
}

// --- pictures out

const SUFFIXES = { "image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "image/bmp": ".bmp", "image/tiff": ".tiff", "image/avif": ".avif" };

function nameOf(item) {
  const stem = item.name.replace(/\.[^.]*$/, "").replace(/[\\/:*?"<>|\u0000-\u001f]/g, "_") || "picture";
  return `${stem}-unframed${SUFFIXES[item.result.blob.type] ?? ""}`;
}

function actions() {
  const save = find("save");
  const ready = Boolean(shown?.result);
  save.setAttribute("aria-disabled", !ready);
  if (ready) { save.href = shown.result.url; save.download = nameOf(shown); } else { save.removeAttribute("href"); }
  find("save-all").hidden = items.length < 2;
}

async function saveAll() {
  const done = items.filter((item) => item.result);
  const files = done.map((item, at) => ({ name: `${String(at + 1).padStart(3, "0")}-${nameOf(item)}`, blob: item.result.blob }));
  const lines = items.filter((item) => item.record).map((item) => JSON.stringify(item.result.record));
  files.push({ name: "records.jsonl", blob: new Blob([`${lines.join("\n")}\n`]) });
  const link = element("a");
  link.href = URL.createObjectURL(await zip(files));
  link.download = "unframed.zip";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function clear() {
  for (const { url, result } of items.splice(0)) { URL.revokeObjectURL(url); if (result) URL.revokeObjectURL(result.url); }
  find("list").replaceChildren();
  shown = null;
  say("");
  work();
}

// --- the rest

function element(name, kind = "", text = "") {
  const made = document.createElement(name);
  made.className = kind;
  made.textContent = text;
  return made;
}

function bytes(count) {
  return count < 1e6 ? `${Math.max(Math.round(count / 1000), 1)} kB` : `${(count / 1e6).toFixed(1)} MB`;
}

function say(text) {
  find("trouble").textContent = text;
  find("trouble").hidden = !text;
}

function theme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  document.documentElement.dataset.theme = now === "dark" ? "light" : "dark";
  localStorage.setItem("theme", document.documentElement.dataset.theme);
}

function wipe() {
  find("after").style.setProperty("--wipe", `${find("wipe").value}%`);
}

for (const each of SAMPLES) {
  const [name, draw] = each;
  const small = Object.assign(document.createElement("canvas"), { width: 168, height: 168 });
  const drawn = draw();
  const scale = 168 / Math.max(drawn.width, drawn.height);
  const [width, height] = [drawn.width * scale, drawn.height * scale];
  small.getContext("2d").drawImage(drawn, (168 - width) / 2, (168 - height) / 2, width, height);
  const button = element("button");
  const words = name.replaceAll("-", " ");
  button.setAttribute("aria-label", `Try: ${words}`);
  button.title = words;
  button.append(small);
  button.addEventListener("click", async () => take([await sample(each)]));
  const place = element("li");
  place.append(button);
  find("samples").append(place);
}

find("files").addEventListener("change", (event) => { take(event.target.files); event.target.value = ""; });
find("wipe").addEventListener("input", wipe);
find("again").addEventListener("click", undo);
find("save-all").addEventListener("click", saveAll);
find("clear").addEventListener("click", clear);
find("theme").addEventListener("click", theme);
window.addEventListener("resize", () => { if (shown?.record) picture(shown); });
document.addEventListener("paste", (event) => { if (event.clipboardData.files.length) take(event.clipboardData.files); });
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    document.body.classList.toggle("dragging", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}

const chosen = localStorage.getItem("theme");
if (chosen) document.documentElement.dataset.theme = chosen;
api.about().then(({ model }) => {
  find("model").textContent = model;
  document.documentElement.dataset.ready = "yes";
}, (error) => say(error.message));
