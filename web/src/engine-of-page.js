/** The engine of a page whose parts are files beside it. */

import { Unframe } from "./unframe.js";

export function loadEngine() {
  return Unframe.load();
}
