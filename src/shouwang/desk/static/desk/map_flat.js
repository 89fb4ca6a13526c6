// Streets on a plain canvas, for machines without WebGL: the same camera and signs, no street names.
const TILE = 512;
const mercator = (lon, lat) => [(lon + 180) / 360, 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI)];
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const COLOUR = { "line-new": "--ok", line: "--text-3", escape: "--s1", shut: "--s1-fill", slow: "--warn", planned: "--text-3" }, DASH = { alt: [0.1, 7], escape: [8, 8], slow: [3, 8], planned: [6, 6] };
const WIDTH = { 4: 1, 3: 1.6, 2: 2.6, 1: 4 };

export class Flat {
  kind = "flat";

  static async open(el, config, { bounds, center, zoom, areas = ["control_area", "district"] }) {
    const flat = new Flat(el, config.areas.filter((a) => areas.includes(a.kind)));
    if (center) { flat.center = mercator(...center); flat.z = zoom ?? 14; } else flat.fit(bounds, 16);
    if (config.streets) fetch(config.streets).then((a) => a.json()).then((g) => { flat.streets = g.features.map(shape); flat.draw(); }).catch(() => { el.dataset.streets = "missing"; });
    return flat;
  }

  constructor(el, areas) {
    Object.assign(this, { el, areas, streets: [], layers: { cells: [], closures: [], lines: [], routes: [] }, off: new Set(), moved: [], z: 12, center: [0.5, 0.5] });
    this.canvas = el.insertBefore(document.createElement("canvas"), el.firstChild);
    this.canvas.className = "map-base";
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("aria-label", gettext("Street map"));
    new ResizeObserver(() => this.draw()).observe(el);
    new MutationObserver(() => this.draw()).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.#handle();
  }

  get scale() { return TILE * 2 ** this.z; }
  zoom() { return this.z; }
  project(lon, lat) {
    const [x, y] = mercator(lon, lat);
    return { x: (x - this.center[0]) * this.scale + this.el.clientWidth / 2, y: (y - this.center[1]) * this.scale + this.el.clientHeight / 2 };
  }
  #place(x, y) {
    const mx = (x - this.el.clientWidth / 2) / this.scale + this.center[0], my = (y - this.el.clientHeight / 2) / this.scale + this.center[1];
    return { lon: mx * 360 - 180, lat: (360 / Math.PI) * Math.atan(Math.exp((0.5 - my) * 2 * Math.PI)) - 90 };
  }

  onMove(fn) { this.moved.push(fn); }
  onClick(fn) { this.clicked = fn; }
  setLines(source, looks) { this.layers[source] = looks; this.draw(); }
  setCells(collection) { this.layers.cells = collection.features; this.draw(); }
  show(layer, on) { this.off[on ? "delete" : "add"](layer); this.draw(); }
  goTo(lon, lat, zoom) { this.center = mercator(lon, lat); this.z = zoom ?? Math.max(this.z, 14); this.draw(); }
  fit([w, s, e, n], padding) {
    const [x0, y1] = mercator(w, s), [x1, y0] = mercator(e, n);
    this.center = [(x0 + x1) / 2, (y0 + y1) / 2];
    const wide = Math.max(50, this.el.clientWidth - 2 * padding), high = Math.max(50, this.el.clientHeight - 2 * padding);
    this.z = Math.min(15.5, Math.log2(Math.min(wide / (x1 - x0), high / (y1 - y0)) / TILE));
    this.draw();
  }
  resize() { this.draw(); }

  draw() {
    if (this.pending) return;
    this.pending = requestAnimationFrame(() => { this.pending = 0; this.#paint(); for (const fn of this.moved) fn(); });
  }

  #paint() {
    const ratio = devicePixelRatio || 1, { clientWidth: w, clientHeight: h } = this.el, c = this.canvas.getContext("2d");
    this.canvas.width = w * ratio; this.canvas.height = h * ratio;
    c.setTransform(ratio, 0, 0, ratio, 0, 0);
    c.fillStyle = token("--sunk"); c.fillRect(0, 0, w, h);
    const stroke = (path, color, width, dash = []) => {
      c.beginPath(); c.setLineDash(dash); c.strokeStyle = color; c.lineWidth = width; c.lineJoin = c.lineCap = "round";
      path.forEach(([lon, lat], i) => { const p = this.project(lon, lat); c[i ? "lineTo" : "moveTo"](p.x, p.y); });
      c.stroke();
    };
    const grow = 2 ** Math.max(-1.5, (this.z - 13) / 2), line = token("--line"), seen = this.#window(w, h);
    for (const s of this.streets) if (meets(s.box, seen)) stroke(s.path, line, WIDTH[s.cls] * grow);
    for (const a of this.areas) for (const ring of rings(a.geometry)) stroke(ring, token("--text-3"), 1.4, [0.1, 4]);
    for (const name of ["closures", "lines", "routes"]) if (!this.off.has(name)) for (const { path, look } of this.layers[name]) {
      stroke(path, token(COLOUR[look] ?? "--accent"), look === "shut" ? 7 : 4, DASH[look]);
      if (look === "shut") stroke(path, "#FFFFFF", 3, [1, 8]);
    }
  }

  #window(w, h) { const a = this.#place(0, h), b = this.#place(w, 0); return [a.lon, a.lat, b.lon, b.lat]; }

  #handle() {
    let grip = null;
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (e) => { grip = { x: e.clientX, y: e.clientY, far: 0 }; canvas.setPointerCapture(e.pointerId); });
    canvas.addEventListener("pointermove", (e) => {
      if (!grip) return;
      const dx = e.clientX - grip.x, dy = e.clientY - grip.y;
      this.center = [this.center[0] - dx / this.scale, this.center[1] - dy / this.scale];
      grip = { x: e.clientX, y: e.clientY, far: grip.far + Math.abs(dx) + Math.abs(dy) };
      this.draw();
    });
    let far = 0;
    canvas.addEventListener("pointerup", () => { far = grip?.far ?? 0; grip = null; });
    canvas.addEventListener("click", (e) => { if (far < 4) this.clicked?.(this.#place(e.offsetX, e.offsetY)); });
    canvas.addEventListener("wheel", (e) => { e.preventDefault(); this.z = Math.min(18, Math.max(8, this.z - e.deltaY / 300)); this.draw(); }, { passive: false });
    canvas.addEventListener("keydown", (e) => {
      const by = { ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] }[e.key];
      if (by) this.center = [this.center[0] + by[0] / this.scale, this.center[1] + by[1] / this.scale];
      else if (e.key === "+" || e.key === "=") this.z = Math.min(18, this.z + 0.5);
      else if (e.key === "-") this.z = Math.max(8, this.z - 0.5);
      else return;
      e.preventDefault(); this.draw();
    });
  }
}

function shape({ geometry, properties }) {
  const path = geometry.coordinates, lon = path.map((p) => p[0]), lat = path.map((p) => p[1]);
  return { path, cls: properties.class ?? 4, box: [Math.min(...lon), Math.min(...lat), Math.max(...lon), Math.max(...lat)] };
}
const meets = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
const rings = (g) => (g.type === "Polygon" ? g.coordinates : g.coordinates.flat());
