// Pictures to try: products that are drawn here, with frames and without.

const SIZE = 640;

function canvas(width = SIZE, height = SIZE) {
  const made = document.createElement("canvas");
  Object.assign(made, { width, height });
  return made;
}

/** Numbers between 0 and 1 that are the same each time (mulberry32). */
function random(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function gradient(pen, ends, stops) {
  const made = ends.length === 6 ? pen.createRadialGradient(...ends) : pen.createLinearGradient(...ends);
  stops.forEach((colour, at) => made.addColorStop(at / (stops.length - 1), colour));
  return made;
}

function backdrop(pen, light, dark) {
  pen.fillStyle = gradient(pen, [SIZE * 0.42, SIZE * 0.35, 40, SIZE / 2, SIZE / 2, SIZE * 0.85], [light, dark]);
  pen.fillRect(0, 0, SIZE, SIZE);
}

function shadow(pen, x, y, reach) {
  pen.save();
  pen.filter = "blur(14px)";
  pen.fillStyle = "rgba(30, 30, 40, .35)";
  pen.beginPath();
  pen.ellipse(x, y, reach, reach * 0.16, 0, 0, 7);
  pen.fill();
  pen.restore();
}

function mug(pen, colours) {
  shadow(pen, 322, 512, 170);
  pen.strokeStyle = colours[1];
  pen.lineWidth = 30;
  pen.beginPath();
  pen.ellipse(446, 350, 68, 84, 0.08, -1.9, 1.9);
  pen.stroke();
  pen.fillStyle = gradient(pen, [190, 0, 450, 0], [colours[1], colours[0], colours[2], colours[1]]);
  pen.beginPath();
  pen.moveTo(186, 214);
  pen.bezierCurveTo(188, 330, 200, 440, 222, 486);
  pen.bezierCurveTo(250, 520, 392, 520, 420, 486);
  pen.bezierCurveTo(442, 440, 452, 330, 454, 214);
  pen.fill();
  pen.fillStyle = colours[2];
  pen.beginPath();
  pen.ellipse(320, 214, 134, 32, 0, 0, 7);
  pen.fill();
  pen.fillStyle = gradient(pen, [320, 196, 320, 244], ["#3a241a", "#5b3b2a"]);
  pen.beginPath();
  pen.ellipse(320, 219, 118, 24, 0, 0, 7);
  pen.fill();
}

function bottle(pen, colours) {
  shadow(pen, 320, 566, 110);
  pen.fillStyle = gradient(pen, [236, 0, 404, 0], [colours[1], colours[0], colours[2], colours[0], colours[1]]);
  pen.beginPath();
  pen.moveTo(290, 120);
  pen.lineTo(350, 120);
  pen.bezierCurveTo(350, 210, 404, 216, 404, 290);
  pen.lineTo(404, 540);
  pen.quadraticCurveTo(404, 566, 376, 568);
  pen.lineTo(264, 568);
  pen.quadraticCurveTo(236, 566, 236, 540);
  pen.lineTo(236, 290);
  pen.bezierCurveTo(236, 216, 290, 210, 290, 120);
  pen.fill();
  pen.fillStyle = "#20262b";
  pen.fillRect(286, 76, 68, 46);
  pen.fillStyle = "rgba(255, 255, 255, .88)";
  pen.beginPath();
  pen.ellipse(320, 424, 66, 74, 0, 0, 7);
  pen.fill();
  pen.fillStyle = colours[1];
  pen.font = "italic 600 42px Georgia, serif";
  pen.textAlign = "center";
  pen.fillText("Olea", 320, 436);
}

function lamp(pen, colours) {
  shadow(pen, 320, 566, 130);
  pen.fillStyle = gradient(pen, [300, 0, 340, 0], ["#6b4a2f", "#b98a5c", "#6b4a2f"]);
  pen.fillRect(308, 320, 24, 226);
  pen.beginPath();
  pen.ellipse(320, 552, 96, 18, 0, 0, 7);
  pen.fill();
  pen.fillStyle = gradient(pen, [180, 0, 460, 0], [colours[1], colours[0], colours[2], colours[0], colours[1]]);
  pen.beginPath();
  pen.moveTo(248, 104);
  pen.lineTo(392, 104);
  pen.lineTo(468, 328);
  pen.quadraticCurveTo(320, 360, 172, 328);
  pen.fill();
}

function mirror(pen) {
  pen.save();
  pen.shadowColor = "rgba(20, 20, 30, .4)";
  pen.shadowBlur = 26;
  pen.shadowOffsetY = 12;
  pen.fillStyle = gradient(pen, [170, 70, 470, 570], ["#b8863b", "#f0d9a2", "#8d6226", "#d9b76f"]);
  pen.beginPath();
  pen.roundRect(172, 74, 296, 492, 20);
  pen.fill();
  pen.restore();
  pen.fillStyle = gradient(pen, [200, 100, 440, 540], ["#dfe9ee", "#a9bcc6", "#f3f7f9", "#b7c6cd"]);
  pen.beginPath();
  pen.roundRect(204, 106, 232, 428, 8);
  pen.fill();
}

/** The grain of a camera, so that nothing is perfectly even. */
function grain(made, seed) {
  const pen = made.getContext("2d");
  const picture = pen.getImageData(0, 0, made.width, made.height);
  const next = random(seed);
  for (let at = 0; at < picture.data.length; at += 4) {
    const noise = (next() + next() + next() - 1.5) * 7;
    for (let band = 0; band < 3; band += 1) picture.data[at + band] += noise;
  }
  pen.putImageData(picture, 0, 0);
  return made;
}

function photograph(seed, draw, light = "#ffffff", dark = "#dfe3e6") {
  const made = canvas();
  const pen = made.getContext("2d");
  backdrop(pen, light, dark);
  draw(pen);
  return grain(made, seed);
}

function bordered(photo, thickness, colour) {
  const pen = photo.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = thickness * 2;
  pen.strokeRect(0, 0, SIZE, SIZE);
  return photo;
}

function inset(photo, margin, thickness, colour) {
  const made = canvas();
  const pen = made.getContext("2d");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, SIZE, SIZE);
  const inside = margin + thickness;
  pen.fillStyle = colour;
  pen.fillRect(margin, margin, SIZE - 2 * margin, SIZE - 2 * margin);
  pen.drawImage(photo, inside, inside, SIZE - 2 * inside, SIZE - 2 * inside);
  return made;
}

