// What is known about the pictures, which of them are shown on which side, and in which order.

export const pictures = new Map();

/** Take over rows of the server's answer; gives the identifiers that are new. */
export function learn(rows) {
  const fresh = [];
  for (const [id, width, height, source, probability, framed, second, label, kind, how] of rows) {
    const known = pictures.get(id);
    if (known) Object.assign(known, { width, height, source, probability, framed, second, label, kind, how });
    else {
      pictures.set(id, { id, width, height, source, probability, framed, second, label, kind, how, suspect: 0 });
      fresh.push(id);
    }
  }
  return fresh;
}

export const reviewed = (picture) => picture.label !== null && picture.how !== "import";

const SHOWN = {
  open: (picture) => !reviewed(picture),
  undecided: (picture) => picture.label === null,
  imported: (picture) => picture.how === "import",
  reviewed,
  inbox: (picture) => picture.how === "extension",
  unsure: (picture) => picture.label === "unsure",
  reject: (picture) => picture.label === "reject",
  all: () => true,
};

/** The side that a picture belongs to: as labelled, or else as detected. */
export function sideOf(picture) {
  if (picture.label !== null) return picture.label === "framed" ? "framed" : "plain";
  return picture.framed ? "framed" : "plain";
}

const odds = (picture) => picture.probability ?? 0.5;
const against = (picture) => (picture.label === "framed" ? 1 - odds(picture) : odds(picture));
const disagreement = (picture) => (picture.second === null ? -1 : Math.abs(odds(picture) - picture.second));

// The smaller the value, the earlier the picture comes; -2 to 2.
const ORDERS = {
  doubt: (picture, side) => (side === "framed" ? odds(picture) : -odds(picture)),
  error: (picture) => (picture.label === null ? 2 : -Math.min(picture.suspect, 1) * 2 - against(picture)),
  disagreement: (picture) => -disagreement(picture),
  newest: () => 0,
};

export function matches(picture, filter) {
  return SHOWN[filter.status](picture) && (!filter.kind || picture.kind === filter.kind)
    && (!filter.source || picture.source === filter.source);
}

// Value and identifier in one number, because numbers are sorted many times faster than objects: 22 bits and 31.
const IDS = 2 ** 31;
const STEPS = 2 ** 19;

/** The pictures of each side that the filter lets through, in its order. */
export function listed(filter) {
  const value = ORDERS[filter.order] ?? bySource();
  const keys = { framed: [], plain: [] };
  for (const picture of pictures.values()) {
    if (!matches(picture, filter)) continue;
    const side = sideOf(picture);
    keys[side].push(Math.round((value(picture, side) + 4) * STEPS) * IDS + picture.id);
  }
  for (const side of Object.keys(keys)) {
    const ids = Array.from(Float64Array.from(keys[side]).sort(), (key) => key % IDS);
    keys[side] = filter.order === "newest" ? ids.reverse() : ids;
  }
  return keys;
}

function bySource() {
  const names = [...new Set(Array.from(pictures.values(), (picture) => picture.source))].sort();
  const places = new Map(names.map((name, at) => [name, at / STEPS]));
  return (picture) => places.get(picture.source);
}
