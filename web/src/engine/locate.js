/**
 * From the network's coarse answer to boxes that are exact to the pixel.
 *
 * The port of `src/unframe/runtime/locate.py`, which says why.
 */

import { KINDS, SIDES } from "./types.js";
import { boundaries, DEPTH } from "./views.js";

const STEP_WEIGHT = 1.5;
const STEP_LIMIT = 48;
const LEAST_LIKELY = 0.01;
const COLUMNS = 256;
const NONE = 0;
const { fround } = Math;

/**
 * The network's outputs for one image, as logits.
 *
 * @typedef {object} Evidence
 * @property {Float32Array} inner  `4 × 96`: in which row of each side's strip the photograph begins; row 0: no frame.
 * @property {Float32Array} outer  `4 × 96`: likewise where the frame begins; row 0: at the image edge.
 * @property {Float32Array} kind  In the order of `KINDS`.
 *
 * @typedef {import("./types.js").Image} Image
 * @typedef {import("./types.js").Side} Side
 * @typedef {Record<Side, number>} Insets
 */

/**
 * Where the frame of an image lies that the network holds framed.
 *
 * @param {Image} image
 * @param {Evidence} evidence
 * @returns {import("./types.js").Frame}
 */
export function locate(image, evidence) {
  const inner = SIDES.map((_, at) => evidence.inner.subarray(at * DEPTH, (at + 1) * DEPTH));
  const outer = SIDES.map((_, at) => evidence.outer.subarray(at * DEPTH, (at + 1) * DEPTH));
  const absent = Float32Array.from(inner, (logits) => softmax(logits)[NONE]);
  const likeliest = indexOfLargest(absent.map((each) => -each));
  const framed = SIDES.map((_, at) => absent[at] < 0.5 || at === likeliest);
  /** @type {Partial<Insets>} */
  const coarse = {};
  SIDES.forEach((side, at) => {
    if (framed[at]) coarse[side] = indexOfLargest(inner[at].subarray(1)) + 1;
  });
  /** @type {Insets} */
  const insets = { top: 0, right: 0, bottom: 0, left: 0 };
  /** @type {Insets} */
  const margins = { top: 0, right: 0, bottom: 0, left: 0 };
  SIDES.forEach((side, at) => {
    if (!framed[at]) return;
    const view = new View(image, side, coarse);
    insets[side] = view.place(inner[at], view.half);
    if (softmax(outer[at])[NONE] < 0.5 && insets[side] > 1) margins[side] = view.place(outer[at], insets[side] - 1);
  });
  const found = SIDES.filter((side) => insets[side] > 0);
  return {
    inner: box(insets, image),
    outer: box(margins, image),
    sides: found.length ? found : [SIDES[likeliest]],
    kind: KINDS[indexOfLargest(evidence.kind)],
  };
}

/** An image seen from one side: rows are pixels from that edge, columns run along it. */
class View {
  /**
   * The image from this side, without the frame that its neighbours carry.
   *
   * @param {Image} image
   * @param {Side} side
   * @param {Partial<Insets>} coarse  The likeliest row of each side that carries a frame.
   */
  constructor(image, side, coarse) {
    const level = side === "top" || side === "bottom";
    const along = level ? image.width : image.height;
    /** @type {[Side, Side]} */
    const ends = level ? ["left", "right"] : ["top", "bottom"];
    let [begin, end] = ends.map((each) => Math.trunc(boundaries(along)[coarse[each] ?? NONE]));
    if (begin + end >= along - 8) begin = end = 0;
    const every = Math.max(1, Math.trunc((along - begin - end) / COLUMNS));
    const [across, sideways] = level ? [image.width * 4, 4] : [4, image.width * 4];
    this.data = image.data;
    this.length = level ? image.height : image.width;
    this.columns = Math.ceil((along - begin - end) / every);
    this.column = every * sideways;
    const far = side === "bottom" || side === "right";
    this.start = begin * sideways + (far ? (this.length - 1) * across : 0);
    this.row = far ? -across : across;
  }

  /** The furthest place at which a frame may end and leave a pixel for the opposite side. */
  get half() {
    return Math.max(Math.trunc((this.length - 1) / 2), 0);
  }

  /**
   * The pixel, 1 to `most`, at which an edge is likely and can be seen; 0 when there is no such pixel.
   *
   * @param {Float32Array} logits
   * @param {number} most
   */
  place(logits, most) {
    if (most < 1) return 0;
    const edges = boundaries(this.length);
    const likelihood = softmax(logits);
    likelihood[NONE] = 0;
    const largest = Math.max(...likelihood);
    const least = fround(fround(LEAST_LIKELY) * largest);
    const first = likelihood.findIndex((each) => each >= least);
    const last = likelihood.findLastIndex((each) => each >= least);
    const low = clip(Math.floor(edges[Math.max(first - 1, 0)]), 1, most);
    const high = clip(Math.ceil(edges[Math.min(last + 2, DEPTH)]), low, most);
    const middles = Float64Array.from({ length: DEPTH }, (_, k) => (edges[k] + edges[k + 1] - 1) / 2);
    const faint = fround(fround(1e-4) * largest);
    let best = low, bestScore = -Infinity;
    for (let at = low; at <= high; at++) {
      const prior = interpolate(at, middles, likelihood);
      const score = Math.log(prior + faint) + STEP_WEIGHT * Math.log1p(this.step(at));
      if (score > bestScore) [best, bestScore] = [at, score];
    }
    return best;
  }

  /**
   * Mean step, in grey levels, between this pixel row and the one before it.
   *
   * @param {number} y
   */
  step(y) {
    const { data } = this;
    let sum = 0;
    for (let x = 0, here = this.start + y * this.row; x < this.columns; x++, here += this.column) {
      const there = here - this.row;
      const red = Math.abs(data[here] - data[there]);
      const green = Math.abs(data[here + 1] - data[there + 1]);
      const blue = Math.abs(data[here + 2] - data[there + 2]);
      sum += Math.min(Math.max(red, green, blue), STEP_LIMIT);
    }
    return sum / this.columns;
  }
}

/**
 * @param {Float32Array} logits
 * @returns {Float32Array}
 */
function softmax(logits) {
  const largest = Math.max(...logits);
  const grown = logits.map((each) => Math.exp(fround(each - largest)));
  const sum = fround(grown.reduce((total, each) => total + each, 0));
  return grown.map((each) => each / sum);
}

/**
 * @param {number} x
 * @param {Float64Array} places  Growing.
 * @param {Float32Array} values
 */
function interpolate(x, places, values) {
  const last = places.length - 1;
  if (x <= places[0]) return values[0];
  if (x >= places[last]) return values[last];
  const k = places.findLastIndex((each) => each <= x);
  return ((values[k + 1] - values[k]) / (places[k + 1] - places[k])) * (x - places[k]) + values[k];
}

/**
 * @param {number} value
 * @param {number} least
 * @param {number} most
 */
function clip(value, least, most) {
  return Math.min(Math.max(value, least), most);
}

/** @param {Float32Array} values */
function indexOfLargest(values) {
  return values.indexOf(Math.max(...values));
}

/**
 * @param {Insets} insets
 * @param {Image} image
 * @returns {import("./types.js").Box}
 */
function box(insets, { width, height }) {
  return [insets.left, insets.top, width - insets.right, height - insets.bottom];
}
