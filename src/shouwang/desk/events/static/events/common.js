// What the pages of major events share: clocks, and areas drawn on the map.
import { now, span } from "../desk/desk.js";

/** Counts up from data-from, down to data-until; what is past its time says so. */
export function tick(el) {
  for (const one of el.querySelectorAll(".timer[data-from], .timer[data-until]")) {
    const { from, until } = one.dataset, left = until ? (Date.parse(until) - now()) / 1000 : 0;
    one.textContent = until ? span(Math.abs(left)) : span((now() - Date.parse(from)) / 1000);
    if (until) one.classList.toggle("over", left <= 0);
  }
}

const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Keeps areas on the map: areas() gives [{ring: [[lon, lat], …], name?, fresh?}]. Returns a function that draws them anew. */
export function drawAreas(map, areas) {
  return map.paint((context, { project }) => {
    for (const { ring, name, fresh } of areas()) {
      const points = ring.map(([lon, lat]) => project(lon, lat));
      if (!points.length) continue;
      context.beginPath();
      points.forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
      if (points.length > 2) context.closePath();
      context.strokeStyle = ink(fresh ? "--ok" : "--accent");
      context.fillStyle = context.strokeStyle;
      context.lineWidth = 3;
      context.setLineDash(fresh ? [8, 5] : []);
      context.stroke();
      context.globalAlpha = 0.1;
      context.fill();
      context.globalAlpha = 1;
      if (fresh) for (const { x, y } of points) { context.beginPath(); context.arc(x, y, 4, 0, 7); context.fill(); }
      if (!name) continue;
      const x = points.reduce((sum, p) => sum + p.x, 0) / points.length, y = points.reduce((sum, p) => sum + p.y, 0) / points.length;
      context.font = `600 14px ${ink("--font") || "sans-serif"}`;
      context.textAlign = "center";
      context.lineWidth = 4;
      context.setLineDash([]);
      context.strokeStyle = ink("--surface");
      context.strokeText(name, x, y);
      context.fillStyle = ink("--text");
      context.fillText(name, x, y);
    }
  });
}
