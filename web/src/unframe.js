/**
 * unframe for pages: tells whether a product photograph carries an added frame, where it is, and takes it off, all in the
 * browser that shows the page. No picture leaves it.
 *
 * ```js
 * import { Unframe } from "./unframe.js";
 *
 * const unframe = await Unframe.load();
 * const { verdict, probability, inner } = await unframe.detect(file);
 * const { blob } = await unframe.remove(file);
 * ```
 */

import { UnframeError } from "./engine/types.js";
import { fetchParts } from "./parts.js";

export { UnframeError };

export class Unframe {
  /** @param {Worker} worker */
  constructor(worker) {
    this.worker = worker;
    this.last = 0;
    /** @type {import("./engine/card.js").Card | undefined} */
    this.card = undefined;
    /** @type {Map<number, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.open = new Map();
    worker.addEventListener("message", ({ data: { id, value, error } }) => {
      const call = this.open.get(id);
      this.open.delete(id);
      if (error) call?.reject(new UnframeError(error.code, error.message));
      else call?.resolve(value);
    });
    /** @type {UnframeError | undefined} */
    this.failure = undefined;
    worker.addEventListener("error", ({ message = "its script cannot be loaded" }) => {
      this.failure = new UnframeError("internal", `the engine stopped: ${message}; load the page again`);
      for (const { reject } of this.open.values()) reject(this.failure);
      this.open.clear();
    });
  }

  /**
   * Load the network and what runs it: a megabyte of weights and four of ONNX Runtime, once.
   *
   * @param {object} [options]
   * @param {Worker} [options.worker]  The engine's thread; from `worker.js` beside this file when omitted.
   * @param {Promise<import("./engine/session.js").Parts>} [options.parts]  From the files beside this one when omitted.
   * @throws {UnframeError} `model`: they cannot be loaded, or are not what their card says.
   */
  static async load({ worker, parts } = {}) {
    const loading = parts ?? fetchParts(new URL(".", import.meta.url));
    const unframe = new Unframe(worker ?? new Worker(new URL("worker.js", import.meta.url)));
    unframe.card = await unframe.call("open", await loading);
    return unframe;
  }

  /**
   * Judge a picture.
   *
   * @param {Blob} blob  An encoded picture, as a file that was chosen.
   * @param {string} [name]  What the record and messages call it.
   * @returns {Promise<ReturnType<typeof import("./engine/types.js").record>>} The record that `unframe detect` prints.
   * @throws {UnframeError} It cannot be read, or is over a limit.
   */
  detect(blob, name = nameOf(blob)) {
    return this.call("detect", blob, name);
  }

  /**
   * Take the frame off a picture by cutting it to the photograph; a picture without one comes back as it is.
   *
   * @param {Blob} blob  An encoded picture.
   * @param {object} [options]
   * @param {string} [options.name]  What the record and messages call it.
   * @param {import("./engine/types.js").Box | null} [options.inner]  What is to remain, where a person has said it.
   * @returns {Promise<{record: object, blob: Blob}>} The record that `unframe remove` prints, and the picture.
   * @throws {UnframeError} It cannot be read, or is over a limit.
   */
  remove(blob, { name = nameOf(blob), inner = null } = {}) {
    return this.call("remove", blob, name, inner);
  }

  /**
   * @param {string} call
   * @param {unknown[]} args
   * @returns {Promise<any>}
   */
  call(call, ...args) {
    if (this.failure) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => {
      const id = ++this.last;
      this.open.set(id, { resolve, reject });
      this.worker.postMessage({ id, call, args });
    });
  }
}

/** @param {Blob} blob */
function nameOf(blob) {
  return blob instanceof File ? blob.name : "image";
}