function banner(photo, height, words) {
  const made = canvas(SIZE, SIZE + height);
  const pen = made.getContext("2d");
  pen.drawImage(photo, 0, 0);
  pen.fillStyle = gradient(pen, [0, 0, SIZE, 0], ["#c0182b", "#e23a2f"]);
  pen.fillRect(0, SIZE, SIZE, height);
  pen.fillStyle = "#fff";
  pen.font = `700 ${Math.round(height * 0.46)}px system-ui, sans-serif`;
  pen.textAlign = "center";
  pen.fillText(words, SIZE / 2, SIZE + height * 0.66);
  return made;
}

const CLAY = ["#d4734a", "#9c4322", "#efa680"];
const GLASS = ["#4d8a4a", "#23512a", "#a7d08e"];
const LINEN = ["#efe3cc", "#c9b48f", "#fffaf0"];
const SKY = ["#5f8fc4", "#2c5687", "#aecbeb"];

/** Name of each sample, and what draws it. */
export const SAMPLES = [
  ["mug-in-a-border", () => bordered(photograph(1, (pen) => mug(pen, CLAY)), 26, "#1d4f8f")],
  ["bottle-in-a-ring", () => inset(photograph(2, (pen) => bottle(pen, GLASS), "#fbf7ee", "#e4d9c4"), 22, 9, "#b02a5b")],
  ["lamp-with-a-banner", () => banner(photograph(3, (pen) => lamp(pen, LINEN), "#dfe9ee", "#b9c9d2"), 92, "FREE SHIPPING")],
  ["mug-behind-a-line", () => bordered(photograph(4, (pen) => mug(pen, SKY), "#fffdf8", "#efe6d6"), 3, "#111")],
  ["bottle", () => photograph(5, (pen) => bottle(pen, GLASS), "#f4f6f8", "#cfd6db")],
  ["mirror-in-its-own-frame", () => photograph(6, mirror, "#fdfdfd", "#e8eaec")],
];

/** A sample as a file. */
export function sample([name, draw]) {
  return new Promise((resolve) => {
    draw().toBlob((blob) => resolve(new File([blob], `${name}.jpg`, { type: "image/jpeg" })), "image/jpeg", 0.92);
  });
}
