/** The engine of a page that is one file: its parts are texts in the document. It can be opened from a disk. */

import { assemble } from "./parts.js";
import { Unframe } from "./unframe.js";

export async function loadEngine() {
  const [script, card, weights, runtime] = ["worker", "card", "weights", "runtime"].map(embedded);
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const worker = new Worker(address);
  return Unframe.load({ worker, parts: assemble(card, weights, runtime) });
}

/** @param {string} part */
function embedded(part) {
  const node = document.getElementById(`engine-${part}`);
  const data = Uint8Array.from(atob(node?.textContent?.trim() ?? ""), (letter) => letter.charCodeAt(0));
  node?.remove(); // megabytes that are not needed twice
  return data;
}
