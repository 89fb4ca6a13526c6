// The map of squares, the printer's button, and a form that leaves out of the address what is as usual.
import { complain, fill, getJson, html } from "../desk/desk.js";
import { around, streetMap } from "../desk/map.js";

document.body.addEventListener("click", (e) => { if (e.target.closest("[data-print]")) print(); });

const form = document.getElementById("filter");
form?.addEventListener("submit", () => {
  for (const field of form.elements) if (field.name && field.value === "" && field.type !== "checkbox") field.disabled = true;
  setTimeout(() => { for (const field of form.elements) field.disabled = false; });
});
window.addEventListener("pageshow", () => { for (const field of form?.elements ?? []) field.disabled = false; });

// The kinds to choose from close like any other list.
const kinds = document.querySelector(".an-kinds details");
document.addEventListener("click", (e) => { if (kinds?.open && !kinds.contains(e.target)) kinds.open = false; });
document.addEventListener("keydown", (e) => {
  if (e.key !== "Escape" || !kinds?.open) return;
  kinds.open = false;
  kinds.querySelector("summary").focus();
});

const el = document.getElementById("map");
if (el) show(el).catch(complain);

async function show(el) {
  const told = await getJson(el.dataset.squares), dy = (told.cell_m / 2) / 111195;
  /** To the calls of the square that was clicked, for who may see them. */
  const onClick = ({ lon, lat }) => {
    const dx = dy / Math.cos((lat * Math.PI) / 180);
    const at = told.lon.findIndex((x, i) => Math.abs(x - lon) <= dx && Math.abs(told.lat[i] - lat) <= dy);
    if (at >= 0) location.href = `${el.dataset.squares.replace("map.json", "calls/")}&cell=${told.cell[at]}`;
  };
  const map = await streetMap(el, { showLegend: false, onClick: told.cell && onClick });
  map.setCells({ type: "FeatureCollection", features: told.lon.map((lon, i) => {
    const lat = told.lat[i], dx = dy / Math.cos((lat * Math.PI) / 180);
    const ring = [[lon - dx, lat - dy], [lon + dx, lat - dy], [lon + dx, lat + dy], [lon - dx, lat + dy], [lon - dx, lat - dy]];
    return { type: "Feature", properties: { q: told.q[i] }, geometry: { type: "Polygon", coordinates: [ring] } };
  }) });
  if (told.lon.length) map.fit(around(told.lon.map((lon, i) => [lon, told.lat[i]])), 24);
  const from = [1, ...told.steps], legend = document.getElementById("legend");
  legend.innerHTML = html`${from.map((low, i) => html`<span><i class="q${i + 1}"></i>${i === from.length - 1
    ? fill(gettext("%(n)s and more"), { n: low }) : from[i + 1] - 1 > low ? `${low}–${from[i + 1] - 1}` : low}</span>`)}`;
  legend.hidden = !told.lon.length;
}
