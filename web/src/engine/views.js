/**
 * What the network looks at: the whole picture small, and each of its four sides at nearly full resolution.
 *
 * The port of `src/unframe/runtime/views.py`, which says why. NumPy works in single precision there; `fround` after every
 * operation does the same here.
 */

import { BOX, reduce, resample, resize } from "./resample.js";
import { SIDES } from "./types.js";

export const THUMBNAIL = 96;
export const DEPTH = 96;
export const ALONG = 32;
export const CHANNELS = 4;

const SAMPLES = 8;
const REDUCING_GAP = 1;
const { fround } = Math;

/**
 * A picture averaged along one axis.
 *
 * @typedef {object} Rows
 * @property {number} length  Number of rows, from one edge of the picture to the opposite one.
 * @property {Uint8Array} data  `length × 32 × 3`.
 */

/**
 * The network's two inputs.
 *
 * @param {import("./types.js").Image} image
 * @returns {{thumbnail: Uint8Array, strips: Uint8Array}} `96 × 96 × 3` RGB, and `4 × 96 × 32 × 4`: the sides in the order
 *   of `SIDES`, of each the mean red, green and blue and the strongest step.
 */
export function views(image) {
  return { thumbnail: thumbnail(image), strips: strips(image) };
}

/** @param {import("./types.js").Image} image */
function thumbnail(image) {
  const across = Math.trunc(image.width / THUMBNAIL / REDUCING_GAP) || 1;
  const down = Math.trunc(image.height / THUMBNAIL / REDUCING_GAP) || 1;
  const small = across > 1 || down > 1 ? reduce(image, across, down) : image;
  return resize(small, [image.width / across, image.height / down], THUMBNAIL, THUMBNAIL);
}

/** @param {import("./types.js").Image} image */
function strips(image) {
  const level = averagedRows(image), upright = averagedColumns(image);
  const size = DEPTH * ALONG * CHANNELS;
  const out = new Uint8Array(SIDES.length * size);
  SIDES.forEach((side, at) => {
    const rows = side === "top" || side === "bottom" ? level : upright;
    const reversed = side === "right" || side === "bottom";
    out.set(strip(reversed ? fromOtherEdge(rows) : rows), at * size);
  });
  return out;
}

/**
 * Every pixel row averaged over 32 stretches of equal length.
 *
 * @param {import("./types.js").Image} image
 * @returns {Rows}
 */
function averagedRows({ width, height, data }) {
  const every = Math.max(1, Math.trunc(width / (ALONG * SAMPLES)));
  return averaged({ data, lines: height, length: Math.ceil(width / every), line: width * 4, pixel: every * 4 });
}

/**
 * Every pixel column averaged over 32 stretches of equal height.
 *
 * @param {import("./types.js").Image} image
 * @returns {Rows}
 */
function averagedColumns({ width, height, data }) {
  const every = Math.max(1, Math.trunc(height / (ALONG * SAMPLES)));
  return averaged({ data, lines: width, length: Math.ceil(height / every), line: 4, pixel: every * width * 4 });
}

/**
 * @param {import("./resample.js").Grid} grid
 * @returns {Rows}
 */
function averaged(grid) {
  const data = new Uint8Array(grid.lines * ALONG * 3);
  resample(grid, grid.length, BOX, { data, lines: grid.lines, length: ALONG, line: ALONG * 3, pixel: 3 });
  return { length: grid.lines, data };
}

/**
 * @param {Rows} rows
 * @returns {Rows}
 */
function fromOtherEdge({ length, data }) {
  const row = ALONG * 3;
  const turned = new Uint8Array(data.length);
  for (let y = 0; y < length; y++) turned.set(data.subarray(y * row, (y + 1) * row), (length - 1 - y) * row);
  return { length, data: turned };
}

/**
 * One side as the network sees it.
 *
 * @param {Rows} rows  The first is the image edge.
 * @returns {Uint8Array} `96 × 32 × 4`.
 */
