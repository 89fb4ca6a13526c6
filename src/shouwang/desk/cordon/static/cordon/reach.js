// Where the vehicle can be by now, drawn by the page's own clock from the seconds at which each junction is reached: it grows
// along the streets without asking the centre again.

const WORLD_M = 40_075_017; // along the equator
const BAND_M = 90; // a street and the ground beside it
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const mercator = (lon, lat) => [(lon + 180) / 360, 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)];

export class Reach {
  constructor(map) {
    this.x = []; this.y = []; this.at = []; this.ways = [];
    this.seconds = 0;
    this.draw = map.paint((context, view) => this.#paint(context, view));
  }

  /** reachable: {lon, lat, at_s, ways: [[from, to, seconds], …]}; null clears. */
  set(reachable) {
    const points = reachable ? reachable.lon.map((lon, i) => mercator(lon, reachable.lat[i])) : [];
    this.x = points.map((p) => p[0]); this.y = points.map((p) => p[1]);
    this.at = reachable?.at_s ?? []; this.ways = reachable?.ways ?? [];
    this.origin = reachable?.lon.length ? [reachable.lon[0], reachable.lat[0]] : null;
    this.draw();
  }

  /** The state so many seconds after the vehicle was seen. */
  show(seconds) { this.seconds = seconds; this.draw(); }

  #paint(c, { project, scale }) {
    if (!this.origin) return;
    const zero = project(...this.origin), across = (i) => zero.x + (this.x[i] - this.x[0]) * scale, up = (i) => zero.y + (this.y[i] - this.y[0]) * scale;
    const width = Math.max(5, (BAND_M * scale) / (WORLD_M * Math.cos((this.origin[1] * Math.PI) / 180)));
    const later = new Path2D(), now = new Path2D(), t = this.seconds;
    const { width: w, height: h } = c.canvas.getBoundingClientRect();
    for (const [a, b, s] of this.ways) {
      const ax = across(a), ay = up(a), bx = across(b), by = up(b);
      if ((ax < -width && bx < -width) || (ay < -width && by < -width) || (ax > w + width && bx > w + width) || (ay > h + width && by > h + width)) continue;
      const gone = (from) => (t <= this.at[from] ? 0 : s > 0 ? Math.min(1, (t - this.at[from]) / s) : 1), ahead = gone(a), back = gone(b);
      const piece = (path, from, to) => { path.moveTo(ax + (bx - ax) * from, ay + (by - ay) * from); path.lineTo(ax + (bx - ax) * to, ay + (by - ay) * to); };
      if (ahead + back >= 1) { piece(now, 0, 1); continue; }
      piece(later, 0, 1);
      if (ahead) piece(now, 0, ahead);
      if (back) piece(now, 1 - back, 1);
    }
    c.lineCap = c.lineJoin = "round";
    const band = (path, colour, alpha, wide) => { c.globalAlpha = alpha; c.strokeStyle = token(colour); c.lineWidth = wide; c.stroke(path); };
    band(later, "--text-3", 0.16, width * 0.5);
    band(now, "--s1-fill", 0.32, width);
    c.globalAlpha = 1;
  }
}
