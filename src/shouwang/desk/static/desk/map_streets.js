// Streets drawn by MapLibre: four widths, names along the road set from the reader's own fonts (no glyph server), areas as dots.
import * as gl from "../vendor/maplibre/maplibre-gl.mjs";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const FONT = () => [token("--font").replaceAll('"', "")];
const dark = () => getComputedStyle(document.documentElement).colorScheme.includes("dark");

// Colours of the base in both themes; roads from class 4 (lanes) to class 1 (main roads).
const BASE = {
  light: { ground: "#EEF0F2", roads: ["#FFFFFF", "#FFFFFF", "#FFFFFF", "#FFFFFF"], edges: ["#DDE1E4", "#D3D8DC", "#C6CCD1", "#BCC3C9"], lane: "#E2E5E8", name: "#5B6670" },
  dark: { ground: "#12181D", roads: ["#212A31", "#29343C", "#313D46", "#374550"], edges: ["#0E1317", "#0E1317", "#0E1317", "#0E1317"], lane: "#1B2329", name: "#8593A0" },
};
// Width in px at zoom 11, 13, 15, 17.
const WIDTHS = { 4: [0.2, 0.9, 3.2, 10], 3: [0.5, 1.6, 5, 14], 2: [0.9, 2.6, 6.5, 18], 1: [1.4, 3.8, 8.8, 24] };
const NAMES_FROM = { 4: 14.6, 3: 13.4, 2: 12.4, 1: 11 };

const width = (c, more = 0) => ["interpolate", ["exponential", 1.5], ["zoom"], ...[11, 13, 15, 17].flatMap((z, i) => [z, WIDTHS[c][i] + more])];
const ofClass = (c) => ["==", ["coalesce", ["get", "class"], 4], c];
const lines = (looks) => ({ type: "FeatureCollection", features: looks.map(({ path, look }) => ({
  type: "Feature", properties: { look }, geometry: { type: "LineString", coordinates: path } })) });
const EMPTY = { type: "FeatureCollection", features: [] };

function layers() {
  const look = BASE[dark() ? "dark" : "light"], round = { "line-cap": "round", "line-join": "round" };
  const street = (id, c, paint, minzoom = 0) => ({ id, type: "line", source: "streets", filter: ofClass(c), layout: round, paint, minzoom });
  const line = (id, source, value, paint, layout = round) => ({ id, type: "line", source, layout, paint, filter: ["==", ["get", "look"], value] });
  const accent = token("--accent"), casing = token("--map-casing");
  return [
    { id: "ground", type: "background", paint: { "background-color": look.ground } },
    street("lane", 4, { "line-color": look.lane, "line-width": width(4, 0.6) }),
    ...[4, 3, 2, 1].map((c, i) => street(`edge${c}`, c, { "line-color": look.edges[i], "line-width": width(c, 1.5) }, c === 4 ? 14 : 0)),
    ...[4, 3, 2, 1].map((c, i) => street(`road${c}`, c, { "line-color": look.roads[i], "line-width": width(c) }, c === 4 ? 14 : 0)),
    { id: "cells", type: "fill", source: "cells", paint: { "fill-opacity": 0.52, "fill-antialias": false,
      "fill-color": ["match", ["get", "q"], 1, token("--q1"), 2, token("--q2"), 3, token("--q3"), 4, token("--q4"), 5, token("--q5"), "rgba(0,0,0,0)"] } },
    { id: "areas", type: "line", source: "areas", layout: { "line-cap": "round" },
      paint: { "line-color": token("--text-3"), "line-width": 1.6, "line-dasharray": [0.1, 2.6], "line-opacity": 0.8 } },
    line("closures-shut", "closures", "shut", { "line-color": token("--s1-fill"), "line-width": 8 }, { "line-join": "round" }),
    line("closures-tape", "closures", "shut", { "line-color": "#FFFFFF", "line-width": 4, "line-dasharray": [0.9, 1.1] }, { "line-join": "round" }),
    line("closures-chosen", "closures", "chosen", { "line-color": accent, "line-width": 8 }, { "line-join": "round" }),
    line("closures-slow", "closures", "slow", { "line-color": token("--warn"), "line-width": 6, "line-dasharray": [0.5, 0.6] }, { "line-join": "round" }),
    line("closures-planned", "closures", "planned", { "line-color": token("--text-3"), "line-width": 4, "line-dasharray": [1.5, 1] }, { "line-join": "round" }),
    line("line-old", "lines", "line", { "line-color": token("--text-3"), "line-width": 3, "line-dasharray": [2, 2] }),
    line("line-new", "lines", "line-new", { "line-color": token("--ok"), "line-width": 3 }),
    { id: "routes-casing", type: "line", source: "routes", layout: round, paint: { "line-color": casing, "line-width": 7, "line-opacity": 0.8 } },
    line("routes-alt", "routes", "alt", { "line-color": accent, "line-width": 3, "line-dasharray": [0.1, 2] }),
    line("routes-main", "routes", "route", { "line-color": accent, "line-width": 4 }),
    line("routes-escape", "routes", "escape", { "line-color": token("--s1"), "line-width": 4, "line-dasharray": [2, 1.5] }, { "line-join": "round" }),
    ...[4, 3, 2, 1].map((c) => ({ id: `name${c}`, type: "symbol", source: "streets", minzoom: NAMES_FROM[c],
      filter: ["all", ofClass(c), ["!=", ["coalesce", ["get", "name"], ""], ""]],
      layout: { "symbol-placement": "line", "text-field": ["get", "name"], "text-font": FONT(), "text-size": c < 3 ? 12 : 11,
        "text-max-angle": 30, "text-padding": 6, "symbol-spacing": 260, "symbol-sort-key": c },
      paint: { "text-color": look.name, "text-halo-color": look.ground, "text-halo-width": 1.6 } })),
  ];
}