function strip(rows) {
  const edges = boundaries(rows.length);
  const reach = Math.min(rows.length, Math.ceil(edges[DEPTH]) + 1);
  const out = new Uint8Array(DEPTH * ALONG * CHANNELS);
  for (let column = 0; column < ALONG; column++) {
    for (let channel = 0; channel < 3; channel++) writeMeans(rows, edges, reach, column, channel, out);
    writeSteps(rows, edges, reach, column, out);
  }
  return out;
}

/**
 * @param {Rows} rows
 * @param {Float64Array} edges
 * @param {number} reach
 * @param {number} column
 * @param {number} channel
 * @param {Uint8Array} out
 */
function writeMeans({ data }, edges, reach, column, channel, out) {
  const row = ALONG * 3, at = column * 3 + channel;
  let sum = 0; // of the rows before `done`; whole numbers below 2²⁴, which single precision holds
  let done = 0;
  let before = 0;
  for (let k = 0; k <= DEPTH; k++) {
    const low = Math.min(Math.trunc(edges[k]), reach - 1);
    for (; done < low; done++) sum += data[done * row + at];
    const upto = fround(sum + fround(fround(edges[k] - low) * data[low * row + at]));
    if (k > 0) {
      const mean = fround(fround(upto - before) / fround(edges[k] - edges[k - 1]));
      out[((k - 1) * ALONG + column) * CHANNELS + channel] = Math.min(Math.max(fround(mean + 0.5), 0), 255);
    }
    before = upto;
  }
}

/**
 * Write the largest difference, of any channel, between neighbouring pixel rows in each row of the strip.
 *
 * @param {Rows} rows
 * @param {Float64Array} edges
 * @param {number} reach
 * @param {number} column
 * @param {Uint8Array} out
 */
function writeSteps({ data }, edges, reach, column, out) {
  for (let k = 0; k < DEPTH; k++) {
    // A step on a boundary belongs to the row that it opens.
    const first = Math.min(Math.ceil(edges[k] - 1e-6), reach - 1);
    const next = k + 1 < DEPTH ? Math.min(Math.ceil(edges[k + 1] - 1e-6), reach - 1) : reach;
    let strongest = 0;
    for (let y = Math.max(first, 1); y < next; y++) strongest = Math.max(strongest, step(data, y, column));
    out[(k * ALONG + column) * CHANNELS + 3] = Math.min(fround(16 * fround(Math.sqrt(strongest))), 255);
  }
}

/**
 * @param {Uint8Array} data
 * @param {number} y  The step lies between this row and the one before it.
 * @param {number} column
 */
function step(data, y, column) {
  const here = (y * ALONG + column) * 3, there = here - ALONG * 3;
  return Math.max(
    Math.abs(data[here] - data[there]),
    Math.abs(data[here + 1] - data[there + 1]),
    Math.abs(data[here + 2] - data[there + 2]),
  );
}

/** @type {Map<number, Float64Array>} */
const known = new Map();

/**
 * Where the rows of a strip begin and end, in pixels from the image edge: 97 numbers from 0 to half of the length.
 *
 * @param {number} length  The image's extent across the side, in pixels.
 * @returns {Float64Array}
 */
export function boundaries(length) {
  let edges = known.get(length);
  if (!edges) {
    edges = length / 2 <= DEPTH ? evenly(length / 2) : growing(length / 2);
    known.set(length, edges);
  }
  return edges;
}

/** @param {number} half */
function evenly(half) {
  return Float64Array.from({ length: DEPTH + 1 }, (_, k) => (k < DEPTH ? k * (half / DEPTH) : half));
}

/** @param {number} half */
function growing(half) {
  let low = 1 + 1e-9, high = 2;
  for (let round = 0; round < 60; round++) {
    const factor = (low + high) / 2;
    if ((factor ** DEPTH - 1) / (factor - 1) < half) low = factor;
    else high = factor;
  }
  const edges = Float64Array.from({ length: DEPTH + 1 }, (_, k) => (low ** k - 1) / (low - 1));
  edges[DEPTH] = half;
  return edges;
}
