/** Encoded pictures to images and back, by the browser's own decoders and encoders. */

import { UnframeError } from "./types.js";

/** The limits of the settings `max_bytes`, `max_pixels` and `max_side`, by default. */
export const LIMITS = { bytes: 20 * 1024 * 1024, pixels: 50_000_000, side: 32_768 };

/** How files begin, and the name of their format: what tells apart a broken picture, a strange one, and none. */
const SIGNATURES = /** @type {const} */ ([
  ["JPEG", "ffd8ff"],
  ["PNG", "89504e470d0a1a0a"],
  ["WEBP", "52494646........57454250"],
  ["GIF", "47494638"],
  ["BMP", "424d"],
  ["TIFF", "49492a00|4d4d002a|49492b00|4d4d002b"],
  ["AVIF", "........66747970(61766966|61766973|6d696631)"],
]);

/** What is written in the format it came in; everything else becomes a PNG, which loses nothing. */
const WRITTEN = new Map([["JPEG", "image/jpeg"], ["WEBP", "image/webp"]]);
const QUALITY = 0.95;

/**
 * A picture as it was read.
 *
 * @typedef {object} Picture
 * @property {ImageBitmap} bitmap  Upright, in sRGB, with its transparency.
 * @property {string | undefined} format  By its signature: one of those of the table above.
 */

/**
 * Read a picture.
 *
 * @param {Blob} blob
 * @param {string} [name]  What messages call it.
 * @returns {Promise<Picture>}
 * @throws {UnframeError} With a code of decoding: it cannot be read, or is over a limit.
 */
export async function read(blob, name = "image") {
  if (blob.size > LIMITS.bytes) {
    const size = `${name} has ${count(blob.size)} bytes`;
    throw new UnframeError("too-large", `${size}; the limit is ${count(LIMITS.bytes)}; save it smaller`);
  }
  const head = hexadecimal(new Uint8Array(await blob.slice(0, 16).arrayBuffer()));
  const format = SIGNATURES.find(([, signature]) => new RegExp(`^(${signature})`).test(head))?.[0];
  if (blob.size === 0 || (format && (await isCut(blob, format)))) {
    throw new UnframeError("truncated", `${name} ends before its picture is complete; fetch it again`);
  }
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    throw unreadable(format, name);
  }
  checkSize(bitmap, name);
  return { bitmap, format };
}

/**
 * The pixels of a picture, with its transparency flattened on white.
 *
 * @param {Picture} picture
 * @returns {import("./types.js").Image}
 */
export function pixels({ bitmap }) {
  const { width, height } = bitmap;
  const canvas = surface(width, height);
  canvas.drawImage(bitmap, 0, 0);
  const { data } = canvas.getImageData(0, 0, width, height);
  flatten(data);
  return { width, height, data };
}

/**
 * A part of a picture, encoded in its format where the browser writes it, else as a PNG.
 *
 * @param {Picture} picture
 * @param {import("./types.js").Box} box
 * @returns {Promise<Blob>}
 */
export function crop({ bitmap, format }, [left, top, right, bottom]) {
  const canvas = surface(right - left, bottom - top);
  canvas.drawImage(bitmap, -left, -top);
  const type = WRITTEN.get(format ?? "") ?? "image/png";
  return canvas.canvas.convertToBlob({ type, quality: QUALITY });
}

/**
 * @param {number} width
 * @param {number} height
 */
function surface(width, height) {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) {
    const size = `${count(width)} × ${count(height)} pixels`;
    throw new UnframeError("too-large", `this browser has no room for ${size}; scale the picture down`);
  }
  return context;
}

/**
 * Put transparent pixels on white, rounding as Pillow does.
 *
 * @param {Uint8ClampedArray} data  RGBA, changed in place.
 */
export function flatten(data) {
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3];
    if (alpha === 255) continue;
    for (let channel = 0; channel < 3; channel++) {
      const mixed = 255 * (255 - alpha) + data[at + channel] * alpha + 128;
      data[at + channel] = ((mixed >> 8) + mixed) >> 8;
    }
    data[at + 3] = 255;
  }
}

/**
 * Whether a file of a format whose end is marked ends before it; browsers show what there is of such a picture.
 *
 * @param {Blob} blob
 * @param {string} format
 */
async function isCut(blob, format) {
  if (format !== "JPEG" && format !== "PNG") return false;
  const data = new Uint8Array(await blob.arrayBuffer());
  // What follows the mark, as some cameras and programs append, does no harm; a thumbnail's mark comes before the scan.
  return format === "JPEG" ? !holds(data, [0xff, 0xd9], startOfScan(data)) : !holds(data, [0x49, 0x45, 0x4e, 0x44], 8);
}

/**
 * @param {Uint8Array} data
 * @param {number[]} mark
 * @param {number} from
 */
function holds(data, mark, from) {
  for (let at = data.length - mark.length; at >= from; at--) {
    if (mark.every((byte, k) => data[at + k] === byte)) return true;
  }
  return false;
}

/**
 * Where the first scan of a JPEG begins; its end where there is none.
 *
 * @param {Uint8Array} data
 */
function startOfScan(data) {
  let at = 2;
  while (at + 4 <= data.length && data[at] === 0xff && data[at + 1] !== 0xda) {
    at += data[at + 1] === 0xff ? 1 : 2 + ((data[at + 2] << 8) | data[at + 3]);
  }
  return at;
}

/**
 * @param {{width: number, height: number}} size
 * @param {string} name
 */
function checkSize({ width, height }, name) {
  const size = `${name} is ${count(width)} × ${count(height)} pixels`;
  if (Math.max(width, height) > LIMITS.side) {
    throw new UnframeError("too-large", `${size}; the limit for a side is ${count(LIMITS.side)}; scale it down`);
  }
  if (width * height > LIMITS.pixels) {
    throw new UnframeError("too-large", `${size}; the limit is ${LIMITS.pixels / 1e6} megapixels; scale it down`);
  }
}

/**
 * @param {string | undefined} format
 * @param {string} name
 */
function unreadable(format, name) {
  if (!format) return new UnframeError("not-an-image", `${name} is no picture in a format that is known; export it again`);
  if (format === "TIFF" || format === "AVIF") {
    return new UnframeError("unsupported-format", `${name} is ${format}, which this browser does not read; save it as PNG`);
  }
  return new UnframeError("corrupt", `${name} cannot be decoded as ${format}; export it again`);
}

/** @param {Uint8Array} bytes */
function hexadecimal(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {number} value */
function count(value) {
  return value.toLocaleString("en");
}
