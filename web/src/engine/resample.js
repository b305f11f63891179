/**
 * Resizing with the very numbers of Pillow, whose resizer made what the network was trained on.
 *
 * Pillow resizes 8-bit pictures in fixed point, one axis after the other, with a rounding to 8 bits in between
 * (`src/libImaging/Resample.c`), and reduces by whole factors with a reciprocal in fixed point
 * (`src/libImaging/Reduce.c`). A resizer that is merely as good differs by a grey level here and there; this one does
 * not, and `tests/web/` holds it to that.
 */

const PRECISION = 1 << 22; // 32 bits less 8 of a pixel and 2 of headroom
const HALF = PRECISION / 2;

/**
 * Evenly spaced pixels in an array: a picture, a part of one, or one seen from another side.
 *
 * @typedef {object} Grid
 * @property {ArrayLike<number>} data  Samples; the three of a pixel lie side by side.
 * @property {number} lines  Number of lines across the axis that is resized.
 * @property {number} length  Pixels of a line, along that axis.
 * @property {number} line  Samples from a line to the next.
 * @property {number} pixel  Samples from a pixel of a line to the next.
 */

/**
 * @typedef {object} Filter
 * @property {number} support  Reach to either side, in pixels of the result.
 * @property {(x: number) => number} weight
 */

/** @type {Filter} */
export const BOX = { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) };

/** @type {Filter} */
const BILINEAR = { support: 1, weight: (x) => Math.max(1 - Math.abs(x), 0) };

/**
 * Resize along one axis.
 *
 * @param {Grid} from
 * @param {number} extent  How much of a line is taken, from its first pixel, in pixels; may end within the last one.
 * @param {Filter} filter
 * @param {Grid} to  Its data is written; it has as many lines as `from`.
 */
export function resample(from, extent, filter, to) {
  const taps = weights(from.length, extent, to.length, filter);
  const target = /** @type {Uint8Array} */ (to.data);
  for (let y = 0; y < from.lines; y++) {
    for (let x = 0; x < to.length; x++) {
      const { first, factors } = taps[x];
      let red = HALF, green = HALF, blue = HALF;
      let at = y * from.line + first * from.pixel;
      for (const factor of factors) {
        red += factor * from.data[at];
        green += factor * from.data[at + 1];
        blue += factor * from.data[at + 2];
        at += from.pixel;
      }
      const out = y * to.line + x * to.pixel;
      target[out] = red / PRECISION; // neither filter has negative weights: the sum is never out of range
      target[out + 1] = green / PRECISION;
      target[out + 2] = blue / PRECISION;
    }
  }
}

/**
 * What each pixel of the result is made of.
 *
 * @param {number} length
 * @param {number} extent
 * @param {number} size
 * @param {Filter} filter
 */
function weights(length, extent, size, filter) {
  const scale = Math.fround(extent) / size; // Pillow keeps boxes in single precision
  const spread = Math.max(scale, 1);
  const support = filter.support * spread;
  return Array.from({ length: size }, (_, x) => {
    const center = (x + 0.5) * scale;
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), length);
    const raw = Array.from({ length: end - first }, (_, k) => filter.weight((k + first - center + 0.5) * (1 / spread)));
    const sum = raw.reduce((total, each) => total + each, 0);
    return { first, factors: raw.map((each) => Math.trunc(0.5 + (sum === 0 ? each : each / sum) * PRECISION)) };
  });
}

/**
 * Resize a picture by bilinear interpolation, which averages where it makes smaller.
 *
 * @param {import("./types.js").Image} image
 * @param {[across: number, down: number]} extent  How much of the picture is taken, in pixels, as in `resample`.
 * @param {number} width
 * @param {number} height
 * @returns {Uint8Array} `height × width × 3`.
 */
export function resize(image, extent, width, height) {
  const whole = { data: image.data, lines: image.height, length: image.width, line: image.width * 4, pixel: 4 };
  const out = new Uint8Array(height * width * 3);
  // The order matters by a grey level, as it is rounded in between. Pillow goes down first where much is lost there.
  if (image.height > height && image.height - height > 2 * (image.width - width)) {
    const low = new Uint8Array(height * image.width * 3);
    const row = image.width * 3;
    resample(turned(whole), extent[1], BILINEAR, { data: low, lines: image.width, length: height, line: 3, pixel: row });
    const from = { data: low, lines: height, length: image.width, line: row, pixel: 3 };
    resample(from, extent[0], BILINEAR, { data: out, lines: height, length: width, line: width * 3, pixel: 3 });
  } else {
    const narrow = new Uint8Array(image.height * width * 3);
    const row = width * 3;
    const to = { data: narrow, lines: image.height, length: width, line: row, pixel: 3 };
    resample(whole, extent[0], BILINEAR, to);
    resample(turned(to), extent[1], BILINEAR, { data: out, lines: width, length: height, line: 3, pixel: row });
  }
  return out;
}

/**
 * @param {Grid} grid
 * @returns {Grid} The same pixels with lines across what its lines were.
 */
function turned({ data, lines, length, line, pixel }) {
  return { data, lines: length, length: lines, line: pixel, pixel: line };
}

/**
 * Average whole blocks of pixels; what is left over at the right and at the bottom makes smaller blocks.
 *
 * @param {import("./types.js").Image} image
 * @param {number} across  Width of a block.
 * @param {number} down  Height of a block.
 * @returns {import("./types.js").Image}
 */
export function reduce(image, across, down) {
  const width = Math.ceil(image.width / across), height = Math.ceil(image.height / down);
  const data = new Uint8ClampedArray(width * height * 4);
  const sums = new Uint32Array(width * 3);
  for (let y = 0; y < height; y++) {
    const rows = Math.min(down, image.height - y * down);
    sums.fill(0);
    for (let row = y * down; row < y * down + rows; row++) addBlocks(image, row, across, sums);
    for (let x = 0; x < width; x++) {
      const pixels = rows * Math.min(across, image.width - x * across);
      const reciprocal = Math.floor(Math.fround(2 ** 24 / pixels));
      for (let channel = 0; channel < 3; channel++) {
        const sum = sums[3 * x + channel] + Math.trunc(pixels / 2);
        data[4 * (y * width + x) + channel] = Math.floor((sum * reciprocal) / 2 ** 24);
      }
    }
  }
  return { width, height, data };
}

/**
 * @param {import("./types.js").Image} image
 * @param {number} row
 * @param {number} across
 * @param {Uint32Array} sums
 */
function addBlocks(image, row, across, sums) {
  let at = row * image.width * 4;
  for (let left = 0, x = 0; left < image.width; left += across, x += 3) {
    for (let end = Math.min(left + across, image.width), column = left; column < end; column++, at += 4) {
      sums[x] += image.data[at];
      sums[x + 1] += image.data[at + 1];
      sums[x + 2] += image.data[at + 2];
    }
  }
}
