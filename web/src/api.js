/** What the page of `unframe serve` asks its server for, answered in the browser: the same functions as its `api.js`. */

import { loadEngine } from "./engine-of-page.js";
import { UnframeError } from "./engine/types.js";

export { UnframeError as JudgeError };

const engine = loadEngine();

/** Who judges: `{model}`. Waits until the network is loaded. */
export async function about() {
  return { model: (await engine).card?.name };
}

/**
 * The record of a picture.
 *
 * @param {Blob} blob
 * @param {string} name
 */
export async function detect(blob, name) {
  return (await engine).detect(blob, name);
}

/**
 * The record of a picture and the picture without its frame: cut to a box where a person has drawn one.
 *
 * @param {Blob} blob
 * @param {string} name
 * @param {import("./engine/types.js").Box | null} [inner]
 */
export async function remove(blob, name, inner = null) {
  return (await engine).remove(blob, { name, inner });
}
