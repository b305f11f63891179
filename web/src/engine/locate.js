/**
 * From the network's coarse answer to boxes that are exact to the pixel.
 *
 * The port of `src/unframe/runtime/locate.py`, which says why.
 */

import { withoutRounding } from "./corners.js";
import { KINDS, SIDES } from "./types.js";
import { boundaries, DEPTH } from "./views.js";

/** Pixels of a picture's shorter side at least: on smaller ones there is no room for a frame and what it frames. */
export const SMALLEST = 8;

const STEP_WEIGHT = 1.5;
const STEP_LIMIT = 48;
const LEAST_LIKELY = 0.01;
const PEAKS = 5;
const OPPOSITE = 1.5;
const NEIGHBOUR = 1;
const BOTH_OPEN = 1;
const NEAR = 1;
const COLUMNS = 256;
const NONE = 0;
const ROUNDS = 4;
const FLOOR = 1e-6;
const { fround } = Math;

/**
 * The network's outputs for one image, as logits.
 *
 * @typedef {object} Evidence
 * @property {Float32Array} inner  `4 × 96`: in which row of each side's strip the photograph begins; row 0: no frame.
 * @property {Float32Array} outer  `4 × 96`: likewise where the frame begins; row 0: at the image edge.
 * @property {Float32Array} kind  In the order of `KINDS`.
 *
 * Where the edge of one side may be.
 *
 * @typedef {object} Choices
 * @property {number} none  Logarithm of the likelihood that there is no edge.
 * @property {number} first  The first place, in pixels from the image edge.
 * @property {Float64Array} scores  For each place from the first on, the logarithm of its likelihood, if there is an
 *   edge, with what the picture shows weighed in.
 *
 * @typedef {import("./types.js").Image} Image
 * @typedef {import("./types.js").Side} Side
 */

/**
 * Where the frame of an image lies that the network holds framed.
 *
 * @param {Image} image  Both sides have `SMALLEST` pixels or more.
 * @param {Evidence} evidence
 * @returns {import("./types.js").Frame}
 */
export function locate(image, evidence) {
  const inner = perSide(evidence.inner), outer = perSide(evidence.outer);
  const absent = inner.map((logits) => softmax(logits)[NONE]);
  const sought = indexOfLargest(absent.map((each) => -each));
  /** @type {Partial<Record<Side, number>>} */
  const coarse = {};
  SIDES.forEach((side, at) => {
    if (absent[at] < 0.5) coarse[side] = indexOfLargest(inner[at].subarray(1)) + 1;
  });
  const views = SIDES.map((side) => new View(image, side, coarse));
  const ends = views.map((view, at) => view.choices(inner[at], view.half, at === sought));
  const insets = agreed(ends) ?? likeliestAlone(ends);
  const begins = views.map((view, at) => view.choices(outer[at], insets[at] - 1));
  const margins = agreed(begins) ?? SIDES.map(() => 0);
  const sides = SIDES.filter((_, at) => insets[at] > 0);
  return {
    inner: withoutRounding(image, box(insets, image), sides),
    outer: box(margins, image),
    sides,
    kind: KINDS[indexOfLargest(evidence.kind)],
  };
}

/** @param {Float32Array} logits */
function perSide(logits) {
  return SIDES.map((_, at) => logits.subarray(at * DEPTH, (at + 1) * DEPTH));
}

/**
 * The best places, no two of them next to each other.
 *
 * @param {Choices} choices
 */
function peaks({ first, scores }) {
  const left = scores.slice();
  const found = [];
  while (found.length < PEAKS) {
    const best = indexOfLargest(left);
    if (!(left[best] > -Infinity)) break; // none is left, or there never was one
    found.push(first + best);
    left.fill(-Infinity, Math.max(best - NEAR, 0), best + NEAR + 1);
  }
  return found;
}

/**
 * Scores of these places, of which 0 stands for no edge.
 *
 * @param {Choices} choices
 * @param {number[]} places
 */
function scoresAt({ none, first, scores }, places) {
  return places.map((place) => (place === 0 ? none : (scores[place - first] ?? -Infinity)));
}

/**
 * The places, in the order of the sides, that are likely and agree best; 0 for no edge. Null when all are 0.
 *
 * @param {Choices[]} sides
 */
