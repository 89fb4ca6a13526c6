// Very many units in view at once: each a small mark, the outline of its service in the colour of its state, drawn on a canvas. Their
// signs with letter and number stand again as soon as fewer are in view.
import { outline, stateOf } from "./symbols.js";

const SIZE = 0.45, BOX = 14, NEAR = 9; // of a sign; pixels of a mark's picture; pixels around a mark that are still the mark
const token = (style, name) => style.getPropertyValue(name).trim();

export class Crowd {
  constructor(el, onPick) {
    Object.assign(this, { el, marks: [], pictures: new Map() });
    this.canvas = Object.assign(document.createElement("canvas"), { className: "map-crowd" });
    this.canvas.setAttribute("aria-hidden", "true");
    this.context = this.canvas.getContext("2d");
    if (onPick) this.#pickable(onPick);
  }

  /** [{x, y, item}]: those drawn from now on, in pixels of the map, the uppermost last. `size`: [width, height]. */
  draw(marks, [width, height]) {
    if (!marks.length && !this.marks.length) return;
    this.marks = marks;
    const ratio = devicePixelRatio || 1, { canvas, context } = this, half = BOX / 2;
    const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== w || canvas.height !== h) Object.assign(canvas, { width: w, height: h });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, height);
    const style = getComputedStyle(document.documentElement), looks = new Map();
    for (const { x, y, item } of marks) {
      const look = `${outline(item)} ${stateOf(item)} ${item.stale ? "stale" : ""}`;
      if (!looks.has(look)) looks.set(look, this.#picture(item, style, ratio));
      context.drawImage(looks.get(look), x - half, y - half, BOX, BOX);
    }
  }

  /** The mark at a spot of the map, the nearest, or null. */
  at(x, y) {
    let found = null, least = NEAR;
    for (const mark of this.marks) {
      const far = Math.hypot(mark.x - x, mark.y - y);
      if (far <= least) [found, least] = [mark.item, far];
    }
    return found;
  }

  /** A mark is drawn once for each look, in the colours that hold now, and then stamped. */
  #picture(item, style, ratio) {
    const state = stateOf(item), hollow = item.stale || state === "busy";
    const colour = token(style, `--${item.stale ? "free" : state}`), edge = hollow ? colour : token(style, "--map-casing");
    const fill = hollow ? token(style, "--surface") : colour, key = [outline(item), fill, edge, item.stale, ratio].join(" ");
    if (!this.pictures.has(key)) {
      const picture = Object.assign(document.createElement("canvas"), { width: BOX * ratio, height: BOX * ratio }), context = picture.getContext("2d");
      const path = new Path2D(outline(item));
      context.setTransform(SIZE * ratio, 0, 0, SIZE * ratio, (BOX / 2) * ratio, (BOX / 2) * ratio);
      Object.assign(context, { fillStyle: fill, strokeStyle: edge, lineWidth: (hollow ? 1.6 : 1) / SIZE });
      if (item.stale) context.setLineDash([5, 3]);
      context.fill(path);
      context.stroke(path);
      this.pictures.set(key, picture);
    }
    return this.pictures.get(key);
  }

  /** A press on a mark picks it, before the streets below hear of it; the end of a pull is no press. */
  #pickable(onPick) {
    let from = null;
    const spot = (e) => { const box = this.el.getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
    this.el.addEventListener("pointerdown", (e) => { from = spot(e); }, true);
    this.el.addEventListener("click", (e) => {
      const [x, y] = spot(e), still = from && Math.hypot(x - from[0], y - from[1]) < 4, item = still && this.#streets(e.target) ? this.at(x, y) : null;
      if (!item) return;
      e.stopPropagation();
      onPick({ kind: "units", id: item.id });
    }, true);
    this.el.addEventListener("pointermove", (e) => { this.el.classList.toggle("over-mark", !e.buttons && this.#streets(e.target) && Boolean(this.at(...spot(e)))); });
  }

  #streets(target) { return target instanceof HTMLCanvasElement; }
}
