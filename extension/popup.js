// The popup: the pictures of the page, what the detector says about each, and two buttons to tag it.

import { bytesOf, Forbidden, permissionFor, picturesOf, show } from "./pictures.js";
import { add, discard, flush, waiting } from "./queue.js";
import * as server from "./server.js";

const AT_ONCE = 4; // pictures that are read and judged at the same time
const WORDS = { framed: "framed", clean: "clean", review: "doubtful" };

const find = (id) => document.getElementById(id);
const cards = []; // { picture, element, blob }
const forbidden = new Set();
let tab = null;
let online = false;

function say(text, trouble = false) {
  find("state").textContent = text;
  find("state").classList.toggle("trouble", trouble);
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// --- the server

async function greet() {
  try {
    const facts = await server.hello();
    online = true;
    find("folder").textContent = facts.folder;
    find("pairing").hidden = true;
    say("paired");
  } catch (error) {
    online = false;
    const unpaired = error instanceof server.Unpaired;
    say(unpaired ? error.message : "unframe label does not run; tags wait", true);
    find("pairing").hidden = !unpaired;
    if (unpaired) find("pair-here").hidden = !await reviewPage();
  }
}

/** The address that the page in this tab gives for pairing, where it is a review page. */
async function reviewPage() {
  if (!/^http:\/\/(127\.0\.0\.1|localhost):/.test(tab?.url ?? "")) return null;
  try {
    const func = async () => { const answer = await fetch("/api/pairing"); return answer.ok ? (await answer.json()).address : null; };
    const [{ result }] = await chrome.scripting.executeScript({ target: { tabId: tab.id }, func });
    return server.parse(result ?? "") ? result : null;
  } catch {
    return null;
  }
}

async function pair(address) {
  try {
    await server.pair(address);
    await greet();
    await send();
    await judgeAll();
  } catch (error) {
    say(error.message, true);
  }
}

// --- tags

async function tag(card, label) {
  if (!card) return;
  card.element.classList.remove("framed", "plain");
  card.element.classList.add(label);
  const { address, frame } = card.picture;
  await add({ label, page: tab.url ?? "", address, blob: card.blob });
  show(tab, frame, address, label).catch(() => {}); // the page may have moved on
  await send();
}

async function send() {
  chrome.runtime.sendMessage("flush").catch(() => {}); // goes on when this popup is closed
  const why = await flush();
  await listWaiting(why);
}

async function listWaiting(why = null) {
  const tags = await waiting();
  const stuck = tags.filter((each) => each.refused ?? each.failed);
  for (const each of tags.filter(({ blob, failed }) => !blob && !failed)) forbidden.add(permissionFor(each.address));
  find("waiting").hidden = !tags.length;
  find("waiting-text").textContent = `${tags.length} ${tags.length === 1 ? "tag waits" : "tags wait"}${why ? `: ${why.message}` : ""}`;
  find("refused").replaceChildren(...stuck.map(({ act, address, refused, failed }) => element("li", {},
    `${address.slice(0, 60)}: ${refused ?? failed}`,
    element("button", { textContent: "Discard", onclick: async () => { await discard(act); await listWaiting(); } }))));
  listForbidden();
}

function listForbidden() {
  const hosts = [...forbidden].map((origin) => new URL(origin).host);
  find("allow").hidden = !hosts.length;
  find("allow-text").textContent = `To read pictures of ${hosts.join(", ")}, unframe needs your permission.`;
}

// --- pictures

function cardOf(picture) {
  const buttons = [["framed", "Framed"], ["plain", "Just product"]].map(([label, textContent]) => {
    const button = element("button", { textContent, type: "button", tabIndex: -1 });
    button.dataset.label = label;
    return button;
  });
  const size = picture.width ? `${picture.width} × ${picture.height}` : "";
  const made = element("article", { tabIndex: -1, title: picture.address.slice(0, 200) },
    element("figure", {}, size), element("span", { className: "verdict" }), element("div", { className: "labels" }, ...buttons));
  made.setAttribute("role", "option");
  made.setAttribute("aria-label", picture.text || picture.address.slice(0, 80));
  const card = { picture, element: made, blob: null };
  for (const button of buttons) button.onclick = () => tag(card, button.dataset.label);
  return card;
}

async function read(card) {
  if (card.blob) return;
  try {
    card.blob = await bytesOf(tab, card.picture.frame, card.picture.address);
    const image = element("img", { alt: card.picture.text ?? "", src: URL.createObjectURL(card.blob) });
    card.element.querySelector("figure").replaceChildren(image);
  } catch (error) {
    if (error instanceof Forbidden) { forbidden.add(error.message); listForbidden(); }
    card.element.querySelector("figure").textContent = error instanceof Forbidden ? new URL(error.message).host : error.message;
  }
}

async function judge(card) {
  if (!online || !card.blob) return;
  const mark = card.element.querySelector(".verdict");
  try {
    const { verdict, probability, label } = await server.judge(card.blob);
    mark.className = `verdict ${verdict}`;
    mark.textContent = `${WORDS[verdict]} ${Math.round(probability * 100)} %`;
    if (label && !card.element.matches(".framed, .plain")) card.element.classList.add(label);
  } catch (error) {
    mark.className = "verdict";
    mark.textContent = error instanceof server.Refused ? "no picture" : "";
    mark.title = error.message;
  }
}

async function judgeAll() {
  const left = [...cards];
  const work = async () => { for (let card = left.shift(); card; card = left.shift()) { await read(card); await judge(card); } };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  document.documentElement.dataset.ready = "yes";
}

async function list() {
  let pictures = [];
  try {
    pictures = await picturesOf(tab);
  } catch {
    find("none").textContent = "The browser lets no extension see this page.";
  }
  cards.push(...pictures.map(cardOf));
  find("pictures").replaceChildren(...cards.map((card) => card.element));
  find("none").textContent ||= "No pictures of 64 pixels or more.";
  find("none").hidden = cards.length > 0;
  if (cards.length) { cards[0].element.tabIndex = 0; cards[0].element.focus(); }
}

// --- keys and buttons

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 };

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  const at = cards.findIndex((card) => card.element.contains(document.activeElement));
  const label = { f: "framed", p: "plain" }[event.key.toLowerCase()];
  if (label && at >= 0) tag(cards[at], label);
  else if (event.key in STEPS && cards.length) {
    const next = cards[Math.max(0, Math.min(cards.length - 1, at + STEPS[event.key]))].element;
    for (const card of cards) card.element.tabIndex = card.element === next ? 0 : -1;
    next.focus();
  } else return;
  event.preventDefault();
});
find("pairing").addEventListener("submit", (event) => { event.preventDefault(); pair(find("address").value); });
find("pair-here").addEventListener("click", async () => pair(await reviewPage() ?? ""));
find("send").addEventListener("click", async () => { await greet(); await send(); });
find("allow-button").addEventListener("click", async () => {
  if (!await chrome.permissions.request({ origins: [...forbidden] })) return;
  forbidden.clear();
  listForbidden();
  await send();
  await judgeAll();
});

[tab] = await chrome.tabs.query({ active: true, currentWindow: true });
await Promise.all([list(), greet()]);
await Promise.all([judgeAll(), send()]);
