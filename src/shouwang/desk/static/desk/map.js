// The street map of the district: grey streets with their names, areas, and above them calls, units, posts and routes.
//
//   const map = await streetMap(el, {onClick: ({lon, lat}) => …, onPick: ({kind, id}) => …});
//   map.setUnits([…]); map.setCalls([…]); map.setRoutes([…]); map.setPin({lon, lat}); map.goTo(lon, lat);
//
// Streets are drawn by MapLibre; without WebGL by map_flat.js, without names. Signs are SVG above either (map_signs.js).
import { getJson, nameOf } from "./desk.js";
import { followClosures } from "./map_closures.js";
import { legend } from "./map_legend.js";
import { Signs } from "./map_signs.js";

/** Draws the map into `el`. Options: center [lon, lat], zoom, bounds [w, s, e, n]; onClick({lon, lat}), onPick({kind, id}), onHover;
 * areas (kinds whose borders are drawn, default control areas), showLegend, size (of the signs, 1 on a desk). Closed and slow streets that the reader may see are on every
 * map and stay up to date by themselves. Rejects only when the centre gives no map at all. */
export async function streetMap(el, options = {}) {
  const config = await getJson("/map/config.json");
  el.classList.add("map");
  const Base = webgl() ? (await import("./map_streets.js")).Streets : (await import("./map_flat.js")).Flat;
  const base = await Base.open(el, config, { bounds: options.bounds ?? config.bounds, ...options });
  return new StreetMap(el, base, config, options);
}

function webgl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

export class StreetMap {
  constructor(el, base, config, { onClick, onPick, showLegend = true, size = 1 } = {}) {
    Object.assign(this, { el, base, config });
    this.signs = new Signs(el, base, onPick, size);
    this.hidden = new Set();
    this.lines = { routes: "[]", lines: "[]", closures: "[]" }; // as drawn now
    this.signs.setAreaNames(config.areas.filter((a) => a.kind === "control_area").map((a) => ({ lon: a.lon, lat: a.lat, text: nameOf(a) })));
    if (onClick) { base.onClick(onClick); el.classList.add("pickable"); }
    if (showLegend) this.legend = legend(el);
    followClosures(this);
    el.dataset.ready = base.kind;
  }

  /** MapLibre's own map, for layers of a planner's page; null without WebGL. */
  get gl() { return this.base.gl ?? null; }

