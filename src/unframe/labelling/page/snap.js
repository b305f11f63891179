// Where the straight edges of a picture are, so that a line that is dragged near one falls on it.

/** Brightness of every pixel of an image element, at its own size. */
export function brightness(image) {
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0);
  const { data, width, height } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const values = new Float32Array(width * height);
  for (let at = 0; at < values.length; at += 1) {
    values[at] = 0.299 * data[4 * at] + 0.587 * data[4 * at + 1] + 0.114 * data[4 * at + 2];
  }
  return { values, width, height };
}

/** Mean step of brightness across a line between two pixel columns (or rows), from `from` to `to` along it. */
export function step({ values, width, height }, vertical, line, from, to) {
  if (line <= 0 || line >= (vertical ? width : height) || to <= from) return 0;
  const stride = Math.max(Math.floor((to - from) / 400), 1);
  let sum = 0;
  let count = 0;
  for (let along = from; along < to; along += stride) {
    const at = vertical ? along * width + line : line * width + along;
    sum += Math.abs(values[at] - values[at - (vertical ? 1 : width)]);
    count += 1;
  }
  return sum / count;
}

const LEAST_STEP = 4; // grey levels; less is noise

/** The strongest edge within reach of a line, or the line itself where there is none. */
export function snapped(picture, vertical, line, reach, from, to) {
  let best = line;
  let strongest = LEAST_STEP;
  for (let offset = -reach; offset <= reach; offset += 1) {
    const strength = step(picture, vertical, line + offset, from, to) * (1 - Math.abs(offset) / (reach * 4 + 1));
    if (strength > strongest) { strongest = strength; best = line + offset; }
  }
  return best;
}
