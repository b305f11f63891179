// The pictures of a tab, and their bytes as the browser shows them.

import { bytesInPage, collect, flash, pointed } from "./page.js";

// What browsers ask for when a page shows a picture; servers choose the format by it.
const ACCEPT = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

/** Thrown when a picture belongs to a site that the extension may not read yet. */
export class Forbidden extends Error {}

async function inPage(tab, func, args = [], frame = null) {
  const target = { tabId: tab.id, ...(frame === null ? { allFrames: true } : { frameIds: [frame] }) };
  const answers = await chrome.scripting.executeScript({ target, func, args });
  return answers.map(({ frameId, result }) => ({ frame: frameId, result }));
}

/** The pictures of a tab's page and frames, each once. */
export async function picturesOf(tab) {
  const found = new Map();
  for (const { frame, result } of await inPage(tab, collect)) {
    for (const each of result ?? []) if (!found.has(each.address)) found.set(each.address, { ...each, frame });
  }
  return [...found.values()];
}

/** Address and frame of the picture under the pointer, or null. */
export async function pictureAtPointer(tab) {
  const found = (await inPage(tab, pointed)).filter(({ result }) => result);
  const inner = found.at(-1); // a frame that holds the pointer comes after the page that holds the frame
  return inner ? { address: inner.result, frame: inner.frame } : null;
}

/** Show on the page what became of a picture. */
export async function show(tab, frame, address, label) {
  const [text, colour] = label === "framed" ? ["framed", "#b3261e"] : ["just product", "#1b6e3c"];
  await inPage(tab, flash, [address, text, colour], frame);
}

/** The host permission that reading a picture takes. */
export const permissionFor = (address) => `${new URL(address).origin}/*`;

/**
 * The bytes of a picture as a Blob.
 *
 * @throws {Forbidden} It belongs to another site than the page, and that site was not allowed yet.
 */
export async function bytesOf(tab, frame, address) {
  const [{ result } = {}] = await inPage(tab, bytesInPage, [address], frame);
  if (result) return (await fetch(result)).blob();
  return bytesFrom(address);
}

/** The bytes of a picture, asked for by the extension itself. */
export async function bytesFrom(address) {
  if (!/^https?:/.test(address)) throw new Error("the picture is gone with its page");
  if (!await chrome.permissions.contains({ origins: [permissionFor(address)] })) throw new Forbidden(permissionFor(address));
  const answer = await fetch(address, { cache: "force-cache", credentials: "include", headers: { Accept: ACCEPT } });
  if (!answer.ok) throw new Error(`${new URL(address).host} answered ${answer.status}`);
  return answer.blob();
}
