// Tags on their way to the label store: kept in the browser until the server has said that it has them.

import { bytesFrom, Forbidden } from "./pictures.js";
import { Offline, Refused, send, Unpaired } from "./server.js";

const RETRY = "flush";

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode) {
  const opening = indexedDB.open("unframe", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("tags", { keyPath: "act" });
  const database = await done(opening);
  const transaction = database.transaction("tags", mode, { durability: "strict" });
  const finished = new Promise((resolve, reject) => {
    transaction.oncomplete = () => { database.close(); resolve(); };
    transaction.onabort = () => { database.close(); reject(transaction.error); };
  });
  return { tags: transaction.objectStore("tags"), finished };
}

async function write(change) {
  const { tags, finished } = await store("readwrite");
  change(tags);
  await finished;
}

/** The tags that are not in the label store yet, in the order in which they were made. */
export async function waiting() {
  const { tags } = await store("readonly");
  return (await done(tags.getAll())).sort((a, b) => a.at - b.at);
}

/**
 * Put a tag on its way; it is on the disk when this returns.
 *
 * @param {{label: string, page: string, address: string, blob: Blob|null}} tag - Without bytes they are asked for later.
 */
export async function add(tag) {
  const name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  await write((tags) => tags.add({ ...tag, act: name, at: Date.now() }));
  await announce();
  return name;
}

export async function discard(act) {
  await write((tags) => tags.delete(act));
  await announce();
}

/** Write down why a tag stays, unless it has been discarded in the meantime. */
async function note(tag, why) {
  await write((tags) => {
    tags.get(tag.act).onsuccess = ({ target }) => { if (target.result) tags.put({ ...tag, ...why }); };
  });
}

/** Send what waits; gives why something stays, or null. One sends at a time, whoever asks. */
export async function flush() {
  return navigator.locks.request("flush", async () => {
    let why = null;
    for (const tag of await waiting()) {
      if (tag.refused) continue;
      try {
        // A tag has a name, so that one whose answer was lost on the way is not written twice.
        await send({ ...tag, blob: tag.blob ?? await bytesFrom(tag.address) });
        await write((tags) => tags.delete(tag.act));
      } catch (error) {
        if (error instanceof Refused) await note(tag, { refused: error.message });
        else if (error instanceof Forbidden) continue; // the popup asks for the permission
        else {
          why = error;
          if (error instanceof Offline || error instanceof Unpaired) break;
          await note(tag, { failed: error.message }); // its picture cannot be had, which holds no other tag up
        }
      }
    }
    await announce();
    return why;
  });
}

/** Say on the toolbar how many tags wait, and try again as long as some do. */
async function announce() {
  const count = (await waiting()).length;
  await chrome.action.setBadgeBackgroundColor({ color: "#8a5a00" });
  await chrome.action.setBadgeText({ text: count ? String(count) : "" });
  if (count) await chrome.alarms.create(RETRY, { periodInMinutes: 1 });
  else await chrome.alarms.clear(RETRY);
}