  /** [{id, zh, en, letter, service, shown, lon, lat, course?, stale?, jump?, panic?, picked?, label?}] */
  setUnits(units) { this.signs.set("units", units); }
  /** [{id, severity, lon, lat, label?, chosen?, fresh?}] */
  setCalls(calls) { this.signs.set("calls", calls); }
  /** [{id, zh, en, lon, lat, mark?, kind? "new" | "old"}] */
  setPosts(posts) { this.signs.set("posts", posts); }
  /** [{path: [[lon, lat], …], alt?, look?: "escape"}]: solid to the call, dotted for the slowest, dashed red for a way that beats the units */
  setRoutes(routes) { this.#setLines("routes", routes.map((r) => ({ path: r.path, look: r.look ?? (r.alt ? "alt" : "route") }))); }
  /** [{path, look?: "line" | "line-new"}]: patrol lines */
  setLines(lines) { this.#setLines("lines", lines.map((l) => ({ path: l.path, look: l.look ?? "line" }))); }
  /** [{id, zh, en, factor, lines: [{path, one_way}], planned?, chosen?}]: shut (factor 0) or slow streets */
  setClosures(closures) {
    this.#setLines("closures", closures.flatMap((c) => c.lines.map((l) => ({ path: l.path, look: c.chosen ? "chosen" : c.planned ? "planned" : c.factor ? "slow" : "shut" }))));
    this.signs.set("closures", closures.flatMap((c) => c.lines.map((l, i) => ({ l, i })).sort((a, b) => b.l.path.length - a.l.path.length).slice(0, 3).map(({ l, i }) => ({ ...midway(l.path), id: `${c.id} ${i}`,
      factor: c.factor, planned: c.planned, one_way: l.one_way }))));
  }
  /** Lines that are drawn already are not drawn again: the streets below would be, too. */
  #setLines(source, lines) {
    const text = JSON.stringify(lines);
    if (this.lines[source] === text) return;
    this.lines[source] = text;
    this.base.setLines(source, lines);
  }
  /** GeoJSON polygons with property q 1–5 (sequential colour), under the street names */
  setCells(collection) { this.base.setCells(collection); }
  /** The one place that is being chosen, or null. */
  setPin(pin) { this.signs.set("pin", pin ? [{ id: "pin", ...pin }] : []); }

  /** A canvas above the streets and under the signs. `draw(context, {project, scale})` is called whenever the map moves; scale: pixels of
   * the whole world's width. Returns a function that draws at once. */
  paint(draw) {
    const canvas = Object.assign(document.createElement("canvas"), { className: "map-paint" }), context = canvas.getContext("2d");
    canvas.setAttribute("aria-hidden", "true");
    this.signs.crowd.canvas.before(canvas);
    const now = () => {
      const ratio = devicePixelRatio || 1, { clientWidth: w, clientHeight: h } = this.el;
      if (canvas.width !== Math.round(w * ratio) || canvas.height !== Math.round(h * ratio)) { canvas.width = w * ratio; canvas.height = h * ratio; }
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, w, h);
      draw(context, { project: (lon, lat) => this.base.project(lon, lat), scale: 512 * 2 ** this.base.zoom() });
    };
    this.base.onMove(now);
    return now;
  }

  /** Shows or hides units, calls, posts, lines, cells, closures. */
  show(layer, on) {
    this.hidden[on ? "delete" : "add"](layer);
    if (["lines", "cells", "closures"].includes(layer)) this.base.show(layer, on);
    if (layer !== "lines" && layer !== "cells") this.signs.show(layer, on);
  }

  goTo(lon, lat, zoom = null) { this.base.goTo(lon, lat, zoom); }
  fit(bounds, padding = 60) { this.base.fit(bounds, padding); }
  /** The whole district. */
  home() { this.base.fit(this.config.bounds, 16); }
  /** Whether a place is in view, a little inside the edge. */
  sees(lon, lat, edge = 40) {
    const { x, y } = this.base.project(lon, lat);
    return x > edge && y > edge && x < this.el.clientWidth - edge && y < this.el.clientHeight - edge;
  }
  resize() { this.base.resize(); }
  get zoom() { return this.base.zoom(); }
}

/** The middle of a path, and its course there: degrees clockwise from the east, as on the screen. */
function midway(path) {
  const flat = Math.cos((path[0][1] * Math.PI) / 180), steps = path.slice(1).map((p, i) => Math.hypot((p[0] - path[i][0]) * flat, p[1] - path[i][1]));
  let left = steps.reduce((sum, s) => sum + s, 0) / 2;
  const at = Math.max(0, steps.findIndex((s) => (left -= s) <= 0)), share = steps[at] ? 1 + left / steps[at] : 0;
  const [from, to] = [path[at], path[at + 1] ?? path[at]];
  return { lon: from[0] + (to[0] - from[0]) * share, lat: from[1] + (to[1] - from[1]) * share, course: (Math.atan2(from[1] - to[1], (to[0] - from[0]) * flat) * 180) / Math.PI };
}

/** Bounds [w, s, e, n] around points [[lon, lat], …], at least `least` degrees wide. */
export function around(points, least = 0.008) {
  const lon = points.map((p) => p[0]), lat = points.map((p) => p[1]);
  const grow = (low, high) => { const more = Math.max(0, least - (high - low)) / 2; return [low - more, high + more]; };
  const [w, e] = grow(Math.min(...lon), Math.max(...lon)), [s, n] = grow(Math.min(...lat), Math.max(...lat));
  return [w, s, e, n];
}
