/** The network, run by ONNX Runtime's WebAssembly on one thread. */

import * as ort from "onnxruntime-web/wasm";
import { UnframeError } from "./types.js";

/**
 * What a model is made of.
 *
 * @typedef {object} Parts
 * @property {import("./card.js").Card} card
 * @property {Uint8Array} weights  The bytes of `model.onnx`.
 * @property {Uint8Array} runtime  The bytes of ONNX Runtime's WebAssembly.
 */

export class Session {
  /** @param {ort.InferenceSession} engine */
  constructor(engine) {
    this.engine = engine;
  }

  /**
   * @param {Parts} parts
   * @throws {UnframeError} The weights are not the card's, or cannot be opened.
   */
  static async open({ card, weights, runtime }) {
    await checkDigest(weights, card);
    ort.env.wasm.wasmBinary = runtime;
    ort.env.wasm.numThreads = 1; // several need headers that plain file servers do not send
    try {
      const options = { executionProviders: ["wasm"], logSeverityLevel: /** @type {const} */ (4) };
      return new Session(await ort.InferenceSession.create(weights, options));
    } catch (error) {
      throw new UnframeError("model", `the network cannot be opened: ${reason(error)}; load the page again`);
    }
  }

  /**
   * What the network answers to one image.
   *
   * @param {{thumbnail: Uint8Array, strips: Uint8Array}} inputs
   * @returns {Promise<Record<"logit" | "inner" | "outer" | "kind", Float32Array>>}
   */
  async run({ thumbnail, strips }) {
    const answers = await this.engine.run({
      thumbnail: new ort.Tensor("uint8", thumbnail, [1, 96, 96, 3]),
      strips: new ort.Tensor("uint8", strips, [1, 4, 96, 32, 4]),
    });
    const outputs = Object.entries(answers).map(([name, { data }]) => [name, /** @type {Float32Array} */ (data)]);
    return Object.fromEntries(outputs);
  }
}

/**
 * @param {Uint8Array} weights
 * @param {import("./card.js").Card} card
 */
async function checkDigest(weights, card) {
  // Browsers offer digests on https, on localhost and for local files only; elsewhere the size must do.
  const found = crypto.subtle ? hexadecimal(await crypto.subtle.digest("SHA-256", weights.slice())) : card.sha256;
  if (weights.length !== card.bytes || found !== card.sha256) {
    throw new UnframeError("model", "the weights are not those of their card; load the page again without its cache");
  }
}

/** @param {ArrayBuffer} buffer */
function hexadecimal(buffer) {
  return Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {unknown} error */
function reason(error) {
  return String(error instanceof Error ? error.message : error).split("\n")[0];
}
