// The grid on the map: how many matters are open in each cell, and where cells leave a gap or overlap.
import { complain } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

const { cells, flaws } = JSON.parse(document.getElementById("drawn").textContent);
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const STEPS = [[1, 0.14], [3, 0.32], [6, 0.55]]; // from so many on: how dark

async function draw() {
  const map = await streetMap(document.getElementById("map"), { showLegend: false, areas: [] });
  const redraw = map.paint((context, { project }) => {
    const trace = (rings) => {
      context.beginPath();
      for (const ring of rings) {
        ring.forEach(([lon, lat], i) => { const { x, y } = project(lon, lat); if (i) context.lineTo(x, y); else context.moveTo(x, y); });
        context.closePath();
      }
    };
    context.lineWidth = 0.6;
    context.strokeStyle = token("--accent");
    context.fillStyle = token("--accent");
    for (const { rings, n } of cells) {
      trace(rings);
      const alpha = STEPS.findLast(([from]) => n >= from)?.[1];
      if (alpha) { context.globalAlpha = alpha; context.fill("evenodd"); context.globalAlpha = 1; }
      context.stroke();
    }
    context.fillStyle = context.strokeStyle = token("--bad");
    context.lineWidth = 2.5;
    for (const { rings } of flaws) { trace(rings); context.globalAlpha = 0.6; context.fill("evenodd"); context.globalAlpha = 1; context.stroke(); }
  });
  const corners = (flaws.length ? flaws : cells).flatMap((c) => c.rings.flat());
  if (corners.length) map.fit(around(corners), 24);
  redraw();
  document.documentElement.dataset.grid = "ready";
}
draw().catch((problem) => complain(problem));
