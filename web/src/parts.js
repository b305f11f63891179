/** Where the network and its runtime come from. */

import { UnframeError } from "./engine/types.js";

/**
 * The parts from files that lie together.
 *
 * @param {URL} folder
 * @returns {Promise<import("./engine/session.js").Parts>}
 * @throws {UnframeError} `model`: one of them cannot be loaded.
 */
export async function fetchParts(folder) {
  const [card, weights, runtime] = await Promise.all(
    ["card.json", "model.onnx", "runtime.wasm.gz"].map((name) => fetchFile(new URL(name, folder))),
  );
  return assemble(card, weights, runtime);
}

/**
 * @param {Uint8Array} card
 * @param {Uint8Array} weights
 * @param {Uint8Array} runtime
 */
export async function assemble(card, weights, runtime) {
  return { card: JSON.parse(new TextDecoder().decode(card)), weights, runtime: await unpacked(runtime) };
}

/** @param {URL} url */
async function fetchFile(url) {
  const name = url.pathname.split("/").pop();
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) {
    const why = response ? `the server answers ${response.status}` : "there is no connection";
    throw new UnframeError("model", `${name} cannot be loaded: ${why}; load the page again`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

/**
 * Unpack gzip. Some servers say of a .gz file that it is an encoding, and the browser has then unpacked it already.
 *
 * @param {Uint8Array} data
 */
async function unpacked(data) {
  if (data[0] !== 0x1f || data[1] !== 0x8b) return data;
  const stream = new Blob([data.slice()]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
