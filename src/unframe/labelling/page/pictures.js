// What is known about the pictures, which of them are shown on which side, and in which order.

const COLUMNS = ["id", "width", "height", "source", "probability", "framed", "second", "label", "kind", "how"];

export const pictures = new Map();

/** Take over rows of the server's answer; gives the identifiers that are new. */
export function learn(rows) {
  const fresh = [];
  for (const row of rows) {
    const known = pictures.get(row[0]);
    const picture = known ?? { suspect: 0 };
    COLUMNS.forEach((name, at) => { picture[name] = row[at]; });
    if (!known) { pictures.set(picture.id, picture); fresh.push(picture.id); }
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

// The smaller the value, the earlier the picture comes.
const ORDERS = {
  doubt: (picture, side) => (side === "framed" ? odds(picture) : -odds(picture)),
  error: (picture) => (picture.label === null ? 2 : -picture.suspect * 2 - against(picture)),
  disagreement: (picture) => -disagreement(picture),
  newest: (picture) => -picture.id,
  source: () => 0,
};

export function matches(picture, filter) {
  return SHOWN[filter.status](picture) && (!filter.kind || picture.kind === filter.kind)
    && (!filter.source || picture.source === filter.source);
}

/** The pictures of one side that the filter lets through, in its order. */
export function listed(side, filter) {
  const value = ORDERS[filter.order];
  const found = [];
  for (const picture of pictures.values()) {
    if (sideOf(picture) === side && matches(picture, filter)) found.push([value(picture, side), picture]);
  }
  if (filter.order === "source") found.sort((a, b) => (a[1].source < b[1].source ? -1 : a[1].source > b[1].source ? 1 : a[1].id - b[1].id));
  else found.sort((a, b) => a[0] - b[0] || a[1].id - b[1].id);
  return found.map((each) => each[1].id);
}
