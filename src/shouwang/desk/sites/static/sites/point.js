// A point for the form beside the map: by a street or crossing, by a click, or typed.
import { Problem, complain, getJson, nameOf } from "../desk/desk.js";
import { streetMap } from "../desk/map.js";

const el = document.getElementById("map"), form = document.querySelector("form[data-point]"), find = document.getElementById("find"), list = document.getElementById("found");
const fields = form && { lon: form.elements.lon, lat: form.elements.lat };
let map = null, rows = [], timer = 0, turn = 0;

const typed = () => (fields?.lon.value && fields.lat.value ? { lon: Number(fields.lon.value), lat: Number(fields.lat.value) } : el.dataset.lon ? { lon: Number(el.dataset.lon), lat: Number(el.dataset.lat) } : null);

function take({ lon, lat }, go = true) {
  if (fields) { fields.lon.value = lon.toFixed(6); fields.lat.value = lat.toFixed(6); }
  map?.setPin({ lon, lat });
  if (go) map?.goTo(lon, lat, 16);
}

async function open() {
  const here = typed(), onClick = fields && !("still" in el.dataset) ? (at) => take(at, false) : undefined;
  map = await streetMap(el, { showLegend: false, onClick });
  const now = typed() ?? here; // chosen while the map was loading
  if (now) { map.setPin(now); map.goTo(now.lon, now.lat, 16); }
}

if (el) {
  const fold = el.closest("details");
  const start = () => open().catch((problem) => complain(problem));
  if (fold && !fold.open) fold.addEventListener("toggle", start, { once: true }); else start();
}
for (const field of Object.values(fields ?? {})) field.addEventListener("change", () => { const at = typed(); if (at && Number.isFinite(at.lon) && Number.isFinite(at.lat)) map?.setPin(at); });

find?.addEventListener("input", () => {
  clearTimeout(timer);
  const text = find.value.trim(), chosen = rows.find((r) => nameOf(r) === text), mine = ++turn;
  if (chosen) { take(chosen); return; }
  if (text.length < 2) return;
  timer = setTimeout(async () => {
    try {
      const found = await getJson(`/api/places?q=${encodeURIComponent(text.slice(0, 80))}`);
      if (mine !== turn) return;
      rows = found;
      list.replaceChildren(...rows.map((r) => Object.assign(document.createElement("option"), { value: nameOf(r) })));
    } catch (problem) { if (!(problem instanceof Problem)) throw problem; }
  }, 200);
});
find?.addEventListener("keydown", (e) => {
  if (e.key !== "Enter") return;
  e.preventDefault(); // the form is sent by its button alone
  const chosen = rows.find((r) => nameOf(r) === find.value.trim()) ?? rows[0];
  if (chosen) take(chosen);
});
