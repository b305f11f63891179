/** The card beside the weights: what of it the browser needs, checked before it is used. */

import { KINDS, SIDES, UnframeError } from "./types.js";
import { ALONG, CHANNELS, DEPTH, THUMBNAIL } from "./views.js";

const SHAPES = {
  input: { thumbnail: [THUMBNAIL, THUMBNAIL, 3], strips: [SIDES.length, DEPTH, ALONG, CHANNELS] },
  output: { logit: [1], inner: [SIDES.length, DEPTH], outer: [SIDES.length, DEPTH], kind: [KINDS.length] },
};

/**
 * @typedef {object} Card
 * @property {string} name
 * @property {{clean_below: number, decision: number, framed_above: number}} thresholds
 * @property {{a: number, b: number}} calibration
 * @property {string} sha256
 * @property {number} bytes
 */

/**
 * The card that a parsed JSON text holds.
 *
 * @param {any} values
 * @returns {Card}
 * @throws {UnframeError} It is of a network that the browser cannot feed or read.
 */
export function readCard(values) {
  const refuse = (/** @type {string} */ what) => {
    throw new UnframeError("model", `card of ${values?.name}: ${what}; build the page with a network that it knows`);
  };
  if (String(values?.format).split(".")[0] !== "1") refuse(`format is ${values?.format}, not 1.x`);
  if (values.input.kind !== "views") refuse(`input.kind is ${values.input.kind}, not views`);
  if (!sameShapes(values.input.shapes, SHAPES.input)) refuse(`input.shapes are ${JSON.stringify(values.input.shapes)}`);
  if (!sameShapes(values.outputs, SHAPES.output)) refuse(`outputs are ${JSON.stringify(values.outputs)}`);
  return values;
}

/**
 * The calibrated probability that an image with this logit is framed.
 *
 * @param {Card} card
 * @param {number} logit
 */
export function probability({ calibration: { a, b } }, logit) {
  return 0.5 * (1 + Math.tanh(0.5 * (a * logit + b)));
}

/**
 * @param {Card} card
 * @param {number} chance  A calibrated probability.
 * @returns {import("./types.js").Verdict}
 */
export function verdict({ thresholds }, chance) {
  if (chance >= thresholds.framed_above) return "framed";
  return chance < thresholds.clean_below ? "clean" : "review";
}

/**
 * @param {Record<string, number[]>} found
 * @param {Record<string, number[]>} wanted
 */
function sameShapes(found, wanted) {
  const names = Object.keys(wanted);
  return Object.keys(found).length === names.length && names.every((name) => String(found[name]) === String(wanted[name]));
}
