/**
 * The words that the engine's modules share; they are those of `src/unframe/types.py`.
 *
 * @typedef {object} Image  Pixels, upright and opaque.
 * @property {number} width
 * @property {number} height
 * @property {Uint8ClampedArray} data  RGBA, `height × width × 4`, 0 to 255; the last of four is 255 and never read.
 *
 * @typedef {[left: number, top: number, right: number, bottom: number]} Box  Pixels; right and bottom are exclusive.
 *
 * @typedef {"top" | "right" | "bottom" | "left"} Side
 *
 * @typedef {"framed" | "clean" | "review"} Verdict
 *
 * @typedef {object} Frame
 * @property {Box} inner  The photograph that remains when the frame is cut away.
 * @property {Box} outer  Where the frame begins, seen from outside.
 * @property {Side[]} sides  In the order of `SIDES`.
 * @property {string} kind  One of `KINDS`.
 *
 * @typedef {object} Detection
 * @property {Verdict} verdict
 * @property {number} probability  0 to 1.
 * @property {boolean} framed  Whether the probability reaches the decision threshold.
 * @property {Frame | null} frame  Null exactly when not framed.
 * @property {number} width
 * @property {number} height
 * @property {string} detector
 * @property {string} model
 */

/** @type {Side[]} */
export const SIDES = ["top", "right", "bottom", "left"];

export const KINDS = ["border", "inset", "keyline", "padding", "banner", "decorative"];

/** An error whose code is one of those in `docs/errors.md`. */
export class UnframeError extends Error {
  /**
   * @param {string} code
   * @param {string} message  What is wrong, with which value, and what to do about it.
   */
  constructor(code, message) {
    super(message);
    this.name = "UnframeError";
    this.code = code;
  }
}

/**
 * A detection as the flat record that every output of unframe uses.
 *
 * @param {Detection} found
 * @param {string} path  What the record calls the image.
 */
export function record(found, path) {
  const { frame } = found;
  return {
    path,
    status: "ok",
    width: found.width,
    height: found.height,
    verdict: found.verdict,
    framed: found.framed,
    probability: Math.round(found.probability * 1e4) / 1e4,
    kind: frame ? frame.kind : null,
    sides: frame ? frame.sides : [],
    inner: frame ? frame.inner : null,
    outer: frame ? frame.outer : null,
    detector: found.detector,
    model: found.model,
  };
}
