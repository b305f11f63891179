/**
 * The engine's own thread, so that the page stays quick while pictures are worked on.
 *
 * It takes messages `{id, call, args}` and answers each with `{id, value}` or `{id, error: {code, message}}`.
 */

import { Detector } from "./engine/detector.js";
import { pixels, read } from "./engine/pixels.js";
import { cut, remove } from "./engine/removal.js";
import { record, UnframeError } from "./engine/types.js";

/** @type {Promise<Detector>} */
let detector;

const calls = {
  /** @param {import("./engine/session.js").Parts} parts */
  async open(parts) {
    detector = Detector.open(parts);
    return (await detector).card;
  },

  /**
   * @param {Blob} blob
   * @param {string} name
   */
  async detect(blob, name) {
    const picture = await read(blob, name);
    try {
      return record(await (await detector).detect(pixels(picture)), name);
    } finally {
      picture.bitmap.close();
    }
  },

  /**
   * @param {Blob} blob
   * @param {string} name
   * @param {import("./engine/types.js").Box | null} inner  Where a person has said what is to remain.
   */
  async remove(blob, name, inner) {
    const picture = await read(blob, name);
    try {
      const judge = await detector;
      const found = await judge.detect(pixels(picture));
      const done = inner ? await cut(picture, found, inner, judge) : await remove(picture, found, judge);
      return { record: removalRecord(done, name), blob: done.data ?? blob };
    } finally {
      picture.bitmap.close();
    }
  },
};

/**
 * @param {import("./engine/removal.js").Removal} done
 * @param {string} name
 */
function removalRecord({ detection, result, data, refusal }, name) {
  const told = refusal ? { message: refusal.message } : {};
  return {
    ...record(detection, name),
    action: data ? "crop" : "pass",
    reason: refusal ? refusal.code : null,
    output: name,
    output_width: result.width,
    output_height: result.height,
    output_verdict: result.verdict,
    too_small: false,
    ...told,
  };
}

self.addEventListener("message", async ({ data: { id, call, args } }) => {
  try {
    // @ts-expect-error: the client names one of them, with its arguments
    self.postMessage({ id, value: await calls[call](...args) });
  } catch (error) {
    const code = error instanceof UnframeError ? error.code : "internal";
    const message = error instanceof Error ? error.message : String(error);
    self.postMessage({ id, error: { code, message } });
  }
});
