// The signs above the streets, as SVG: area names, posts, units, calls, the chosen place. Signs that would cover each other move
// apart on a leader; labels stand on the free side or wait for a closer look. A sign always has a row in a list beside the map.
// Where more units are in view than signs can be told apart, those that nobody asked for become marks (map_crowd.js).
import { Crowd } from "./map_crowd.js";
import { callSign, closureSign, sign, unitClass, unitSign } from "./symbols.js";

const NS = "http://www.w3.org/2000/svg";
const KINDS = ["areas", "closures", "posts", "units", "calls", "pin"]; // from below to above
const RADIUS = { areas: 0, closures: 9, posts: 9, units: 12, calls: 12, pin: 10 };
const RINGS = [24, 40, 56], DIRECTIONS = Array.from({ length: 8 }, (_, i) => [Math.cos(i * Math.PI / 4), Math.sin(i * Math.PI / 4)]);
const EDGE = 60, SQUARE = 32; // pixels beyond the edge that still count as in view; of a square in which what is taken is looked up
const NUMBERS_FROM = 12.6, FULL_FROM = 12; // below, signs are smaller
const MANY = 300; // units in view from which they are a crowd

export class Signs {
  constructor(el, base, onPick, size = 1) {
    Object.assign(this, { base, size });
    this.items = new Map(); // key → {kind, id, item, g (once it was in view), x, y (moved apart by)}
    this.off = new Set();
    this.scale = 1;
    this.svg = document.createElementNS(NS, "svg");
    this.svg.setAttribute("class", "map-signs");
    this.svg.setAttribute("aria-hidden", "true");
    this.leaders = this.svg.appendChild(document.createElementNS(NS, "g"));
    this.groups = Object.fromEntries(KINDS.map((kind) => [kind, this.svg.appendChild(document.createElementNS(NS, "g"))]));
    this.crowd = new Crowd(el, onPick);
    (base.gl?.getCanvasContainer() ?? el).append(this.crowd.canvas, this.svg);
    if (onPick) this.svg.addEventListener("click", (e) => {
      const found = e.target.closest("[data-id]");
      if (!found) return;
      e.stopPropagation();
      onPick({ kind: found.dataset.kind, id: found.dataset.id });
    });
    base.onMove(() => this.#moved());
  }

  setAreaNames(names) { this.set("areas", names.map((n, i) => ({ id: `area${i}`, ...n }))); }

  set(kind, items) {
    const before = new Set([...this.items.keys()].filter((k) => k.startsWith(kind + " ")));
    for (const item of items) {
      const key = `${kind} ${item.id}`, held = this.items.get(key);
      before.delete(key);
      if (held) Object.assign(held, { item, old: true }); else this.items.set(key, { kind, id: item.id, item, g: null, x: 0, y: 0, old: true });
    }
    for (const key of before) { this.items.get(key).g?.remove(); this.items.delete(key); }
    this.#arrangeSoon();
  }

  show(kind, on) {
    this.off[on ? "delete" : "add"](kind);
    this.groups[kind].setAttribute("visibility", on ? "visible" : "hidden");
    this.#arrangeSoon();
  }

  /** The sign itself, as its item asks now. */
  #drawn(s) {
    if (!s.g) {
      s.g = this.groups[s.kind].appendChild(document.createElementNS(NS, "g"));
      Object.assign(s.g.dataset, { kind: s.kind, id: s.id });
    }
    if (!s.old) return s.g;
    const [cls, content] = draw(s.kind, s.item);
    if (s.content !== content) { s.g.innerHTML = content; s.content = content; }
    if (s.cls !== cls) { s.g.setAttribute("class", cls); s.cls = cls; }
    s.old = false;
    return s.g;
  }

  #arrangeSoon() { this.pending ??= requestAnimationFrame(() => { this.#look(); this.#arrange(); }); }