function style(config, kinds) {
  const areas = config.areas.filter((a) => kinds.includes(a.kind)).map((a) => ({ type: "Feature", properties: {}, geometry: a.geometry }));
  return { version: 8, layers: layers(), sources: {
    streets: { type: "geojson", data: config.streets ?? EMPTY, tolerance: 0.5, attribution: config.attribution },
    areas: { type: "geojson", data: { type: "FeatureCollection", features: areas } },
    cells: { type: "geojson", data: EMPTY }, closures: { type: "geojson", data: EMPTY }, lines: { type: "geojson", data: EMPTY }, routes: { type: "geojson", data: EMPTY },
  } };
}

export class Streets {
  kind = "gl";

  static open(el, config, { bounds, center, zoom, areas = ["control_area", "district"] }) {
    const box = document.createElement("div");
    box.className = "map-base";
    el.prepend(box);
    const map = new gl.Map({ container: box, style: style(config, areas), attributionControl: false, dragRotate: false, pitchWithRotate: false,
      touchPitch: false, rollEnabled: false, maxZoom: 18, minZoom: 8, fadeDuration: 0, ...(center ? { center, zoom: zoom ?? 14 } : { bounds, fitBoundsOptions: { padding: 16 } }) });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.getCanvas().setAttribute("aria-label", gettext("Street map"));
    const streets = new Streets(el, map);
    return new Promise((ready) => { map.once("styledata", () => ready(streets)); });
  }

  constructor(el, map) {
    this.gl = map;
    this.el = el;
    const repaint = () => this.#repaint();
    new MutationObserver(repaint).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
    new ResizeObserver(() => map.resize()).observe(el);
    for (const event of ["dataloading", "movestart"]) map.on(event, () => { delete el.dataset.drawn; });
    map.on("idle", () => { el.dataset.drawn = ""; }); // nothing is left to be loaded or drawn
    map.on("error", (e) => { if (e.sourceId === "streets" || e.source?.type === "geojson") el.dataset.streets = "missing"; });
  }

  /** Sets the theme's colours anew; sources and the planner's layers stay. */
  #repaint() {
    for (const { id, paint } of layers()) {
      if (this.gl.getLayer(id)) for (const [key, value] of Object.entries(paint)) this.gl.setPaintProperty(id, key, value);
    }
  }

  project(lon, lat) { return this.gl.project([lon, lat]); }
  zoom() { return this.gl.getZoom(); }
  onMove(fn) { this.gl.on("move", fn); this.gl.on("resize", fn); }
  onClick(fn) { this.gl.on("click", (e) => fn({ lon: e.lngLat.lng, lat: e.lngLat.lat })); }
  setLines(source, looks) { this.gl.getSource(source)?.setData(lines(looks)); }
  setCells(collection) { this.gl.getSource("cells")?.setData(collection); }
  show(layer, on) {
    for (const { id, source } of this.gl.getStyle().layers) {
      if (source === layer) this.gl.setLayoutProperty(id, "visibility", on ? "visible" : "none");
    }
  }
  goTo(lon, lat, zoom) { this.gl.easeTo({ center: [lon, lat], zoom: zoom ?? Math.max(this.zoom(), 14), duration: still() ? 0 : 250 }); }
  fit([w, s, e, n], padding) { this.gl.fitBounds([[w, s], [e, n]], { padding, maxZoom: 15.5, duration: still() ? 0 : 250 }); }
  resize() { this.gl.resize(); }
}

const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
