// Functions of the engine for the tests in Python: `node engine.mjs FUNCTION`, arguments as JSON on standard input.
import { readFileSync } from "node:fs";
import { withoutRounding } from "../../web/src/engine/corners.js";
import { locate, SMALLEST } from "../../web/src/engine/locate.js";
import { probability, verdict } from "../../web/src/engine/card.js";
import { flatten } from "../../web/src/engine/pixels.js";
import { closer, plan } from "../../web/src/engine/removal.js";
import { boundaries, views } from "../../web/src/engine/views.js";

const bytes = (text) => new Uint8ClampedArray(Buffer.from(text, "base64"));
const image = ({ width, height, rgba }) => ({ width, height, data: bytes(rgba) });
const base64 = (data) => Buffer.from(data).toString("base64");

const functions = {
  views(pictures) {
    return pictures.map((each) => views(image(each))).map(({ thumbnail, strips }) => [thumbnail, strips].map(base64));
  },
  boundaries(lengths) {
    return lengths.map((length) => Array.from(boundaries(length)));
  },
  locate(cases) {
    return cases.map(({ picture, inner, outer, kind }) => {
      const [begin, end, form] = [inner, outer, kind].map((logits) => Float32Array.from(logits.flat()));
      return locate(image(picture), { inner: begin, outer: end, kind: form });
    });
  },
  withoutRounding(cases) {
    return cases.map(({ picture, inner, sides }) => withoutRounding(image(picture), inner, sides));
  },
  smallest() {
    return SMALLEST;
  },
  verdicts(card, logits) {
    return logits.map((logit) => probability(card, logit)).map((chance) => [chance, verdict(card, chance)]);
  },
  flatten(rgba) {
    const data = bytes(rgba);
    flatten(data);
    return base64(data);
  },
  closer(found, most) {
    return Array.from({ length: most }, (_, at) => closer(found, at + 1)).filter(Boolean);
  },
  plan(found) {
    try {
      return plan(found);
    } catch (error) {
      return [error.code, error.message];
    }
  },
};

const result = functions[process.argv[2]](...JSON.parse(readFileSync(0, "utf8")));
process.stdout.write(JSON.stringify(result));
