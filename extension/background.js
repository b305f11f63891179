// What happens without the popup: context menu, keys, and sending what waits.

import { bytesOf, Forbidden, pictureAtPointer, show } from "./pictures.js";
import { add, flush } from "./queue.js";

const LABELS = { "tag-framed": "framed", "tag-plain": "plain" };

chrome.runtime.onInstalled.addListener(() => {
  chrome.contextMenus.create({ id: "tag-framed", title: "Tag as framed", contexts: ["image"] });
  chrome.contextMenus.create({ id: "tag-plain", title: "Tag as just product", contexts: ["image"] });
});

async function tag(tab, frame, address, label) {
  let blob = null;
  try {
    blob = await bytesOf(tab, frame, address);
  } catch (error) {
    if (!(error instanceof Forbidden)) { await say("!", `This picture cannot be read: ${error.message}`); return; }
  }
  await add({ label, page: tab.url ?? "", address, blob });
  await show(tab, frame, address, label);
  await say(null, blob ? "Pictures of this page" : "A picture waits for your permission: open this popup");
  await flush();
}

async function say(badge, title) {
  if (badge !== null) await chrome.action.setBadgeText({ text: badge });
  await chrome.action.setTitle({ title });
}

chrome.contextMenus.onClicked.addListener(async (info, tab) => {
  await tag(tab, info.frameId ?? 0, info.srcUrl, LABELS[info.menuItemId]);
});

chrome.commands.onCommand.addListener(async (command, tab) => {
  if (!(command in LABELS)) return;
  const found = await pictureAtPointer(tab);
  if (found) await tag(tab, found.frame, found.address, LABELS[command]);
  else await say("?", "No picture is under the pointer, and none has the focus");
});

chrome.runtime.onMessage.addListener((message) => { if (message === "flush") flush(); });
chrome.runtime.onStartup.addListener(() => flush());
chrome.alarms.onAlarm.addListener(() => flush());
