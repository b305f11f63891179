// A picture with the edges of its photograph on it, each of which can be dragged, or moved by the arrow keys.

const SIDES = ["left", "top", "right", "bottom"];
const STEPS = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", -1], ArrowDown: ["y", 1] };

export class Edges {
  /**
   * @param {HTMLElement} root  Holds an image, a .box.inner, a .box.outer and a button.edge for each side.
   * @param {(inner: number[], done: boolean) => void} changed  Called while an edge moves, and when it rests.
   */
  constructor(root, changed) {
    this.root = root;
    this.changed = changed;
    this.handles = SIDES.map((side) => root.querySelector(`.edge[data-side=${side}]`));
    this.handles.forEach((handle, at) => this.listen(handle, at));
  }

  /** Show the boxes of a picture of this size; without an inner box the edges lie at the picture's own. */
  show(width, height, inner, outer) {
    this.size = [width, height];
    this.inner = [...(inner ?? [0, 0, width, height])];
    this.outer = outer;
    this.draw();
  }

  draw() {
    const [width, height] = this.size;
    const whole = this.inner.join() === [0, 0, width, height].join();
    this.place(this.root.querySelector(".inner"), this.inner);
    const outer = this.root.querySelector(".outer");
    const inset = this.outer && this.outer.join() !== [0, 0, width, height].join();
    outer.hidden = !inset;
    if (inset) this.place(outer, this.outer);
    this.root.classList.toggle("whole", whole);
    const [left, top, right, bottom] = this.inner;
    const middle = [(left + right) / 2 / width, (top + bottom) / 2 / height];
    this.handles.forEach((handle, at) => {
      const upright = at % 2 === 0;
      handle.style.left = `${100 * (upright ? this.inner[at] / width : middle[0])}%`;
      handle.style.top = `${100 * (upright ? middle[1] : this.inner[at] / height)}%`;
      handle.setAttribute("aria-valuenow", this.inner[at]);
      handle.setAttribute("aria-valuemin", 0);
      handle.setAttribute("aria-valuemax", upright ? width : height);
      handle.setAttribute("aria-valuetext", `${this.inner[at]} pixels`);
    });
  }

  place(node, [left, top, right, bottom]) {
    const [width, height] = this.size;
    node.style.left = `${(100 * left) / width}%`;
    node.style.top = `${(100 * top) / height}%`;
    node.style.width = `${(100 * (right - left)) / width}%`;
    node.style.height = `${(100 * (bottom - top)) / height}%`;
  }

  /** Move an edge; it stays in the picture, and a pixel is left. */
  move(at, value, done) {
    const most = this.size[at % 2];
    const [low, high] = at < 2 ? [0, this.inner[at + 2] - 1] : [this.inner[at - 2] + 1, most];
    const next = Math.max(low, Math.min(high, Math.round(value)));
    const moved = next !== this.inner[at];
    this.inner[at] = next;
    this.draw();
    if (moved || done) this.changed([...this.inner], done);
  }

  listen(handle, at) {
    const upright = at % 2 === 0;
    let grip = null; // how far from the edge it was taken, in pixels of the picture
    const value = (event) => {
      const { left, top, width, height } = this.root.getBoundingClientRect();
      return upright ? ((event.clientX - left) / width) * this.size[0] : ((event.clientY - top) / height) * this.size[1];
    };
    handle.addEventListener("pointerdown", (event) => {
      grip = this.inner[at] - value(event);
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (grip !== null) this.move(at, value(event) + grip, false);
    });
    const release = () => {
      if (grip !== null) this.changed([...this.inner], true);
      grip = null;
    };
    handle.addEventListener("pointerup", release);
    handle.addEventListener("pointercancel", release);
    handle.addEventListener("keydown", (event) => {
      const [axis, by] = STEPS[event.key] ?? [];
      if (axis !== (upright ? "x" : "y")) return;
      event.preventDefault();
      this.move(at, this.inner[at] + by * (event.shiftKey ? 10 : 1), true);
    });
  }
}