function agreed(sides) {
  const places = [...new Set([0, ...sides.flatMap(peaks)])].sort((one, other) => one - other);
  const scores = sides.map((each) => scoresAt(each, places));
  const same = places.map((one) => places.map((other) => one > 0 && other > 0 && Math.abs(one - other) <= NEAR));
  const chosen = scores.map(indexOfLargest);
  for (let round = 0; round < ROUNDS; round++) {
    const before = String(chosen);
    for (const [pair, beside] of [[[0, 2], [1, 3]], [[1, 3], [0, 2]]]) {
      const neighbours = same.map((row) => NEIGHBOUR * beside.filter((each) => row[chosen[each]]).length);
      const [one, other] = pair.map((each) => scores[each].map((score, at) => score + neighbours[at]));
      [chosen[pair[0]], chosen[pair[1]]] = bestPair(one, other, places, same);
    }
    if (String(chosen) === before) break;
  }
  return chosen.some((at) => at > 0) ? chosen.map((at) => places[at]) : null;
}

/**
 * Which of the places suit two opposite sides best.
 *
 * @param {number[]} one
 * @param {number[]} other
 * @param {number[]} places
 * @param {boolean[][]} same
 */
function bestPair(one, other, places, same) {
  let best = [0, 0], most = -Infinity;
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < places.length; j++) {
      const open = places[i] === 0 && places[j] === 0;
      const total = one[i] + other[j] + (OPPOSITE * Number(same[i][j]) + BOTH_OPEN * Number(open));
      if (total > most) [best, most] = [[i, j], total];
    }
  }
  return best;
}

/**
 * A place on the side that most likely has one, 0 on all others.
 *
 * @param {Choices[]} sides
 */
function likeliestAlone(sides) {
  const best = indexOfLargest(sides.map(({ none, scores }) => Math.max(...scores) - none));
  return sides.map((each, at) => (at === best ? peaks(each)[0] : 0));
}

/** An image seen from one side: rows are pixels from that edge, columns run along it. */
class View {
  /**
   * The image from this side, without the frame that its neighbours carry.
   *
   * @param {Image} image
   * @param {Side} side
   * @param {Partial<Record<Side, number>>} coarse  The likeliest row of each side that carries a frame.
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
   * The places, 1 to `most`, at which an edge is likely, by how likely it is and how well it can be seen.
   *
   * @param {Float32Array} logits
   * @param {number} most
   * @param {boolean} [sought]  Whether there must be such places, however certain it is that there is no edge.
   * @returns {Choices}
   */
  choices(logits, most, sought = false) {
    const absent = softmax(logits)[NONE];
    const none = Math.log(absent + FLOOR);
    if (most < 1 || (1 - absent < LEAST_LIKELY && !sought)) return { none, first: 1, scores: new Float64Array(0) };
    const edges = boundaries(this.length);
    const likelihood = new Float64Array(DEPTH);
    likelihood.set(softmax(logits.subarray(NONE + 1)), NONE + 1); // if there is an edge at all
    const largest = Math.max(...likelihood);
    const least = LEAST_LIKELY * largest;
    const low = clip(Math.floor(edges[Math.max(likelihood.findIndex((each) => each >= least) - 1, 0)]), 1, most);
    const last = likelihood.findLastIndex((each) => each >= least);
    const high = clip(Math.ceil(edges[Math.min(last + 2, DEPTH)]), low, most);
    const middles = Float64Array.from({ length: DEPTH }, (_, k) => (edges[k] + edges[k + 1] - 1) / 2);
    const faint = 1e-4 * largest;
    const scores = Float64Array.from({ length: high - low + 1 }, (_, k) => {
      const prior = interpolate(low + k, middles, likelihood);
      return Math.log(prior + faint) + STEP_WEIGHT * Math.log1p(this.step(low + k));
    });
    const shift = Math.log(1 - absent + FLOOR);
    const strongest = Math.max(...scores);
    return { none, first: low, scores: scores.map((each) => each - strongest + shift) };
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
 * @param {Float64Array} values
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

/** @param {ArrayLike<number>} values */
function indexOfLargest(values) {
  let best = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[best]) best = at;
  return best;
}

/**
 * @param {number[]} insets  In the order of the sides.
 * @param {Image} image
 * @returns {import("./types.js").Box}
 */
function box([top, right, bottom, left], { width, height }) {
  return [left, top, width - right, height - bottom];
}
