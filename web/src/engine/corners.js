/**
 * Rounded corners: where a frame reaches furthest into the photograph, and no straight step tells.
 *
 * The port of `src/unframe/runtime/corners.py`, which says why.
 */

const TOLERANCE = 24;
const EVEN = 0.6;
const SMALLEST_RADIUS = 5;
const LARGEST_RADIUS = 400;
const WIDEST = 1 / 3;
const MISFIT = 0.3;
const FEWEST = 4;
const UNLIKE = 0.2;
const BESIDE = 64;

/**
 * @typedef {import("./types.js").Box} Box
 * @typedef {import("./types.js").Image} Image
 * @typedef {import("./types.js").Side} Side
 * @typedef {[red: number, green: number, blue: number]} Colour
 */

/** @type {[Side, Side][]} */
const CORNERS = [["top", "left"], ["top", "right"], ["bottom", "right"], ["bottom", "left"]];

/**
 * The largest box of the photograph that holds no rounded corner of its frame.
 *
 * @param {Image} image
 * @param {Box} inner  What lies between the straight edges of the frame.
 * @param {Side[]} sides  Sides that carry a frame. A corner is looked at where two of them meet.
 * @returns {Box}  The same box, unless two corners or more are rounded alike and none is seen to be square.
 */
export function withoutRounding(image, inner, sides) {
  const corners = CORNERS.filter((each) => each.every((side) => sides.includes(side)));
  const radii = corners.flatMap(([level, upright]) => new Corner(image, inner, level, upright).radius() ?? []);
  radii.sort((one, other) => one - other);
  const most = radii[radii.length - 1];
  if (radii.length < 2 || most - radii[0] > Math.max(2, UNLIKE * most)) return inner;
  return largest(inner, radii[Math.trunc(radii.length / 2)], new Set(corners.flat()));
}

/** One corner, turned to the top left. */
class Corner {
  /**
   * @param {Image} image
   * @param {Box} inner
   * @param {Side} level
   * @param {Side} upright
   */
  constructor(image, [left, top, right, bottom], level, upright) {
    this.image = image;
    this.low = level === "bottom";
    this.far = upright === "right";
    this.top = this.low ? image.height - bottom : top;
    this.left = this.far ? image.width - right : left;
    this.reach = Math.trunc(Math.min(WIDEST * Math.min(right - left, bottom - top), LARGEST_RADIUS));
  }

  /**
   * Where a pixel's colour stands in the image's data.
   *
   * @param {number} x
   * @param {number} y
   */
  at(x, y) {
    const { width, height } = this.image;
    return 4 * ((this.low ? height - 1 - y : y) * width + (this.far ? width - 1 - x : x));
  }

  /** Radius of the rounding in pixels, 0 for a square corner; null where neither can be seen. */
  radius() {
    if (this.reach <= SMALLEST_RADIUS) return null;
    const beside = this.beside();
    const colour = median(this.image, beside);
    const even = beside.filter((at) => apart(this.image, at, colour) <= TOLERANCE).length;
    if (even / beside.length < EVEN) return null;
    // The outermost row and column are left out: they may be the frame's, when its edge lies between two pixels.
    const whole = this.reach - 1;
    const first = Math.max(this.run(0, 0, 1, 0, whole, colour), this.run(0, 0, 0, 1, whole, colour));
    if (first === whole) return null; // the photograph's corner has the frame's colour, and shows no shape
    if (first === 0) return 0;
    // No rounding reaches further than twice as far as it covers the first row, but for the smallest.
    const reach = Math.min(whole, 2 * first + SMALLEST_RADIUS);
    const runs = Array.from({ length: reach }, (_, y) => this.run(0, y, 1, 0, reach, colour));
    return sum(runs) < FEWEST ? 0 : fitting(runs);
  }

  /**
   * How many pixels look like this colour, from one on in one direction; places are counted from the second row and
   * column of the box.
   *
   * @param {number} x
   * @param {number} y
   * @param {number} right  Step to the right.
   * @param {number} down  Step down.
   * @param {number} most
   * @param {Colour} colour
   */
  run(x, y, right, down, most, colour) {
    let length = 0;
    while (length < most) {
      const at = this.at(this.left + 1 + x + length * right, this.top + 1 + y + length * down);
      if (apart(this.image, at, colour) > TOLERANCE) break;
      length++;
    }
    return length;
  }

  /** Pixels of the frame along both edges; not the line next to the box, unless there is no other. */
  beside() {
    const { reach, top, left } = this;
    const found = [];
    for (let step = 0; step < Math.min(reach, BESIDE); step++) {
      for (let y = Math.max(top - 3, 0); y < Math.max(top - 1, 1); y++) found.push(this.at(left + step, y));
      for (let x = Math.max(left - 3, 0); x < Math.max(left - 1, 1); x++) found.push(this.at(x, top + step));
    }
    return found;
  }
}

/**
 * The radius whose rounding covers these runs of pixels best; null where none does it well.
 *
 * @param {number[]} runs
 */
function fitting(runs) {
  let best = null, least = Infinity, most = 0;
  for (let radius = SMALLEST_RADIUS; radius <= runs.length; radius++) {
    const shape = runs.map((_, y) => {
      const fromCentre = Math.max(radius - (y + 1) - 0.5, 0);
      return Math.max(Math.round(depth(radius, fromCentre)) - 1, 0);
    });
    const misfit = sum(shape.map((covered, y) => Math.abs(covered - runs[y])));
    if (misfit < least) [best, least, most] = [radius, misfit, MISFIT * sum(shape)];
  }
  return least <= most ? best : null;
}

/**
 * How far a rounding reaches in from the edge, at this distance of a parallel to it from the circle's centre.
 *
 * @param {number} radius
 * @param {number} fromCentre
 */
function depth(radius, fromCentre) {
  return radius - Math.sqrt(radius ** 2 - fromCentre ** 2);
}

/**
 * The largest box that leaves out quarter circles of this radius at the sides that are touched by one.
 *
 * @param {Box} inner
 * @param {number} radius
 * @param {Set<Side>} touched
 * @returns {Box}
 */
function largest([left, top, right, bottom], radius, touched) {
  /** @param {Side[]} sides */
  const count = (...sides) => sides.filter((side) => touched.has(side)).length;
  const across = count("left", "right"), down = count("top", "bottom");
  let best = [0, 0], most = -Infinity;
  for (let cut = 0; cut <= radius; cut++) {
    const other = Math.ceil(depth(radius, radius - cut));
    const area = (right - left - across * cut) * (bottom - top - down * other);
    if (area > most) [best, most] = [[cut, other], area];
  }
  const [sideways, upright] = best;
  return [
    left + sideways * count("left"), top + upright * count("top"),
    right - sideways * count("right"), bottom - upright * count("bottom"),
  ];
}

/**
 * The median of each channel.
 *
 * @param {Image} image
 * @param {number[]} places
 * @returns {Colour}
 */
function median({ data }, places) {
  const half = places.length / 2;
  const [red, green, blue] = [0, 1, 2].map((channel) => {
    const levels = places.map((at) => data[at + channel]).sort((one, other) => one - other);
    return (levels[Math.ceil(half) - 1] + levels[Math.floor(half)]) / 2;
  });
  return [red, green, blue];
}

/**
 * Largest difference of a channel between a pixel and a colour.
 *
 * @param {Image} image
 * @param {number} at
 * @param {Colour} colour
 */
function apart({ data }, at, [red, green, blue]) {
  return Math.max(Math.abs(data[at] - red), Math.abs(data[at + 1] - green), Math.abs(data[at + 2] - blue));
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((total, each) => total + each, 0);
}
