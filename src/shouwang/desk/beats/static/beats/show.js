// A proposal's borders on the street map beside today's, and what can be done with it.
import { asked } from "../desk/asked.js";
import { complain, nameOf } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

const head = document.getElementById("proposal");
const FEW = 8; // more names than these would lie on one another: their numbers stand in the table
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

asked(`/api/beats/${head.dataset.id}`, { back: "/beats/", title: head.dataset.title, loses: gettext("Its borders and figures cannot be brought back.") });

const data = document.getElementById("beats-data");
if (data) draw(JSON.parse(data.textContent)).catch((problem) => complain(problem));

/** Rings [[lon, lat], …] of a polygon or of several. */
const rings = ({ type, coordinates }) => (type === "MultiPolygon" ? coordinates.flat() : type === "Polygon" ? coordinates : []);

async function draw({ before, after, changes }) {
  const map = await streetMap(document.getElementById("map"), { showLegend: false, areas: [] }), on = { before: true, after: true, changes: true };
  const borders = { before: before.flatMap((b) => rings(b.geometry)), after: after.flatMap((b) => rings(b.geometry)), changes: changes.flatMap(rings) };

  const redraw = map.paint((context, { project }) => {
    const trace = (found) => {
      context.beginPath();
      for (const ring of found) {
        ring.forEach(([lon, lat], i) => { const { x, y } = project(lon, lat); if (i) context.lineTo(x, y); else context.moveTo(x, y); });
        context.closePath();
      }
    };
    const stroke = (found, colour, width, dash = []) => {
      trace(found);
      context.setLineDash(dash);
      context.lineWidth = width;
      context.strokeStyle = colour;
      context.stroke();
    };
    context.lineJoin = "round";
    if (on.changes && borders.changes.length) {
      trace(borders.changes);
      context.fillStyle = hatch(context, token("--text"));
      context.fill("evenodd");
    }
    if (on.after) { stroke(borders.after, token("--surface"), 6); stroke(borders.after, token("--accent"), 3); }
    if (on.before) { stroke(borders.before, token("--surface"), on.after ? 0.01 : 5); stroke(borders.before, token("--text"), 2, [7, 6]); }
  });

  function show() {
    const told = on.after ? after : on.before ? before : [], few = told.length <= FEW;
    const text = (b, i) => (on.after ? (few ? `${i + 1} ${nameOf(b)}` : `${i + 1}`) : nameOf(b));
    map.signs.setAreaNames(told.map((b, i) => b.seat && { lon: b.seat[0], lat: b.seat[1], text: text(b, i) }).filter(Boolean));
    redraw();
  }
  for (const button of document.querySelectorAll("[data-show]")) button.addEventListener("click", () => {
    on[button.dataset.show] = !on[button.dataset.show];
    button.setAttribute("aria-pressed", String(on[button.dataset.show]));
    show();
  });
  const corners = [...borders.after, ...borders.before].flat();
  if (corners.length) map.fit(around(corners), 24);
  show();
}

/** Slanted lines that show the streets between them. */
function hatch(context, colour) {
  const tile = Object.assign(document.createElement("canvas"), { width: 8, height: 8 }), pen = tile.getContext("2d");
  pen.strokeStyle = colour;
  pen.globalAlpha = 0.45;
  pen.lineWidth = 1.5;
  for (const off of [-8, 0, 8]) { pen.moveTo(off, 8); pen.lineTo(off + 8, 0); }
  pen.stroke();
  return context.createPattern(tile, "repeat");
}
