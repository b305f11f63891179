/** Taking a frame off by cropping: plan, cut, and judge the result again; as `src/unframe/removal/` does. */

import { crop, pixels, read } from "./pixels.js";
import { UnframeError } from "./types.js";

const LARGEST_CUT = 0.45;
/** Pixels beside a frame that may go with it: compression and resampling smear its edge into the photograph. */
const FRINGE = 2;

/**
 * What was done to one picture.
 *
 * @typedef {object} Removal
 * @property {import("./types.js").Detection} detection  What was found in the picture as it came in.
 * @property {import("./types.js").Detection} result  What was found in the result.
 * @property {Blob | null} data  The result; null where the picture was left as it is.
 * @property {UnframeError | null} refusal  Why a frame was left in place.
 */

/**
 * The photograph inside the frame; null for a clean picture, to which nothing is done.
 *
 * @param {import("./types.js").Detection} found
 * @returns {import("./types.js").Box | null}
 * @throws {UnframeError} `review` or `too-much`: the frame is left in place.
 */
export function plan({ verdict, probability, frame, width, height }) {
  if (verdict === "review") {
    const doubt = `a frame has probability ${probability.toFixed(2)}, too close to call`;
    const advice = frame ? "look at it" : "no frame was located, so there is nothing to cut; look at it";
    throw new UnframeError("review", `${doubt}; ${advice}`);
  }
  if (!frame) return null;
  const [left, top, right, bottom] = frame.inner;
  for (const [name, kept, whole] of /** @type {const} */ ([["width", right - left, width], ["height", bottom - top, height]])) {
    if (whole - kept > LARGEST_CUT * whole) {
      const cut = Math.round((100 * (whole - kept)) / whole);
      throw new UnframeError("too-much", `${cut}% of the ${name} would be cut away, over 45%; look at it, or force it`);
    }
  }
  return frame.inner;
}

/**
 * The photograph without so many pixels beside each side's frame; null where that would be too much.
 *
 * @param {import("./types.js").Detection} found
 * @param {number} more
 * @returns {import("./types.js").Box | null}
 */
export function closer(found, more) {
  const { frame } = found;
  if (!frame) return null;
  const [left, top, right, bottom] = frame.inner;
  const by = (/** @type {import("./types.js").Side} */ side) => (frame.sides.includes(side) ? more : 0);
  /** @type {import("./types.js").Box} */
  const inner = [left + by("left"), top + by("top"), right - by("right"), bottom - by("bottom")];
  if (inner[0] >= inner[2] || inner[1] >= inner[3]) return null;
  try {
    return plan({ ...found, frame: { ...frame, inner } });
  } catch (error) {
    if (!(error instanceof UnframeError)) throw error;
    return null;
  }
}

/**
 * 0 for a clean result, 1 for one that may be framed, 2 for a framed one.
 *
 * @param {Removal} done
 */
function doubt({ result }) {
  return Number(result.verdict !== "clean") + Number(result.framed);
}

/**
 * Take the frame off a picture.
 *
 * @param {import("./pixels.js").Picture} picture
 * @param {import("./types.js").Detection} found
 * @param {import("./detector.js").Detector} detector
 * @returns {Promise<Removal>}
 */
export async function remove(picture, found, detector) {
  try {
    const inner = plan(found);
    if (!inner) return { detection: found, result: found, data: null, refusal: null };
    let done = await cut(picture, found, inner, detector);
    for (let more = 1; more <= FRINGE && doubt(done) > 0; more++) {
      const box = closer(found, more);
      if (!box) break;
      const another = await cut(picture, found, box, detector);
      if (doubt(another) < doubt(done)) done = another;
    }
    if (done.result.framed) {
      const chance = done.result.probability.toFixed(2);
      throw new UnframeError("still-framed", `what remains has a frame with probability ${chance}; look at it, or force it`);
    }
    return done;
  } catch (error) {
    if (!(error instanceof UnframeError)) throw error;
    return { detection: found, result: found, data: null, refusal: error };
  }
}

/**
 * Cut a picture to a box; what remains is judged, but not doubted.
 *
 * @param {import("./pixels.js").Picture} picture
 * @param {import("./types.js").Detection} found
 * @param {import("./types.js").Box} inner
 * @param {import("./detector.js").Detector} detector
 * @returns {Promise<Removal>}
 * @throws {UnframeError} `bad-request`: the box leaves the picture, or holds no pixel.
 */
export async function cut(picture, found, inner, detector) {
  const [left, top, right, bottom] = inner;
  const { width, height } = found;
  if (!(0 <= left && left < right && right <= width && 0 <= top && top < bottom && bottom <= height)) {
    throw new UnframeError("bad-request", `inner ${inner} leaves the picture, which has ${width} × ${height} pixels`);
  }
  if (right - left === width && bottom - top === height) {
    return { detection: found, result: found, data: null, refusal: null };
  }
  const data = await crop(picture, inner);
  const rest = await read(data);
  try {
    return { detection: found, result: await detector.detect(pixels(rest)), data, refusal: null };
  } finally {
    rest.bitmap.close();
  }
}