  /** With the map, in the same frame: what waits to be arranged is not shown before that. */
  #moved() {
    const before = this.crowded;
    this.#look();
    if (this.pending || before !== this.crowded || this.base.zoom() !== this.arranged) this.#arrange(); else this.#place();
  }

  /** Where each sign stands on the screen, null when out of sight; and whether the units there are a crowd. Asked once a round: asked
   * between changes, the size would have to be worked out anew each time. */
  #look() {
    this.view = [this.svg.clientWidth, this.svg.clientHeight];
    const [w, h] = this.view;
    let units = 0;
    for (const s of this.items.values()) {
      const p = this.base.project(s.item.lon, s.item.lat);
      s.point = p.x > -EDGE && p.y > -EDGE && p.x < w + EDGE && p.y < h + EDGE ? p : null;
      if (s.point && s.kind === "units") units++;
    }
    this.crowded = units > MANY;
  }

  #inCrowd({ kind, item }) { return this.crowded && kind === "units" && !item.picked && !item.panic; }

  /** Gives each sign a free spot, the most urgent first, then each label a free side. */
  #arrange() {
    cancelAnimationFrame(this.pending);
    this.pending = null;
    this.arranged = this.base.zoom();
    this.scale = this.size * Math.min(1, Math.max(0.65, 1 - (FULL_FROM - this.arranged) * 0.2));
    const taken = new Taken(), signs = [...this.items.values()].filter((s) => s.kind !== "areas" && s.point && !this.off.has(s.kind) && !this.#inCrowd(s));
    signs.sort((a, b) => rank(a) - rank(b));
    for (const s of signs) {
      const r = RADIUS[s.kind] * this.scale;
      [s.x, s.y] = s.kind === "pin" ? [0, 0] : freeSpot(s.point, r, taken);
      taken.add(s.point.x + s.x, s.point.y + s.y, r);
    }
    for (const s of signs) this.#label(s, taken);
    this.#place();
  }

  #label(s, taken) {
    const label = this.#drawn(s).querySelector(".lb");
    if (!label) return;
    const chosen = s.item.chosen || s.item.panic, important = chosen || s.item.picked || s.item.severity === 1;
    const at = [s.point.x + s.x, s.point.y + s.y], wide = label.textContent.length * 8 + 4, gap = Number(label.dataset.gap);
    const right = [at[0] + gap, at[1] - 8, at[0] + gap + wide, at[1] + 8], left = [at[0] - gap - wide, at[1] - 8, at[0] - gap, at[1] + 8];
    const free = (box) => taken.free(box);
    const side = free(right) ? "right" : free(left) ? "left" : chosen ? "right" : "";
    const shown = side && (important || this.arranged >= NUMBERS_FROM);
    label.setAttribute("visibility", shown ? "inherit" : "hidden");
    if (!shown) return;
    label.setAttribute("x", side === "right" ? gap : -gap);
    label.setAttribute("text-anchor", side === "right" ? "start" : "end");
    taken.box(side === "right" ? right : left);
  }

  #place() {
    const crowd = [];
    let leaders = "";
    for (const s of this.items.values()) {
      const p = s.point, marked = this.#inCrowd(s), away = !p || marked;
      if (p && marked && !this.off.has("units")) crowd.push({ x: p.x, y: p.y, item: s.item });
      if (away && !s.g) continue;
      const g = away ? s.g : this.#drawn(s);
      if (away !== Boolean(s.away)) { s.away = away; if (away) g.setAttribute("display", "none"); else g.removeAttribute("display"); }
      if (away) continue;
      const x = p.x + s.x, y = p.y + s.y;
      const put = `translate(${x.toFixed(1)} ${y.toFixed(1)})${s.kind === "areas" || this.scale === 1 ? "" : ` scale(${this.scale.toFixed(2)})`}`;
      if (s.put !== put) { g.setAttribute("transform", put); s.put = put; }
      if ((s.x || s.y) && !this.off.has(s.kind)) leaders += `<path d="M${p.x.toFixed(1)} ${p.y.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}"/><circle cx="${p.x.toFixed(1)}" cy="${p.y.toFixed(1)}" r="2"/>`;
    }
    this.crowd.draw(crowd, this.view);
    if (this.drawn !== leaders) { this.leaders.innerHTML = leaders; this.drawn = leaders; }
    this.leaders.setAttribute("class", "leaders");
  }
}

/** What of the screen is taken, by squares of SQUARE pixels: only what is near is looked at, however many signs there are. */
class Taken {
  squares = new Map();
  add(x, y, r) { this.box([x - r, y - r, x + r, y + r], { x, y, r }); }
  box(box, disc = null) { for (const key of Taken.#keys(box)) { const held = this.squares.get(key); if (held) held.push({ box, disc }); else this.squares.set(key, [{ box, disc }]); } }
  #near(box, test) { for (const key of Taken.#keys(box)) for (const t of this.squares.get(key) ?? []) if (test(t)) return true; return false; }
  clear(x, y, r) { return !this.#near([x - r, y - r, x + r, y + r], ({ disc: d }) => d && Math.hypot(d.x - x, d.y - y) < (d.r + r) * 0.85); }
  free(box) { return !this.#near(box, ({ box: b }) => b[0] < box[2] && b[2] > box[0] && b[1] < box[3] && b[3] > box[1]); }
  static *#keys([w, n, e, s]) {
    for (let i = Math.floor(w / SQUARE); i <= Math.floor(e / SQUARE); i++) for (let j = Math.floor(n / SQUARE); j <= Math.floor(s / SQUARE); j++) yield i * 65536 + j;
  }
}

/** Lower is placed first and so stays nearer to its true place. */
function rank({ kind, item }) {
  if (kind === "pin") return -2;
  if (item.chosen || item.panic) return -1;
  if (kind === "calls") return item.severity;
  return kind === "units" ? (item.picked ? 0 : 6) : 9;
}

function freeSpot({ x, y }, r, taken) {
  const clear = (dx, dy) => taken.clear(x + dx, y + dy, r);
  if (clear(0, 0)) return [0, 0];
  for (const far of RINGS) for (const [cx, cy] of DIRECTIONS) if (clear(cx * far, cy * far)) return [cx * far, cy * far];
  return [0, 0];
}

const safe = (text) => String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const label = (text, gap) => (text ? `<text class="lb" data-gap="${gap}" x="${gap}">${safe(text)}</text>` : "");

/** [class, content] of a sign. */
function draw(kind, item) {
  if (kind === "units") return [unitClass(item), unitSign(item) + label(item.label ?? sign(item).number, item.picked ? 19 : 14)];
  if (kind === "calls") return [`m-c l${item.severity}${item.chosen ? " chosen" : ""}`, callSign(item) + label(item.label, item.severity === 1 ? 22 : 16)];
  if (kind === "posts") return [`post ${item.kind ?? ""}`, `<rect x="-8" y="-8" width="16" height="16" rx="2"/><text>${safe(item.mark ?? "▁")}</text>${label(item.label, 14)}`];
  if (kind === "closures") return [`m-x ${item.planned ? "planned" : item.factor ? "slow" : "shut"}`, closureSign(item)];
  if (kind === "pin") return ["pin", '<circle r="16"/><path d="M-7 0H7M0 -7V7"/>'];
  return ["m-area-name", `<text class="m-lbl">${safe(item.text)}</text>`];
}
