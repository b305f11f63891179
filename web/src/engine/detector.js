/** The network as a detector: image to inputs, logit to verdict, heads to frame. */

import { probability, readCard, verdict } from "./card.js";
import { locate, SMALLEST } from "./locate.js";
import { Session } from "./session.js";
import { views } from "./views.js";

export class Detector {
  /**
   * @param {import("./card.js").Card} card
   * @param {Session} session
   */
  constructor(card, session) {
    this.card = card;
    this.session = session;
  }

  /**
   * @param {import("./session.js").Parts} parts
   */
  static async open(parts) {
    const card = readCard(parts.card);
    return new Detector(card, await Session.open(parts));
  }

  /**
   * Judge one image.
   *
   * @param {import("./types.js").Image} image
   * @returns {Promise<import("./types.js").Detection>}
   */
  async detect(image) {
    const outputs = await this.session.run(views(image));
    // On a picture this small there is no room for a frame and a photograph, whatever the network makes of it.
    const room = Math.min(image.width, image.height) >= SMALLEST;
    const chance = room ? probability(this.card, outputs.logit[0]) : 0;
    const framed = chance >= this.card.thresholds.decision;
    return {
      verdict: verdict(this.card, chance),
      probability: chance,
      framed,
      frame: framed ? locate(image, outputs) : null,
      width: image.width,
      height: image.height,
      detector: "cnn",
      model: this.card.name,
    };
  }
}
