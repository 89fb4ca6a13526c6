// The place of a new check point: a click on the map, drawn once the form is folded open.
import { streetMap } from "../desk/map.js";

const box = document.querySelector(".rounds details"), lon = document.getElementById("lon"), lat = document.getElementById("lat");
let made = null;
async function draw() {
  if (!box.open || made) return;
  made = streetMap(document.getElementById("point-map"), { showLegend: false, onClick: (place) => { lon.value = place.lon.toFixed(6); lat.value = place.lat.toFixed(6); pin(); } });
  made.catch(() => { document.getElementById("point-map").hidden = true; });
  pin();
}
async function pin() { const map = await made, at = { lon: Number(lon.value), lat: Number(lat.value) }; map?.setPin(lon.value && lat.value ? at : null); }
box?.addEventListener("toggle", draw);
for (const field of [lon, lat]) field?.addEventListener("change", pin);
if (box) draw();
